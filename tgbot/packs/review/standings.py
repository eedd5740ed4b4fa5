"""What all signatures of a pack are worth today, item by item, and in one sentence."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tgbot.packs.folder import Folder
from tgbot.packs.loader import Opened
from tgbot.packs.pack_errors import Problem
from tgbot.packs.review import signatures
from tgbot.packs.review.items import PLURAL, Item, items, read
from tgbot.packs.review.signatures import SignatureStanding, SignatureState, problems, standing


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
    every, sheet = items(files), signatures.read(folder)
    folder.done()
    signed, needed = sheet.value if sheet else (), files.opened.about.value.signatures_needed
    return Ledger(
        items=every,
        standings={key: standing(signed, item, needed, today) for key, item in every.items()},
        problems=tuple(problems(sheet, every, today)) if sheet else (),
    )
