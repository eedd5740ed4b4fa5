"""Every route on one screen: what can be asked, and who answers."""

from collections.abc import Mapping
from dataclasses import dataclass

from tgbot.chat.talk import Answering, Pressed
from tgbot.render.buttons import Button


@dataclass(frozen=True, slots=True)
class Routes:
    """Every route. `personal` are the commands and buttons that work in private chats only."""

    commands: Mapping[str, Answering]
    presses: Mapping[type[Button], Pressed]
    personal: frozenset[str | type[Button]]
    typed: Answering
    not_text: Answering
    unknown_command: Answering
    unknown_button: Answering
    elsewhere: Answering  # something personal, asked for in a group
    failed: Answering
