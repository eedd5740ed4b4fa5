"""No screen that can be reached has a keyboard that hides what it stands under: five rows at most."""

from datetime import timedelta

import pytest

from tests.fakes.phone import Phone, begun
from tgbot.screens.buttons import Button, pack
from tgbot.screens.screen import Key, Screen, shown_length

MOST_ROWS = 5
MOST_IN_A_ROW = 8  # Telegram's own limit
MOST_SCREENS = 700


def keys_of(screen: Screen) -> list[Key]:
    return [key for row in screen.rows for key in row if isinstance(key, Key)]


async def everything(phone: Phone) -> dict[str, Screen]:
    """What every command shows, and every button under that, and under that …"""
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


@pytest.mark.parametrize("who", ["a stranger", "somebody with an episode", "somebody at a check-in"])
async def test_no_keyboard_has_more_than_five_rows(who: str) -> None:
    phone = Phone(faq=True) if who == "a stranger" else await begun(faq=True)
    if who == "somebody at a check-in":
        await phone.time_passes(timedelta(hours=73))
    shown = await everything(phone)

    assert len(shown) > 100
    tall = {data: len(screen.rows) for data, screen in shown.items() if len(screen.rows) > MOST_ROWS}
    wide = {data for data, screen in shown.items() if any(len(row) > MOST_IN_A_ROW for row in screen.rows)}
    long = {data for data, screen in shown.items() if shown_length(screen.text) > 4096}
    assert (tall, wide, long) == ({}, set(), set())
