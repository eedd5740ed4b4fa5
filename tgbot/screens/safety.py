"""The safety question: the signs as words and two keys; behind "One of these" the number and every sign."""

from collections.abc import Callable

from tgbot.content import Country
from tgbot.screens.buttons import MORE, Button
from tgbot.screens.emergency import call_line
from tgbot.screens.screen import KeyRow
from tgbot.screens.screen_context import ScreenContext, rows_of
from tgbot.screens.words import Html


def sign_list(frame: ScreenContext) -> str:
    """Every sign that is asked for, a line each."""
    return "\n".join(
        frame.say("safety.sign", sign=_capital(frame.plain(f"label.sign.{sign}")))
        for sign in frame.protocol.signs
    )


def which_sign(frame: ScreenContext, country: Country | None) -> str:
    """Whom to call at once, and the question which sign it is."""
    return frame.say("safety.which", call=Html(call_line(frame.pack, country)))


def sign_keys(
    frame: ScreenContext, press: Callable[[str], Button], *, more: bool = False
) -> tuple[KeyRow, ...]:
    """Each sign as a key, those that are asked for less often one tap behind; `press` makes its button."""
    signs = [sign for sign in frame.protocol.signs.values() if sign.more is more]
    return rows_of([frame.key(f"sign.{sign.id}", press(sign.id)) for sign in signs], 2)


def more_key(frame: ScreenContext, press: Callable[[str], Button]) -> KeyRow:
    """The key to the signs that are asked for less often."""
    return (frame.key("more_signs", press(MORE)),)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
