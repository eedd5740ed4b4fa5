"""What reviewers leave: their signatures, and what they ticked and wrote in the book.

signatures.yaml says who signed which items, each with the digest of exactly what was signed. A digest shows
that the words are those that were signed. It does not show who wrote the name beside it: whoever may change
the file may sign (docs/review.md). Ticks and notes come as the JSON file that the book saves.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

import yaml
from pydantic import ValidationError

from tgbot.content import Review
from tgbot.errors import BackcheckError
from tgbot.packs.loader import Opened
from tgbot.packs.review_items import PLURAL, Item, ItemPart, items, read
from tgbot.packs.writing import write_whole
from tgbot.packs.yaml_files import Folder, Problem, Sheet, Where, shape

FILE = "signatures.yaml"
LONGEST = timedelta(days=731)  # two years, one of them a leap year
ROLES = (
    "general practitioner",
    "physician",
    "emergency physician",
    "physiotherapist",
    "pharmacist",
    "nurse",
    "paramedic",
    "midwife",
    "osteopath",
    "chiropractor",
    "psychologist",
    "clinical safety officer",
)
_NUMBER = re.compile(r"(?=.*\d)[\w./ -]{3,}")


@dataclass(frozen=True, slots=True)
class Signature:
    """One person's signature under some items: `items` maps each to the digest of what was signed.

    `body` registers the person's profession under `number`; `until` is the last day on which it counts.
    """

    name: str
    role: str
    body: str
    number: str
    scope: str
    on: date
    until: date
    language: str
    items: Mapping[str, str]

    @property
    def person(self) -> tuple[str, str]:
        """Who it is, whatever the spelling of the name."""
        return self.body.casefold().strip(), re.sub(r"\W", "", self.number).casefold()

    @property
    def shown(self) -> str:
        """What a reader is told of them."""
        return f"{self.name}, {self.role}"


SHAPE = shape(tuple[Signature, ...])


class SignatureState(StrEnum):
    """What an item's signatures are worth today."""

    UNREVIEWED = "unreviewed"
    SIGNED = "signed"
    NEEDS_ANOTHER = "needs another signature"
    CHANGED = "changed since it was signed"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class SignatureStanding:
    """An item's state, and the signatures that it rests on: the latest of each person, newest first."""

    state: SignatureState
    by: tuple[Signature, ...] = ()

    def __str__(self) -> str:
        names = " and ".join(f"{s.shown}, {s.on} until {s.until}" for s in self.by)
        return f"{self.state} – {names}" if names else str(self.state)


def read_signatures(folder: Folder) -> Sheet[tuple[Signature, ...]] | None:
    """The signatures of a pack; None if it has none, or none that can be read (see the folder's problems)."""
    return folder.sheet(FILE, SHAPE) if (folder.root / FILE).exists() else None


def of_pack(root: Path) -> tuple[Signature, ...]:
    """The signatures of the pack in `root`. Raises PackErrors."""
    folder = Folder(root)
    sheet = read_signatures(folder)
    folder.done()
    return sheet.value if sheet else ()


def faults(signature: Signature) -> Iterator[tuple[str, str]]:
    """What makes a signature worth nothing, by its field. What time does to it is not its fault."""
    if not _is_name(signature.name):
        yield "name", "must be a person's name, given name and surname"
    if signature.role not in ROLES:
        yield "role", f"`{signature.role}` is not a role that may sign: {', '.join(ROLES)}"
    if len(signature.body.strip()) < 2:
        yield "body", "must name who registers this profession"
    if not _NUMBER.fullmatch(signature.number.strip()):
        yield "number", "must be a registration number"
    if not signature.scope.strip():
        yield "scope", "must say what was reviewed"
    if signature.until < signature.on:
        yield "until", f"`until` ({signature.until}) is before `on` ({signature.on})"
    elif signature.until - signature.on > LONGEST:
        yield "until", "is more than two years after `on`"


def reviews(signatures: Iterable[Signature], items: Mapping[str, Item], needed: int) -> dict[str, Review]:
    """Each item that enough people signed as it stands, with all of their dates: whoever shows one looks at
    the day."""
    sound = [signature for signature in signatures if not any(faults(signature))]
    found = {}
    for key, item in items.items():
        people = _latest(signature for signature in sound if _fits(signature, item))[:needed]
        if len(people) == needed:
            by = " and ".join(signature.shown for signature in people)
            on, until = max(s.on for s in people), min(s.until for s in people)
            found[key] = Review(by, on, until)
    return found


def standing(signatures: Sequence[Signature], item: Item, needed: int, today: date) -> SignatureStanding:
    """What the signatures of one item are worth today."""
    sound = [s for s in signatures if item.key in s.items and s.language == item.locale]
    sound = [s for s in sound if not any(faults(s)) and s.on <= today]
    fitting = [s for s in sound if _fits(s, item)]
    good = _latest(s for s in fitting if today <= s.until)
    if len(good) >= needed:
        return SignatureStanding(SignatureState.SIGNED, good[:needed])
    if good:
        return SignatureStanding(SignatureState.NEEDS_ANOTHER, good)
    if fitting:
        return SignatureStanding(SignatureState.LAPSED, _latest(fitting))
    if sound:
        return SignatureStanding(SignatureState.CHANGED, _latest(sound))
    return SignatureStanding(SignatureState.UNREVIEWED)


def problems(
    sheet: Sheet[tuple[Signature, ...]], items: Mapping[str, Item], today: date
) -> Iterator[Problem]:
    """What is wrong with the file itself: signatures that are worth nothing, or under no item."""
    digests = {item.digest: key for key, item in items.items()}
    locales = {item.locale for item in items.values()}
    for index, signature in enumerate(sheet.value):
        for field, sentence in faults(signature):
            yield sheet.document.problem((index, field), sentence)
        if signature.on > today:
            yield sheet.document.problem((index, "on"), f"is signed in the future ({signature.on})")
        if signature.language not in locales:
            continue  # it belongs to another language of this pack
        for key, digest in signature.items.items():
            where: Where = (index, "items", key)
            if key not in items:
                yield sheet.document.problem(where, f"`{key}` is not in this pack")
            elif digests.get(digest, key) != key:
                said = f"`{key}` has the digest of {digests[digest]}; was it copied?"
                yield sheet.document.problem(where, said)


def _fits(signature: Signature, item: Item) -> bool:
    return signature.language == item.locale and signature.items.get(item.key) == item.digest


def _latest(signatures: Iterable[Signature]) -> tuple[Signature, ...]:
    """One signature a person, that which holds longest; the longest first."""
    people: dict[tuple[str, str], Signature] = {}
    for signature in sorted(signatures, key=lambda s: (s.until, s.on), reverse=True):
        people.setdefault(signature.person, signature)
    return tuple(people.values())


def _is_name(text: str) -> bool:
    """Two words at least, in any script, and no figure."""
    words = text.split()
    return (
        len(words) > 1 and all(any(map(str.isalpha, word)) for word in words) and not re.search(r"\d", text)
    )


@dataclass(frozen=True, slots=True)
class Ledger:
    """Every item with its standing, and what is wrong with the signatures themselves."""

    items: Mapping[str, Item]
    standings: Mapping[str, SignatureStanding]
    problems: tuple[Problem, ...]

    @property
    def unsigned(self) -> str | None:
        """How many of each kind are not signed as they stand, or None if all are."""
        every = Counter(item.kind for item in self.items.values())
        lacking = Counter(
            self.items[key].kind
            for key, found in self.standings.items()
            if found.state is not SignatureState.SIGNED
        )
        said = [f"{lacking[kind]} of {every[kind]} {PLURAL[kind]}" for kind in PLURAL if lacking[kind]]
        return ", ".join(said) or None


def ledger(root: Path, locale: str, today: date, opened: Opened | None = None) -> Ledger:
    """The ledger of the pack in `root`. Raises PackErrors if it cannot be used or signatures.yaml be read."""
    files, folder = read(root, locale, opened), Folder(root)
    every, sheet = items(files), read_signatures(folder)
    folder.done()
    signed, needed = sheet.value if sheet else (), files.opened.about.value.signatures_needed
    return Ledger(
        items=every,
        standings={key: standing(signed, item, needed, today) for key, item in every.items()},
        problems=tuple(problems(sheet, every, today)) if sheet else (),
    )


_QUOTED_DATE = re.compile(r"'?\b(on|until)'?: '([0-9-]+)'")
SIGNED = "signed.json"  # digest → the parts as they were signed
_HEAD = (
    "# Who signed which items, each with the digest of exactly what was signed. `backcheck sign` writes it.\n"
    "# A change to an item's words, sources or rules makes its digest another, and a signature void.\n"
)


class SigningError(BackcheckError):
    """What was asked to be signed cannot be, or not by this person."""


def chosen(names: Iterable[str], items: Mapping[str, Item]) -> list[Item]:
    """The items that `names` name: keys or patterns such as answer/*. Raises SigningError."""
    found: dict[str, Item] = {}
    for name in names:
        matching = {key: item for key, item in items.items() if fnmatchcase(key, name)}
        if not matching:
            raise SigningError(f"There is no item {name}; `backcheck sign --verify` lists them.")
        found |= matching
    return list(found.values())


def sign(root: Path, by: Signature, items: Sequence[Item]) -> Signature:
    """Add `by`'s signature under `items` to the pack in `root`. Raises SigningError with every fault."""
    if wrong := [f"{field}: {sentence}" for field, sentence in faults(by)]:
        raise SigningError(*wrong)
    signed = replace(by, items={item.key: item.digest for item in items})
    path = root / FILE
    before = path.read_text(encoding="utf-8") if path.exists() else _HEAD
    record = asdict(signed) | {"on": str(signed.on), "until": str(signed.until)}
    written = yaml.safe_dump([record], sort_keys=False, allow_unicode=True, width=110)
    written = _QUOTED_DATE.sub(r"\1: \2", written)  # a pack's YAML needs no quotes there
    _keep_words(root, items)
    write_whole(path, f"{before.rstrip()}\n\n{written}")
    return signed


def words_signed(root: Path) -> dict[str, tuple[ItemPart, ...]]:
    """What was signed, by digest: for showing old words beside new ones. Nothing trusts it: an entry that
    does not give its own digest is left out by whoever compares."""
    path = root / SIGNED
    if not path.exists():
        return {}
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return {digest: tuple(_parts(rows)) for digest, rows in kept.items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise SigningError(f"{path} is not what `backcheck sign` writes ({error}).") from None


def _parts(rows: Iterable[Sequence[str]]) -> Iterator[ItemPart]:
    for name, text in rows:
        yield ItemPart(str(name), str(text), "", 0)


def _keep_words(root: Path, items: Iterable[Item]) -> None:
    kept = {**words_signed(root), **{item.digest: tuple(item.parts) for item in items}}
    rows = {digest: [[part.name, part.text] for part in parts] for digest, parts in kept.items()}
    write_whole(root / SIGNED, json.dumps(rows, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


LARGEST = 4 * 1024 * 1024  # bytes; a note on every item is a tenth of it


class CommentsError(BackcheckError):
    """The file is not what the review book saves."""


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Who reviewed, as they wrote it; nothing here is checked before it is signed with."""

    name: str = ""
    role: str = ""
    body: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class Comment:
    """One item's tick and note. `digest` is that of the item in the book that was read."""

    item: str
    digest: str
    verdict: Literal["agree", "change", "reject", ""]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Comments:
    """A whole file."""

    pack: str
    locale: str
    made: str
    reviewer: Reviewer
    comments: tuple[Comment, ...]

    def agreed(self, items: Mapping[str, Item]) -> list[Item]:
        """What may be signed: agreed to, without a change in the words since."""
        agreed = [comment for comment in self.comments if comment.verdict == "agree"]
        return [items[c.item] for c in agreed if c.item in items and items[c.item].digest == c.digest]

    def outdated(self, items: Mapping[str, Item]) -> list[str]:
        """What was agreed to in other words than are there now, or is there no more."""
        agreed = [comment for comment in self.comments if comment.verdict == "agree"]
        return [c.item for c in agreed if c.item not in items or items[c.item].digest != c.digest]


_SHAPE = shape(Comments)


def read_comments(path: Path) -> Comments:
    """The comments in the file at `path`. Raises CommentsError."""
    try:
        if path.stat().st_size > LARGEST:
            raise CommentsError(f"{path} is larger than the book ever saves.")
        return _SHAPE.validate_python((json.loads(path.read_bytes()),))[0]
    except OSError as error:
        raise CommentsError(f"{path} cannot be read ({error.strerror}).") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"][1:])) or "the file"
        said = f"{path} is not what the review book saves ({where}: {first['msg']})."
        raise CommentsError(said) from None
    except (ValueError, RecursionError) as error:
        raise CommentsError(f"{path} is not what the review book saves ({error}).") from None


def todo(comments: Comments, items: Mapping[str, Item]) -> list[tuple[Comment, Item | None]]:
    """What asks for a change, in the order of the book; None is an item that is not there any more."""
    order = {key: place for place, key in enumerate(items)}
    asked = [c for c in comments.comments if c.verdict in ("change", "reject") or (c.note and not c.verdict)]
    asked += [c for c in comments.comments if c.verdict == "agree" and c.note]
    asked.sort(key=lambda comment: order.get(comment.item, len(order)))
    return [(comment, items.get(comment.item)) for comment in asked]
