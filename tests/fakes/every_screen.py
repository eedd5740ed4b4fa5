"""What every command shows, every button under that, and so on; as a program it writes all that to a file."""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

import orjson

from tests.fakes.phone import Phone, begun
from tgbot.chat.sending import message_of
from tgbot.screens.buttons import Button, pack
from tgbot.screens.screen import Key, Screen

MOST_SCREENS = 700
PEOPLE = ("a stranger", "somebody with an episode", "somebody at a check-in")


def keys_of(screen: Screen) -> list[Key]:
    return [key for row in screen.rows for key in row if isinstance(key, Key)]


async def everything_for(who: str) -> dict[str, Screen]:
    """By command, and by the button's data."""
    phone = Phone(faq=True) if who == "a stranger" else await begun(faq=True)
    if who == "somebody at a check-in":
        await phone.time_passes(timedelta(hours=73))
    return await _everything(phone)


async def _everything(phone: Phone) -> dict[str, Screen]:
    shown: dict[str, Screen] = {}
    waiting: list[tuple[str, Button]] = []
    for command in phone.every.commands:
        screen = await phone.writes(f"/{command}")
        shown[command] = screen
        waiting += [(pack(key.press), key.press) for key in keys_of(screen)]
    while waiting and len(shown) < MOST_SCREENS:
        data, button = waiting.pop(0)
        if data in shown:
            continue
        await phone.presses(button, max(phone.chat))
        screen = phone.last_reply.screen or Screen("")
        shown[data] = screen
        waiting += [(pack(key.press), key.press) for key in keys_of(screen)]
    return shown


async def _as_sent() -> bytes:
    lines = [
        orjson.dumps([who, data, message_of(screen)])
        for who in PEOPLE
        for data, screen in (await everything_for(who)).items()
    ]
    return b"\n".join(lines)


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(asyncio.run(_as_sent()))
