"""People's words without what cannot be seen: a note must read the same on every screen and on paper."""

import unicodedata

_JOINERS = "\u200c\u200d"  # Persian, Indic scripts and emoji need them


def visible_text(text: str) -> str:
    """`text` without control and format characters; those that turn the reading order are among them.

    A control character, such as a tab, leaves a space. Nothing but invisible characters is nothing.
    """
    seen = "".join(_seen(letter) for letter in text).strip()
    return seen if seen.strip(_JOINERS) else ""


def _seen(letter: str) -> str:
    match unicodedata.category(letter):
        case "Cc" | "Zl" | "Zp":
            return " "
        case "Cf" | "Cs":
            return letter if letter in _JOINERS else ""
        case _:
            return letter
