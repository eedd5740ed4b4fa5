"""Health is talked about in private chats only: groups refuse kindly, whatever is typed or tapped there."""

import asyncio
from collections.abc import Callable

import pytest

from tgbot.screens.buttons import (
    Begin,
    Button,
    NotePain,
    SetQuiet,
    ShowEpisode,
    ShowHelp,
    ShowHistory,
    WithdrawConsent,
    pack,
)
from tgbot.simulator import actions
from tgbot.simulator.faults import Fault
from tgbot.simulator.simulated_people import SimulatedPerson
from tgbot.simulator.simulator_server import Simulator
from tgbot.simulator.world import Chat

PERSONAL = ["episode", "history", "settings", "pain", "note", "card", "cancel", "zone", "export", "forget"]
FORGED: list[Button] = [
    Begin("tilt00", "-", "6", "y"),
    ShowEpisode(),
    ShowHistory(),
    NotePain("4"),
    SetQuiet("off"),
    WithdrawConsent(),
]


@pytest.mark.parametrize("command", PERSONAL)
async def test_a_group_is_told_that_this_is_personal(ada: SimulatedPerson, command: str) -> None:
    family = await ada.founds_group("Family")
    await ada.send(f"/{command} 4", chat_id=family)

    assert "works in a private chat only" in ada.screen.text
    assert ada.screen.labels == ["Open a private chat", "⚠️ Warning signs"]


async def test_a_personal_button_in_a_group_does_nothing_personal(ada: SimulatedPerson) -> None:
    family = await ada.founds_group("Family")
    await ada.send("/faq", chat_id=family)
    message = ada.screen.message_id
    for button in FORGED:
        await ada.tap_data(pack(button), message, chat_id=family)
        assert "works in a private chat only" in ada.screen.text

    await ada.send("/history")

    assert "Nothing is noted" in ada.screen.text


async def test_a_group_that_moves_before_the_reply_is_there_gets_it_where_it_has_moved(
    ada: SimulatedPerson, simulator: Simulator
) -> None:
    """What is typed and what is tapped: the update still names the group that is no more."""
    tg, backs = simulator.tg, await ada.founds_group("Bad backs")
    user = tg.world.people[ada.id]
    actions.say(tg, user, tg.world.chats[backs], {"text": "/urgent"})
    moved, _ = actions.migrate(tg, user, tg.world.chats[backs])
    await until(lambda: texts(moved))

    assert "emergency" in texts(moved)[0]


async def test_a_tap_in_a_group_that_moves_meanwhile_brings_its_screen_where_it_has_moved(
    ada: SimulatedPerson, simulator: Simulator
) -> None:
    tg, backs = simulator.tg, await ada.founds_group("Bad backs")
    await ada.send("/faq", chat_id=backs)
    user = tg.world.people[ada.id]
    actions.tap(tg, user, tg.world.chats[backs], ada.screen.message_id, pack(ShowHelp()))
    moved, _ = actions.migrate(tg, user, tg.world.chats[backs])
    await until(lambda: texts(moved))

    assert "What I can do" in texts(moved)[0]


async def test_in_a_group_with_topics_a_reply_stays_in_the_topic(
    ada: SimulatedPerson, simulator: Simulator
) -> None:
    tg, backs = simulator.tg, await ada.founds_group("Bad backs")
    group, user = tg.world.chats[backs], tg.world.people[ada.id]
    for said, thread in (("/faq", {"is_topic_message": True}), ("/help", {})):  # the other answers somebody
        message = actions.say(tg, user, group, {"text": said})["message"]
        message.update(thread, message_thread_id=77)
    await until(lambda: len(texts(group)) == 2)

    sent = [call.parameters for call in tg.journal.calls if call.method == "sendMessage"]
    assert [one.get("message_thread_id") for one in sent] == [77, None]


async def test_a_group_in_which_the_bot_may_not_write_is_no_poison(
    ada: SimulatedPerson, simulator: Simulator
) -> None:
    backs = await ada.founds_group("Bad backs")
    simulator.tg.faults.add(Fault("status", method="sendMessage", status=400))
    await ada.send("/faq", chat_id=backs)
    await ada.send("/help", chat_id=backs)

    sent = [call.status for call in simulator.tg.journal.calls if call.method == "sendMessage"]
    assert sent == [400, 200], "no second message that says something went wrong"


def texts(chat: Chat) -> list[str]:
    """What the bot has said there."""
    return [one.body["text"] for one in chat.messages.values() if one.body["from"]["is_bot"]]


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 – the server sets no event
            await asyncio.sleep(0.01)
