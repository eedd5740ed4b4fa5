"""What a reviewer signs: items, each with everything that its signature covers and where that is written.

The book shows these parts and a signature holds their digest, so what was read is what was signed.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from tgbot.content import Answer, ForeignWords, Source
from tgbot.followup.protocol import Branch
from tgbot.followup.times import hours_or_days
from tgbot.packs.finder_files import DETECTION, LANGUAGE, DetectionFile, LanguageFile
from tgbot.packs.foreign_files import FOLDER, WORDS
from tgbot.packs.loader import Opened, open_pack
from tgbot.packs.protocol_file import FollowUpWords, PlanFile, read_follow_up
from tgbot.packs.yaml_files import Document, Folder, Sheet, Where, text_at

STANDING = "standing-"  # before why “get help today” stands, in the ids of the plan
ADVICE = "advice-"  # before words that no step says, in the same
FINDING = ("ideas", "stop_words", "openers")  # of language.yaml, by which answers are found; not signed
BACKGROUND = "background-"  # before who needs another road than most, in the same


class ItemKind(StrEnum):
    """Items of different kinds are signed separately: who may judge an answer may not judge a plan."""

    ANSWER = "answer"
    CARD = "card"
    SIGN = "sign"
    PLAN = "plan"
    WORDS = "words"
    NUMBER = "number"
    FOREIGN = "foreign"
    RULES = "rules"


PLURAL = {
    ItemKind.ANSWER: "answers",
    ItemKind.CARD: "cards",
    ItemKind.SIGN: "warning signs",
    ItemKind.PLAN: "parts of the plan",
    ItemKind.WORDS: "groups of other words",
    ItemKind.NUMBER: "emergency numbers",
    ItemKind.FOREIGN: "other languages",
    ItemKind.RULES: "sets of rules for reading",
}


@dataclass(frozen=True, slots=True)
class ItemPart:
    """One thing that is signed: its name, its text, and its file and line in the pack."""

    name: str
    text: str
    file: str
    line: int


@dataclass(frozen=True)
class Item:
    """What is signed as one. `id` is permanent; `locale` is the language of its words."""

    kind: ItemKind
    id: str
    title: str
    locale: str
    parts: tuple[ItemPart, ...]

    @property
    def key(self) -> str:
        """How a signature names it, such as answer/treat-best."""
        return f"{self.kind}/{self.id}"

    @property
    def places(self) -> list[str]:
        """Where it is written: each of its files, with the line where it begins there."""
        first: dict[str, int] = {}
        for part in self.parts:
            first.setdefault(part.file, part.line)  # a sign's own rules come before the words that many share
        return [f"{file}:{line}" for file, line in first.items()]

    @cached_property
    def digest(self) -> str:
        """Changes with every letter of every part, and differs between items that say the same."""
        said = [self.locale, self.key, [[part.name, part.text] for part in self.parts]]
        written = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(written.encode()).hexdigest()[:40]


@dataclass(frozen=True, slots=True)
class Read:
    """The files that hold what is signed, as they were read."""

    opened: Opened
    plan: Sheet[PlanFile]
    words: Sheet[FollowUpWords]
    detection: Sheet[DetectionFile]
    language: Sheet[LanguageFile]
    foreign: Mapping[str, tuple[Sheet[ForeignWords], str]]  # by language, with the text of its phrases


def read(root: Path, locale: str, opened: Opened | None = None) -> Read:
    """The files of the pack in `root`. Raises PackErrors."""
    opened, folder = opened or open_pack(root, locale), Folder(root)
    plan, words = read_follow_up(folder, locale, opened.pack.red_flags)
    detection = folder.sheet(f"{locale}/detection.yaml", DETECTION)
    language = folder.sheet(f"{locale}/language.yaml", LANGUAGE)
    foreign = {}
    for code in opened.pack.foreign:
        if sheet := folder.sheet(f"{FOLDER}/{code}.yaml", WORDS):
            foreign[code] = sheet, text_at(root / FOLDER / f"{code}.txt", f"{FOLDER}/{code}.txt")
    folder.done()
    # Nothing is missing now; the conditions say so to the type checker.
    if not (plan and words and detection and language):
        raise AssertionError("a file is missing and no problem was kept")
    return Read(opened, plan, words, detection, language, foreign)


def items(files: Read) -> dict[str, Item]:
    """Everything there is to sign, by key, in the order of the book."""
    locale = files.opened.pack.locale
    found = [
        Item(kind, id, title, locale, tuple(parts))
        for kind, id, title, parts in (
            *_answers(files.opened),
            *_cards(files.opened),
            *_signs(files),
            *_plan(files),
            *_words(files),
            *_numbers(files.opened),
            *_foreign(files),
            *_reading(files),
        )
    ]
    return {item.key: item for item in found}


_Row = tuple[ItemKind, str, str, Iterable[ItemPart]]


def _answers(opened: Opened) -> Iterator[_Row]:
    for sheet in opened.answers:
        yield ItemKind.ANSWER, sheet.value.id, sheet.value.question, _answer(sheet, opened.sources)


def _answer(sheet: Sheet[Answer], sources: Sheet[dict[str, Source]]) -> Iterator[ItemPart]:
    answer, document = sheet.value, sheet.document
    for name in ("question", "label", "short", "body", "more", "written"):
        if name == "more" and not answer.more:
            continue
        yield _part(document, (name,), name, getattr(answer, name))
    for index, claim in enumerate(answer.claims):
        said = f"{claim.verdict} – {_told(claim.sources)}"
        yield _part(document, ("claims", index), f"claim {claim.id}", said)
    for key, listed in (("sources", answer.sources), ("more_sources", answer.more_sources)):
        for index, id in enumerate(listed):
            said = _told({**_fields(sources.value[id]), "id": id})
            yield _part(document, (key, index), f"source {id}", said)


def _cards(opened: Opened) -> Iterator[_Row]:
    document = opened.red_flags.document
    for index, card in enumerate(opened.red_flags.value.cards):
        yield ItemKind.CARD, card.id, f"Card “{card.id}”", _parts(document, ("cards", index), card)


def _signs(files: Read) -> Iterator[_Row]:
    sheet = files.opened.red_flags
    for index, sign in enumerate(sheet.value.signs):
        parts = _parts(sheet.document, ("signs", index), sign)
        yield ItemKind.SIGN, sign.id, sign.label, [*parts, *_rules(files.detection, sign.id)]


def _rules(detection: Sheet[DetectionFile], sign: str) -> Iterator[ItemPart]:
    """The rules that recognise a sign, and the ideas they name: a rule means what its words mean."""
    rules = detection.value.rules.get(sign, ())
    for index, rule in enumerate(rules):
        yield _part(detection.document, ("rules", sign, index), f"rule {index + 1}", rule)
    yield from _ideas(detection, _named(rules))


def _named(rules: Iterable[str]) -> set[str]:
    """The ideas in the text of some rules, among other words."""
    return set(" ".join(rules).replace("&", " ").replace("|", " ").replace(">", " ").split())


def _ideas(detection: Sheet[DetectionFile], named: Collection[str]) -> Iterator[ItemPart]:
    found, document = detection.value, detection.document
    for idea in sorted(found.lexicon.keys() & named):
        yield _part(document, ("lexicon", idea), f"idea {idea}", found.lexicon[idea])
    for idea in sorted(found.numbers.keys() & named):
        yield _part(document, ("numbers", idea), f"number {idea}", found.numbers[idea])


def _plan(files: Read) -> Iterator[_Row]:
    plan, document = files.plan.value, files.plan.document
    said: set[str] = set()
    for index, step in enumerate(plan.steps):
        where: Where = ("steps", index)
        parts = _parts(document, where, step, but=("branches",))
        for felt, branch in step.branches.items():
            parts += _branch(files, (*where, "branches", felt), felt, branch)
            said.add(branch.advice)
        yield ItemKind.PLAN, step.id, step.purpose, parts
    for reason, by_seen in plan.standing.items():
        parts = []
        for seen, branches in by_seen.items():
            for felt, branch in branches.items():
                parts += _branch(files, ("standing", reason, seen, felt), f"seen {seen}, {felt}", branch)
                said.add(branch.advice)
        yield (
            ItemKind.PLAN,
            f"{STANDING}{reason}",
            f"“Get help today” still stands, told for: {reason}",
            parts,
        )
    for name in files.words.value.advice:
        if name not in said:
            yield ItemKind.PLAN, f"{ADVICE}{name}", f"Advice “{name}”", _advice(files.words, name, "")
    for background in plan.background:
        yield (
            ItemKind.PLAN,
            f"{BACKGROUND}{background.id}",
            f"Asked at the start: {background.id}",
            (
                _part(document, ("background",), "background", _told(_fields(background))),
                *_parts(
                    files.words.document,
                    ("background", background.id),
                    files.words.value.background[background.id],
                ),
            ),
        )
    yield ItemKind.PLAN, "rules", "The safety question and the rules of the plan", _plan_rules(files)


def _plan_rules(files: Read) -> Iterator[ItemPart]:
    plan, document = files.plan.value, files.plan.document
    yield from _parts(document, (), plan, but=("steps", "signs", "rules", "standing", "background"))
    for name, value in _fields(plan.rules).items():
        yield _part(document, ("rules", name), f"rule {name}", value)
    for index, sign in enumerate(plan.signs):
        yield _part(document, ("signs", index), f"sign {sign.id}", _told(_fields(sign)))
    for name, words in files.words.value.signs.items():
        where: Where = ("signs", name)
        yield _part(files.words.document, where, f"sign {name}: words", _told(_fields(words)))


def _branch(files: Read, where: Where, name: str, branch: Branch) -> Iterator[ItemPart]:
    yield _part(files.plan.document, where, f"{name}: then", branch.next)
    yield from _advice(files.words, branch.advice, f"{name}: ")


def _advice(words: Sheet[FollowUpWords], name: str, before: str) -> Iterator[ItemPart]:
    advice = words.value.advice[name]
    for field, value in _fields(advice).items():
        yield _part(words.document, ("advice", name, field), f"{before}{name}, {field}", value)


def _words(files: Read) -> Iterator[_Row]:
    """Every other sentence, grouped by the first word of its key."""
    ui, words, topics = files.opened.ui, files.words, files.opened.topics
    groups: dict[str, list[ItemPart]] = {}
    for key, text in ui.value.items():
        groups.setdefault(key.partition(".")[0], []).append(_part(ui.document, (key,), key, text))
    for key, text in words.value.words.items():
        part = _part(words.document, ("words", key), key, text)
        groups.setdefault(key.partition(".")[0], []).append(part)
    groups.setdefault("topic", []).extend(
        _part(topics.document, (index, "title"), f"topic {topic.id}", topic.title)
        for index, topic in enumerate(topics.value)
    )
    for name, parts in groups.items():
        yield ItemKind.WORDS, name.replace("_", "-"), f"Words “{name.replace('_', ' ')}”", parts


def _numbers(opened: Opened) -> Iterator[_Row]:
    for iso, country in opened.countries.value.items():
        parts = _parts(opened.countries.document, (iso,), country, but=("iso",))
        yield ItemKind.NUMBER, iso, country.name, parts


def _foreign(files: Read) -> Iterator[_Row]:
    """What is said to somebody who writes in another language, and what is understood of it."""
    for code, (sheet, phrases) in files.foreign.items():
        understood = ItemPart("understood", phrases.strip(), f"{FOLDER}/{code}.txt", 1)
        parts = _parts(sheet.document, (), sheet.value)
        yield ItemKind.FOREIGN, code, sheet.value.name, [*parts, understood]


def _reading(files: Read) -> Iterator[_Row]:
    """What is understood, and taken back, of whatever is typed."""
    detection, language, talk = files.detection, files.language, files.opened.talk
    scopes = _parts(detection.document, ("scopes",), detection.value.scopes)
    yield ItemKind.RULES, "scopes", "What takes a warning sign back, and what does not", scopes
    yield ItemKind.RULES, "complaints", "What tells of pain and of no sign", _complaints(detection)
    yield ItemKind.RULES, "ideas", "Idioms, and phrases that stand in no rule", _unnamed(detection)
    parts = _parts(language.document, (), language.value, but=("quantities", "names", *FINDING))
    parts += _parts(language.document, ("names",), language.value.names)
    parts += _each(language.document, ("quantities",), "quantity", language.value.quantities)
    yield ItemKind.RULES, "language", "How words and numbers are read", parts
    parts = _parts(talk.document, (), talk.value, but=("meanings", "times"))
    parts += _parts(talk.document, ("times",), talk.value.times)
    parts += _each(talk.document, ("meanings",), "meaning", talk.value.meanings)
    yield ItemKind.RULES, "conversation", "What people say to the bot itself, and what comes of it", parts


def _complaints(detection: Sheet[DetectionFile]) -> Iterator[ItemPart]:
    found, document = detection.value, detection.document
    yield _part(document, ("plain_answers",), "plain answers", found.plain_answers)
    for index, rule in enumerate(found.complaints):
        yield _part(document, ("complaints", index), f"rule {index + 1}", rule)
    yield from _ideas(detection, _named(found.complaints))


def _unnamed(detection: Sheet[DetectionFile]) -> Iterator[ItemPart]:
    found = detection.value
    named = _named(rule for rules in (*found.rules.values(), found.complaints) for rule in rules)
    yield from _ideas(detection, (found.lexicon.keys() | found.numbers.keys()) - named)


def _each(document: Document, where: Where, name: str, listed: Iterable[object]) -> Iterator[ItemPart]:
    """A part for each of a list, by its id if it has one."""
    for index, value in enumerate(listed):
        called = getattr(value, "id", index + 1)
        yield _part(document, (*where, index), f"{name} {called}", _told(_fields(value)))


def _parts(document: Document, where: Where, value: object, but: Collection[str] = ()) -> list[ItemPart]:
    """A part for each field of a dataclass, `but` those."""
    return [
        _part(document, (*where, name), name, held)
        for name, held in _fields(value).items()
        if name not in but
    ]


def _part(document: Document, where: Where, name: str, value: object) -> ItemPart:
    return ItemPart(name, _told(value), document.file, document.texts.get(where, document.line(where)))


def _fields(value: object) -> dict[str, object]:
    """A dataclass's fields but its id, what is empty, and what is as usual: a field added later, which has to
    have a default, unsigns nothing."""
    every = {field: getattr(value, field.name) for field in fields(value)}  # type: ignore[arg-type]
    return {
        field.name: held
        for field, held in every.items()
        if field.name != "id" and held not in (None, (), "", frozenset(), _usual(field))
    }


def _usual(field: Field[object]) -> object:
    return field.default if field.default_factory is MISSING else field.default_factory()


def _told(value: object) -> str:
    """A value as a person reads it, the same on every machine."""
    match value:
        case None:
            return ""
        case Mapping():
            return "; ".join(f"{name}: {_told(held)}" for name, held in value.items())
        case timedelta():
            return hours_or_days(value)
        case frozenset():
            return ", ".join(sorted(_told(held) for held in value))
        case tuple() | list():
            return ", ".join(_told(held) for held in value)
        case _:
            return str(value).strip()
