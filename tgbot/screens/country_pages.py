"""All countries, a page at a time in the order of their names: picked for one card, or to be kept."""

from collections.abc import Callable

from tgbot.content import ContentPack
from tgbot.screens.buttons import Button
from tgbot.screens.screen import Key, Row
from tgbot.screens.screen_context import rows_of
from tgbot.screens.words import Words

A_ROW = 3
A_PAGE = 24


def country_rows(
    pack: ContentPack, page: int, pick: Callable[[str, str], Button], turn: Callable[[str], Button]
) -> tuple[Row, ...]:
    """The first page for one that is not there. `pick` makes a country's button from its code and the page,
    `turn` the button that leads to a page."""
    words, everyone = Words(pack), sorted(pack.countries.values(), key=lambda country: country.name)
    starts = range(0, len(everyone), A_PAGE)
    page = page if 0 <= page < len(starts) else 0
    here = everyone[starts[page] : starts[page] + A_PAGE]
    keys = [Key(country.name, pick(country.iso, str(page))) for country in here]
    turns = [
        Key(words.plain(f"button.{label}"), turn(str(other)))
        for label, other in (("earlier", page - 1), ("more", page + 1))
        if 0 <= other < len(starts)
    ]
    return (*rows_of(keys, A_ROW), tuple(turns))
