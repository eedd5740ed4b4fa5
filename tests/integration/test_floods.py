"""The whole bot, at the pace that an operator gets by default, while one person or one group floods it."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count

import pytest

from tgbot.clock import TravelClock
from tgbot.settings import Settings
from tgbot.simulator import actions
from tgbot.simulator.limits import TELEGRAMS
from tgbot.simulator.simulator_server import Simulator
from tgbot.simulator.world import Chat, User
from tgbot.wiring.process import run

FLOOD = 400  # about four seconds of a hundred updates a second
OTHERS = 5  # at least, who ask meanwhile
AS_GOOD_AS_AT_ONCE = 3  # replies to the flooder between a bystander's question and the answer


@pytest.fixture(autouse=True)
async def polite_bot(simulator: Simulator, settings: Settings, clock: TravelClock) -> AsyncIterator[None]:
    simulator.tg.limits.rates = TELEGRAMS
    stop = asyncio.Event()
    running = asyncio.create_task(run(settings.model_copy(update={"chat_seconds": 1.05}), clock, stop))
    yield
    stop.set()
    async with asyncio.timeout(60):
        await running


def somebody(simulator: Simulator, name: str) -> tuple[User, Chat]:
    user = simulator.tg.world.person(name)
    return user, simulator.tg.world.chats[user.id]


def replies(simulator: Simulator, chat: Chat) -> list[str]:
    """What the bot has said there."""
    bot = simulator.tg.world.bot.id
    return [
        message.body.get("text", "")
        for message in chat.messages.values()
        if message.body["from"]["id"] == bot
    ]


async def flood(simulator: Simulator, user: User, chat: Chat, text: str = "my back hurts {}") -> list[int]:
    """Messages without end while others ask: how long each of them waited."""
    said = asyncio.create_task(without_end(simulator, user, chat, text))
    waited = await asked_by_others(simulator, chat)
    said.cancel()
    await asyncio.gather(said, return_exceptions=True)
    return waited


async def without_end(simulator: Simulator, user: User, chat: Chat, text: str) -> None:
    for number in count():
        actions.say(simulator.tg, user, chat, {"text": text.format(number)})
        await asyncio.sleep(0.01)


async def asked_by_others(simulator: Simulator, flooded: Chat) -> list[int]:
    """New people ask, one after the other, for as long as the flood has to be: how many replies the flooded
    chat got while each of them waited."""
    waited: list[int] = []
    while len(flooded.messages) < FLOOD or len(waited) < OTHERS:
        user, chat = somebody(simulator, f"Calm {len(waited)}")
        before = len(replies(simulator, flooded))
        actions.say(simulator.tg, user, chat, {"text": "/help"})
        async with asyncio.timeout(60):
            while not replies(simulator, chat):  # noqa: ASYNC110 – the server sets no event
                await asyncio.sleep(0.01)
        waited.append(len(replies(simulator, flooded)) - before)
    return waited


def all_but_one(waited: list[int]) -> int:
    """The longest but one: the machine may stall once, and that is nobody's flood."""
    return sorted(waited)[-2]


async def test_who_is_flooded_by_one_person_still_answers_everybody_else(simulator: Simulator) -> None:
    user, chat = somebody(simulator, "Panic")
    waited = await flood(simulator, user, chat)

    assert all_but_one(waited) <= AS_GOOD_AS_AT_ONCE


async def test_a_busy_group_holds_up_nobody(simulator: Simulator) -> None:
    user, _ = somebody(simulator, "Gus")
    group = simulator.tg.world.group("Backs", [user.id])
    waited = await flood(simulator, user, group, "/help")

    assert all_but_one(waited) <= 1, "a group is answered every three seconds"


async def test_a_warning_sign_in_a_flood_gets_its_card(simulator: Simulator) -> None:
    sign = {"text": "I cannot pee and my legs are numb"}
    calm, calm_chat = somebody(simulator, "Calm")
    actions.say(simulator.tg, calm, calm_chat, sign)
    user, chat = somebody(simulator, "Panic")
    for number in range(60):
        actions.say(simulator.tg, user, chat, sign if number == 30 else {"text": f"hello {number}"})
    async with asyncio.timeout(60):
        while not set(replies(simulator, chat)) & set(replies(simulator, calm_chat)):  # noqa: ASYNC110
            await asyncio.sleep(0.05)

    assert len(replies(simulator, chat)) <= 6, "not an answer to each"
