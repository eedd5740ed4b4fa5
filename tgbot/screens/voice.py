"""A voice: one language in which the bot is spoken to and answers, with all that is made of its pack."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from tgbot.content import ContentPack
from tgbot.finder.finding import Index
from tgbot.followup.protocol import Protocol
from tgbot.screens.faq_screens import Screens
from tgbot.screens.screen import ScreenContext


@dataclass(frozen=True, slots=True)
class Voice:
    """What it knows (`pack`, `protocol`), how it understands (`index`: its reader has the language's rules),
    and what it shows: `screens` of the FAQ, and the `frame` of everything about an episode."""

    pack: ContentPack
    protocol: Protocol
    index: Index
    screens: Screens
    frame: ScreenContext


def voice_of(
    pack: ContentPack,
    protocol: Protocol,
    index: Index,
    today: Callable[[], date] = lambda: date.min,
    keep_days: int = 400,
    *,
    charts: bool = True,
    cards: bool = True,
) -> Voice:
    """The voice of a pack. `today` and `keep_days` as in Screens; `charts` and `cards`: what can be drawn."""
    frame = ScreenContext(pack, protocol, charts=charts, cards=cards)
    return Voice(pack, protocol, index, Screens(pack, today, keep_days), frame)
