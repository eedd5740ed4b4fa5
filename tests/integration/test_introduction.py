"""What Telegram shows of the bot before anybody has written to it."""

import asyncio

import pytest

from tgbot.clock import TravelClock
from tgbot.settings import Settings
from tgbot.simulator.faults import Fault
from tgbot.simulator.simulator_server import Simulator
from tgbot.wiring.process import run

SETTERS = {"setMyDescription", "setMyShortDescription"}


async def start_and_stop(simulator: Simulator, settings: Settings) -> list[str]:
    """What the bot has set of its profile until it polls."""
    stop = asyncio.Event()
    simulator.tg.journal.calls.clear()
    bot = asyncio.create_task(run(settings, TravelClock(), stop))
    async with asyncio.timeout(60):
        while not any(call.method == "getUpdates" for call in simulator.tg.journal.calls):
            simulator.tg.updates.terminate()  # so that a poll ends, and is in the journal
            await asyncio.sleep(0.02)
    stop.set()
    await bot
    return [call.method for call in simulator.tg.journal.calls if call.method in SETTERS]


async def test_an_empty_chat_says_what_this_is_what_it_is_not_and_the_warning_signs(
    simulator: Simulator, bot: None
) -> None:
    async with asyncio.timeout(60):
        while not simulator.tg.profile.short_descriptions:  # noqa: ASYNC110 – the server sets no event
            await asyncio.sleep(0.02)
    shown = simulator.tg.profile.descriptions[""]

    assert "upper-back spasms" in shown
    assert "not a doctor" in shown
    for sign in (
        "Chest pain",
        "Trouble breathing",
        "tearing",
        "between the legs",
        "weak legs",
        "Collapse",
    ):
        assert sign.lower() in shown.lower()
    assert "emergency number" in shown
    assert "Not a doctor" in simulator.tg.profile.short_descriptions[""]


async def test_a_restart_changes_nothing_and_other_words_are_told(
    simulator: Simulator, settings: Settings
) -> None:
    assert set(await start_and_stop(simulator, settings)) == SETTERS
    assert await start_and_stop(simulator, settings) == []

    simulator.tg.profile.short_descriptions[""] = "Last year's words"
    assert await start_and_stop(simulator, settings) == ["setMyShortDescription"]


async def test_a_bot_that_may_not_change_its_profile_runs_all_the_same(
    simulator: Simulator, settings: Settings
) -> None:
    simulator.tg.faults.add(Fault("status", method="getMyDescription", status=400))

    assert await start_and_stop(simulator, settings) == []


@pytest.mark.parametrize("method", ["setMyCommands", "setMyDescription"])
async def test_hours_that_telegram_wants_before_the_next_change_of_the_profile_hold_up_nobody(
    simulator: Simulator, settings: Settings, method: str
) -> None:
    """They are about the profile alone. As a pause of everything they would outlive each restart, too."""
    simulator.tg.faults.add(Fault("too_many", method=method, seconds=3600))
    await start_and_stop(simulator, settings)

    assert "setMyDescription" in await start_and_stop(simulator, settings)


async def test_who_is_asked_to_stop_while_the_introduction_hangs_stops(
    simulator: Simulator, settings: Settings
) -> None:
    slow = simulator.tg.faults.add(Fault("delay_before", method="setMyCommands", seconds=3600))
    stop = asyncio.Event()
    bot = asyncio.create_task(run(settings, TravelClock(), stop))
    async with asyncio.timeout(60):
        while not slow.struck:  # noqa: ASYNC110 – the server sets no event
            await asyncio.sleep(0.02)
    stop.set()
    async with asyncio.timeout(60):
        await bot


class Hurried(TravelClock):
    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds / 100)


async def test_a_connection_that_drops_at_the_start_does_not_cost_the_command_list(
    simulator: Simulator, settings: Settings
) -> None:
    """It was told at the next start only."""
    simulator.tg.faults.add(Fault("cut_before", method="setMyCommands", times=2))
    stop = asyncio.Event()
    bot = asyncio.create_task(run(settings, Hurried(), stop))
    async with asyncio.timeout(60):
        while not simulator.tg.profile.short_descriptions:  # noqa: ASYNC110 – the server sets no event
            await asyncio.sleep(0.02)
    stop.set()
    await bot

    statuses = [call.status for call in simulator.tg.journal.calls if call.method == "setMyCommands"]
    assert statuses.count(200) == 2, "private chats and groups"
