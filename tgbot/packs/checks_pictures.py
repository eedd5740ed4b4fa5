"""Whether the chart and the card can show the words of a pack: a letter that no font has is a box there."""

import unicodedata
from collections.abc import Callable, Iterator

from tgbot.packs.check_findings import CheckFinding, warning
from tgbot.packs.folder import Sheet
from tgbot.packs.protocol_file import FollowUpWords
from tgbot.packs.yamlfile import Where

ALWAYS = frozenset((*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x2010, 0x2028)))  # in shipped fonts
_SHOWN = ("picture.", "page.", "label.")  # the keys of what stands on a chart or a card
_MOST = 20  # letters that are listed; more of them say no more
_UNSEEN = ("C", "Z")  # what joins, turns or separates has no picture of its own


def check_letters(
    sheet: Sheet[FollowUpWords], letters: Callable[[], frozenset[int] | None]
) -> Iterator[CheckFinding]:
    """One warning, at the first sentence that needs a letter which is not among `letters`.

    Fonts take a second to open, so they are not where all letters are ALWAYS there.
    """
    lacking = _lacking(sheet, ALWAYS)
    there = letters() if lacking else None
    lacking = _lacking(sheet, there) if there is not None else []
    if not lacking:
        return
    every = sorted(set().union(*(missing for _, missing in lacking)))
    listed = "".join(every[:_MOST]) + ("…" if len(every) > _MOST else "")
    said = (
        f"no font here has {listed}, so boxes stand on the chart and the card (lines: {len(lacking)}); "
        "set BACKCHECK_FONT to a font that has them"
    )
    first = min((sheet.document.line(where), where) for where, _ in lacking)[1]
    yield warning("letters", sheet.document.problem(first, said))


def _lacking(sheet: Sheet[FollowUpWords], letters: frozenset[int]) -> list[tuple[Where, set[str]]]:
    return [(where, missing) for where, said in _shown(sheet.value) if (missing := _missing(said, letters))]


def _shown(told: FollowUpWords) -> Iterator[tuple[Where, str]]:
    for name, sign in told.signs.items():
        yield ("signs", name, "long"), sign.long
    for key, said in told.words.items():
        if key.startswith(_SHOWN):
            yield ("words", key), said


def _missing(said: str, letters: frozenset[int]) -> set[str]:
    return {one for one in said if ord(one) not in letters and unicodedata.category(one)[0] not in _UNSEEN}
