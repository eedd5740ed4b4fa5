"""Whom to call, and the card shown for a warning sign.

The country is the person's own choice, else the operator's (`pack.country`), else unknown.
"""

import re
from collections.abc import Sequence
from html import escape

from tgbot.content import Card, ContentPack, Country, RedFlag


def call_line(pack: ContentPack, country: Country | None) -> str:
    """The sentence that says to call now, as Telegram HTML.

    Without a country no number is presented as the right one. Where the sources disagree about a country's
    number, the sentence says to check it.
    """
    return _said(pack, "call.", country)


def conditional_call(pack: ContentPack, country: Country | None) -> str:
    """The same after "if that happens,": to be done only then."""
    return _said(pack, "call.if_", country)


def own_country(pack: ContentPack) -> Country | None:
    """The operator's country, whose number is shown as long as nobody chose another."""
    return pack.countries.get(pack.country or "")


def card_text(pack: ContentPack, card: Card, signs: Sequence[RedFlag], country: Country | None) -> str:
    """A whole card as Telegram HTML: the call, the signs it is shown for, the country's advice line."""
    shown, advice = country or own_country(pack), ""
    if shown is not None and shown.advice:
        advice = pack.ui["call.advice"].format(advice=escape(shown.advice))
    said = "\n".join(f"• {escape(sign.wording, quote=False)}" for sign in signs)
    call, then = call_line(pack, country), conditional_call(pack, country)
    text = card.body.format(emergency=call, call=then, signs=said, advice=advice)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _said(pack: ContentPack, key: str, country: Country | None) -> str:
    shown = country or own_country(pack)
    if shown is None:
        return pack.ui[f"{key}unknown"].strip()
    known = "unsure" if shown.confidence == "C" else "known"
    words = {"number": escape(shown.shown), "country": escape(shown.name)}
    return pack.ui[f"{key}{known}"].format(**words).strip()
