"""The card for a warning sign leaves first, whatever goes on. `benchmarks/emergency.py` says how soon."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from tests.integration.conftest import READ_ONCE
from tests.integration.test_check_ins import begun
from tgbot.clock import TravelClock
from tgbot.screens.buttons import ShowHelp, pack
from tgbot.settings import Settings
from tgbot.simulator import actions
from tgbot.simulator.faults import Fault
from tgbot.simulator.simulator_server import Simulator
from tgbot.wiring.process import run

WARNING = "crushing chest pain and cold sweat"


@pytest.fixture
async def polite_bot(simulator: Simulator, settings: Settings, clock: TravelClock) -> AsyncIterator[None]:
    """At the pace that an operator gets by default."""
    stop = asyncio.Event()
    paced = settings.model_copy(update={"chat_seconds": 1.05})
    running = asyncio.create_task(run(paced, clock, stop, READ_ONCE))
    await until(lambda: simulator.tg.updates.is_polled)
    yield
    stop.set()
    async with asyncio.timeout(60):
        await running


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 – the server sets no event
            await asyncio.sleep(0.005)


def says(simulator: Simulator, name: str, text: str) -> int:
    user = simulator.tg.world.person(name)
    actions.say(simulator.tg, user, simulator.tg.world.chats[user.id], {"text": text})
    return user.id


def cards(simulator: Simulator, chat: int) -> list[str]:
    """The emergency cards that somebody has got."""
    shown = simulator.tg.world.chats[chat].messages.values()
    return [m.body["text"] for m in shown if m.from_bot and "emergency" in m.body.get("text", "")]


def calls(simulator: Simulator, method: str) -> int:
    return sum(call.method == method and call.status == 200 for call in simulator.tg.journal.calls)


async def test_words_do_not_wait_behind_pictures(simulator: Simulator, bot: None) -> None:
    """Typed a second after /card, they were once answered after 108 seconds."""
    people = [simulator.person(name) for name in ("Ada", "Ben", "Cleo")]
    for person in people:
        await begun(person)
    for person in people:
        await person.send("/card", wait=0)
    for person in people:
        says(simulator, person.name, WARNING)
    await until(lambda: all(cards(simulator, person.id) for person in people))

    assert calls(simulator, "sendDocument") == 0, "all three cards before the first picture"
    await until(lambda: calls(simulator, "sendChatAction"))


async def test_a_warning_sign_is_answered_before_the_thousand_who_tapped_before(
    simulator: Simulator, polite_bot: None
) -> None:
    tg = simulator.tg
    for number in range(300):
        user = tg.world.person(f"P{number}")
        user.started = True
        chat = tg.world.chats[user.id]
        message = tg.send(chat, tg.world.bot, {"text": "menu"})
        actions.tap(tg, user, chat, message.id, pack(ShowHelp()))
    await until(lambda: calls(simulator, "editMessageText"))
    ada = says(simulator, "Ada", WARNING)
    await until(lambda: cards(simulator, ada))

    assert calls(simulator, "editMessageText") < 250, "the others were still waiting for their turn"


async def test_another_chats_429_holds_up_no_card(simulator: Simulator, polite_bot: None) -> None:
    ben = simulator.tg.world.person("Ben")
    fault = Fault("too_many", method="sendMessage", chat_id=ben.id, seconds=40, times=None)
    simulator.tg.faults.add(fault)
    says(simulator, "Ben", "/help")
    await until(lambda: fault.struck)
    ada = says(simulator, "Ada", WARNING)
    await until(lambda: cards(simulator, ada))

    assert fault.struck == 1, "Ben waits"


async def test_a_flooders_own_emergency_goes_before_the_flood(simulator: Simulator, polite_bot: None) -> None:
    for number in range(30):
        says(simulator, "Ada", f"my back hurts {number}")
    ada = says(simulator, "Ada", WARNING)
    await until(lambda: cards(simulator, ada))

    assert len(simulator.tg.world.chats[ada].messages) <= 30 + 1 + 4, "after at most three other replies"
