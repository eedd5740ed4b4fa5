"""Every country in at most five rows: the likeliest first, then by letter."""

from collections.abc import Callable, Sequence

from tgbot.content import ContentPack, Country
from tgbot.screens.buttons import Button
from tgbot.screens.emergency import own_country
from tgbot.screens.screen import Key, KeyRow
from tgbot.screens.screen_context import Words, rows_of

A_ROW = 3
LIKELIEST = 9
A_PAGE = 12
ON_A_CARD = 3  # keys of countries that stand on a card whose country is unknown

Pick = Callable[[str], Button]  # a country's button, from its code
TurnPage = Callable[[str], Button]  # the button that leads to a page


def likeliest(pack: ContentPack) -> tuple[Country, ...]:
    """The operator's country, then those of the pack's language, in the order of pack.yaml."""
    own = own_country(pack)
    listed = [pack.countries[iso] for iso in pack.likely if iso in pack.countries]
    return tuple(dict.fromkeys(([own] if own else []) + listed))[:LIKELIEST]


def country_rows(
    pack: ContentPack, page: int, pick: Pick, turn: TurnPage, last: KeyRow
) -> tuple[KeyRow, ...]:
    """Page 0 holds the likeliest and the letters; each further page some letters. `last` is the last row."""
    pages = _by_letter(pack)
    if 0 < page <= len(pages):
        return (*rows_of(_keys(pages[page - 1], pick), A_ROW), last)
    letters = tuple(Key(_letters(there), turn(str(at))) for at, there in enumerate(pages, 1))
    return (*rows_of(_keys(likeliest(pack), pick), A_ROW), letters, last)


def card_rows(pack: ContentPack, known: bool, pick: Pick, turn: TurnPage) -> tuple[KeyRow, ...]:
    """Under a card: the likeliest countries while none is known, and the way to all."""
    words = Words(pack)
    if known or own_country(pack):
        return ((Key(words.plain("button.country_other"), turn("0")),),)
    first = tuple(_keys(likeliest(pack)[:ON_A_CARD], pick))
    return (*((first,) if first else ()), (Key(words.plain("button.country"), turn("0")),))


def _keys(countries: Sequence[Country], pick: Pick) -> list[Key]:
    return [Key(country.on_button, pick(country.iso)) for country in countries]


def _by_letter(pack: ContentPack) -> list[list[Country]]:
    """All countries in the order of their names, so many a page; no letter stands on two pages."""
    pages: list[list[Country]] = []
    everyone = sorted(pack.countries.values(), key=lambda country: country.name)
    for letter in dict.fromkeys(country.name[0] for country in everyone):
        group = [country for country in everyone if country.name[0] == letter]
        if not pages or len(pages[-1]) + len(group) > A_PAGE:
            pages.append([])
        pages[-1] += group
    return pages


def _letters(countries: Sequence[Country]) -> str:
    first, last = countries[0].name[0], countries[-1].name[0]
    return first if first == last else f"{first}–{last}"
