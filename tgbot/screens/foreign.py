"""What is said to somebody who wrote in another language, in that language."""

from html import escape

from tgbot.content import ContentPack, Country, ForeignWords
from tgbot.screens.buttons import ShowMenu, ShowUrgent
from tgbot.screens.emergency import conditional_call, own_country
from tgbot.screens.screen import Key, Screen
from tgbot.screens.screen_context import Html, Words

CRISIS = "crisis"  # the sign that is answered with kinder words than "call now"
_RIGHT_TO_LEFT = "\u200f"  # before a line that may begin with a number


def foreign_screen(pack: ContentPack, language: str, sign: str | None, country: Country | None) -> Screen:
    """The card in `language`; with a `sign`, to call now. A language without words of ours gets English."""
    words = pack.foreign.get(language)
    if words is None:
        return _in_our_language(pack, country)
    said = escape(_sentence(words, sign), quote=False)
    number = _number(words, country or own_country(pack))
    text = said.format(number=f"<b>{escape(number, quote=False)}</b>").strip()
    if words.direction == "rtl":
        text = "\n".join(_RIGHT_TO_LEFT + line for line in text.splitlines())
    keys = (Key(words.button_menu, ShowMenu()), Key(words.button_signs, ShowUrgent()))
    return Screen(text, tuple((key,) for key in keys))


def _sentence(words: ForeignWords, sign: str | None) -> str:
    if sign == CRISIS:
        return words.crisis
    return words.urgent if sign else words.card


def _number(words: ForeignWords, country: Country | None) -> str:
    """The country's numbers, without the words around them, as those are in our language."""
    return " / ".join(country.numbers) if country and country.numbers else words.any_number


def _in_our_language(pack: ContentPack, country: Country | None) -> Screen:
    say = Words(pack)
    text = say.say("foreign.other", call=Html(conditional_call(pack, country)))
    urgent, menu = say.plain("button.urgent"), say.plain("button.menu")
    return Screen(text, ((Key(menu, ShowMenu()), Key(urgent, ShowUrgent())),))
