"""Health is talked about in private chats only: groups refuse kindly, whatever is typed or tapped there."""

import pytest

from tgbot.render.buttons import Button, pack
from tgbot.render.episode_buttons import Begin, NotePain, SetQuiet, ShowEpisode, ShowHistory, Withdraw
from tgbot.simulator.people import Person

PERSONAL = ["episode", "history", "settings", "pain", "note", "card", "cancel", "zone", "forget"]
FORGED: list[Button] = [
    Begin("tilt00", "-", "6", "y"),
    ShowEpisode(),
    ShowHistory(),
    NotePain("4"),
    SetQuiet("off"),
    Withdraw(),
]


@pytest.mark.parametrize("command", PERSONAL)
async def test_a_group_is_told_that_this_is_personal(ada: Person, command: str) -> None:
    family = await ada.founds_group("Family")
    await ada.send(f"/{command} 4", chat_id=family)

    assert "works in a private chat only" in ada.screen.text
    assert ada.screen.labels == ["Open a private chat", "⚠️ Warning signs"]


async def test_a_personal_button_in_a_group_does_nothing_personal(ada: Person) -> None:
    family = await ada.founds_group("Family")
    await ada.send("/faq", chat_id=family)
    message = ada.screen.message_id
    for button in FORGED:
        await ada.tap_data(pack(button), message, chat_id=family)
        assert "works in a private chat only" in ada.screen.text

    await ada.send("/history")

    assert "Nothing is noted" in ada.screen.text
