"""systemd hears that the bot works, and a bot that has not for ten minutes ends."""

import asyncio
import socket
from pathlib import Path

import pytest

from tgbot.clock import ManualClock, SystemClock
from tgbot.supervision import SilentTooLongError, Systemd, Watchdog


async def test_systemd_is_told_that_it_is_ready_that_it_lives_and_that_it_stops(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        systemd = Systemd({"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "6000000"})
        clock = ManualClock()
        running = asyncio.create_task(Watchdog(clock, list, systemd).run())
        await SystemClock().sleep(0)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

        assert [listening.recv(64).decode() for _ in range(3)] == ["READY=1", "WATCHDOG=1", "STOPPING=1"]
        assert clock.slept == [2.0]


async def test_a_part_that_is_silent_for_ten_minutes_ends_the_process() -> None:
    clock, silent = ManualClock(), ["poller"]

    with pytest.raises(SilentTooLongError, match="poller"):
        await Watchdog(clock, lambda: silent, Systemd({})).run()

    assert sum(clock.slept) == 600


async def test_one_that_comes_back_ends_nothing() -> None:
    clock = ManualClock()
    watchdog = Watchdog(clock, lambda: ["poller"] if 60 < clock.monotonic() < 600 else [], Systemd({}))
    running = asyncio.create_task(watchdog.run())
    while clock.monotonic() < 2_000:
        await SystemClock().sleep(0)
        assert not running.done()
    running.cancel()
