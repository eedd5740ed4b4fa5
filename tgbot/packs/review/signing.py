"""Signing: a record is added to signatures.yaml, and what was signed is kept beside it, word for word."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from fnmatch import fnmatchcase
from pathlib import Path

import yaml

from tgbot.errors import BackcheckError
from tgbot.packs.review.items import Item, ItemPart
from tgbot.packs.review.signatures import FILE, Signature, faults

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
    _keep_words(root / SIGNED, items)
    path.write_text(f"{before.rstrip()}\n\n{written}", encoding="utf-8")
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


def _keep_words(path: Path, items: Iterable[Item]) -> None:
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for item in items:
        kept[item.digest] = [[part.name, part.text] for part in item.parts]
    path.write_text(json.dumps(kept, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
