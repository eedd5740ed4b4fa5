"""What items said earlier: as they were signed, or in another copy of the pack."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from tgbot.errors import BackcheckError
from tgbot.packs.review.items import Item, ItemPart, items, read
from tgbot.packs.review.signatures import FILE, Signature, of_pack
from tgbot.packs.review.signing import words_signed

EarlierParts = Sequence[ItemPart]


class SinceError(BackcheckError):
    """`--since` names nothing that can be compared with."""

    def __init__(self, since: str) -> None:
        said = f"{since} is no day, no {FILE} and no pack's folder: --since takes one of these."
        super().__init__(said)


def earlier(root: Path, since: str, locale: str, now: Mapping[str, Item]) -> dict[str, EarlierParts | None]:
    """The parts of every item as `since` has them; None for one that it does not have.

    A day: as last signed until then. A signatures.yaml: as last signed there. A folder: as that pack says.
    """
    place = Path(since)
    if place.is_dir():
        return {key: item.parts for key, item in items(read(place, locale)).items()}
    if place.is_file():
        return _signed(of_pack(place.parent), place.parent, locale, now, date.max)
    if since == FILE:
        return _signed(of_pack(root), root, locale, now, date.max)
    try:
        day = date.fromisoformat(since)
    except ValueError:
        raise SinceError(since) from None
    return _signed(of_pack(root), root, locale, now, day)


def _signed(
    signatures: Sequence[Signature], root: Path, locale: str, now: Mapping[str, Item], until: date
) -> dict[str, EarlierParts | None]:
    """The latest signature of each item, and the words that were kept with it."""
    kept, found = words_signed(root), dict[str, EarlierParts | None](dict.fromkeys(now))
    for signature in sorted(signatures, key=lambda one: one.on):
        if signature.language == locale and signature.on <= until:
            for key, digest in signature.items.items():
                if key in now and now[key].digest == digest:
                    found[key] = now[key].parts
                elif digest in kept:
                    found[key] = kept[digest]
    return found
