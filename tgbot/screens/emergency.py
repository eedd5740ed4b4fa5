"""Whom to call, and the card shown for a warning sign. The country is the person's own choice, or unknown."""

import re
from collections.abc import Sequence
from html import escape

from tgbot.content import Card, ContentPack, Country, RedFlag


def call_line(pack: ContentPack, country: Country | None) -> str:
    """The sentence that says whom to call, as Telegram HTML.

    Without a country no number is presented as the right one. Where the sources disagree about a country's
    number, the sentence says to check it.
    """
    if country is None:
        return pack.ui["call.unknown"]
    key = "call.unsure" if country.confidence == "C" else "call.known"
    return pack.ui[key].format(number=escape(country.shown), country=escape(country.name))


def card_text(pack: ContentPack, card: Card, signs: Sequence[RedFlag], country: Country | None) -> str:
    """A whole card as Telegram HTML: the call, the signs it is shown for, the country's advice line."""
    advice = ""
    if country is not None and country.advice:
        advice = pack.ui["call.advice"].format(advice=escape(country.advice))
    said = "\n".join(f"• {escape(sign.wording, quote=False)}" for sign in signs)
    text = card.body.format(emergency=call_line(pack, country), signs=said, advice=advice)
    return re.sub(r"\n{3,}", "\n\n", text).strip()
