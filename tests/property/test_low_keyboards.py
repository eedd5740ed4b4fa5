"""No screen that can be reached has a keyboard that hides what it stands under: five rows at most."""

import pytest

from tests.fakes.every_screen import PEOPLE, everything_for
from tgbot.screens.screen import shown_length

MOST_ROWS = 5
MOST_IN_A_ROW = 8  # Telegram's own limit


@pytest.mark.parametrize("who", PEOPLE)
async def test_no_keyboard_has_more_than_five_rows(who: str) -> None:
    shown = await everything_for(who)

    assert len(shown) > 100
    tall = {data: len(screen.rows) for data, screen in shown.items() if len(screen.rows) > MOST_ROWS}
    wide = {data for data, screen in shown.items() if any(len(row) > MOST_IN_A_ROW for row in screen.rows)}
    long = {data for data, screen in shown.items() if shown_length(screen.text) > 4096}
    assert (tall, wide, long) == ({}, set(), set())
