"""A bot that is killed at every named point of a delivery, with kill -9: nothing lost, at most two copies."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE
from datetime import timedelta
from pathlib import Path

import pytest

from tests.crash.settling import IN_FLIGHT, until
from tests.crash.town import LEASE, Town, town
from tests.integration.watching import a_free_address

pytestmark = [pytest.mark.crash, pytest.mark.timeout(480)]

KILLS = [
    f"{point}:{count}" for count in (1, 2, 3, 5) for point in ("claimed", "sent", "sent", "settled", "sent")
]


async def dies(place: Town, kill: str) -> None:
    """Start a bot that kills itself there; with nothing left to do it is stopped instead."""
    bot = await place.bot(kill)
    await until(lambda: bot.returncode is not None or not place.unfinished(), 60, f"no {kill}")
    if bot.returncode is None:
        bot.kill()
    await bot.wait()
    place.push(LEASE)


async def test_twenty_kills_at_named_points_lose_nothing(tmp_path: Path, database: str) -> None:
    assert len(KILLS) == 20
    async with town(tmp_path, database) as place:
        await place.settle_people(120, due=place.clock.now())
        for kill in KILLS:
            await dies(place, kill)
        bot = await place.bot()
        await until(lambda: not place.unfinished(), 60, "not everything was delivered in the end")
        bot.terminate()
        assert await bot.wait() == 0

        copies, states = place.copies(), place.states()
        unconfirmed = {
            row[0]
            for row in place.rows(
                "SELECT person_id FROM follow_up WHERE state = 'unconfirmed' AND id = 'f' || person_id"
            )
        }
        lost = [person for person in place.people if not copies[person] and person not in unconfirmed]
        assert lost == []
        assert states["sent"] + states["unconfirmed"] == 120
        assert max(copies.values()) <= 2
        assert sum(copies.values()) - len(copies) <= len(KILLS) * IN_FLIGHT
        assert place.is_whole()


async def test_a_sender_that_is_frozen_past_its_lease_settles_nothing(tmp_path: Path, database: str) -> None:
    """SIGSTOP after the message went out; another bot takes over; SIGCONT."""
    async with town(tmp_path, database) as place:
        # Not at once: frozen while its start writes, it would lock the file for everybody.
        await place.settle_people(1, due=place.clock.now() + timedelta(seconds=5))
        frozen = await place.bot("sent:1:stop")
        await until(lambda: place.copies().total() == 1, 60, "nothing was sent")
        place.push(LEASE)
        other = await place.bot()
        await until(lambda: not place.unfinished(), 60, "nobody took over")
        (before,) = place.rows("SELECT * FROM follow_up WHERE id = 'f' || person_id")
        frozen.send_signal(signal.SIGCONT)
        frozen.terminate()
        await frozen.wait()
        other.terminate()

        assert await other.wait() == 0
        assert place.rows("SELECT * FROM follow_up WHERE id = 'f' || person_id") == [before]
        assert place.copies().total() == 2


async def test_a_stalled_loop_is_unwell_to_whoever_asks_from_outside(tmp_path: Path) -> None:
    """Something in the bot blocks for ever, so that nothing in it can say so."""
    host, port = a_free_address()
    where = f"{host}:{port}"

    async def health() -> tuple[int | None, str]:
        asking = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tgbot", "health"), env={"BACKCHECK_HEALTH": where}, stderr=PIPE
        )
        async with asyncio.timeout(60):
            _, errors = await asking.communicate()
        return asking.returncode, errors.decode()

    async with town(tmp_path) as place:
        await place.settle_people(1, due=place.later())
        bot = await place.bot("claimed:1:stall", BACKCHECK_HEALTH=where)
        await until(lambda: place.simulator.tg.updates.is_polled, 60, "the bot is not up")
        assert await health() == (0, "")
        place.push(timedelta(hours=72))
        await until(lambda: place.rows("SELECT 1 FROM follow_up WHERE owner IS NOT NULL"), 60, "not claimed")

        code, said = await health()
        assert code == 1
        assert f"does not answer at {where}" in said
        assert bot.returncode is None, "it is alive, and that is not enough"


async def test_killed_while_it_waits_for_the_72_hours_it_still_writes_and_the_taps_work(
    tmp_path: Path,
) -> None:
    async with town(tmp_path) as place:
        await place.settle_people(1, due=place.clock.now() + timedelta(hours=72))
        (person,) = place.people
        waiting = await place.bot()
        place.says(person, "/help")
        await until(lambda: place.copies()[person] == 1, 60, "the bot is not up")
        waiting.kill()
        await waiting.wait()
        place.push(timedelta(hours=72))
        bot = await place.bot()
        await until(lambda: place.copies()[person] == 2, 60, "no check-in came")

        ada = await place.simulator.person("P0").arrives()
        await ada.look()
        assert "check-in is ready" in ada.screen.text
        await ada.tap(ada.screen.labels[0])
        await ada.look()
        assert ada.screen.edits == 1
        bot.terminate()
        assert await bot.wait() == 0


@pytest.mark.parametrize("signals", [1, 2])
async def test_sigterm_finishes_what_is_in_flight_and_a_second_one_is_harmless(
    tmp_path: Path, signals: int
) -> None:
    async with town(tmp_path) as place:
        await place.settle_people(60, due=place.clock.now())
        bot = await place.bot()
        await until(lambda: place.copies(), 60, "the bot is not up")
        for _ in range(signals):
            bot.terminate()
            await asyncio.sleep(0.01)
        async with asyncio.timeout(60):
            assert await bot.wait() == 0

        assert place.rows("SELECT count(*) FROM follow_up WHERE owner IS NOT NULL") == [(0,)]
        assert place.states()["sent"] == place.copies().total(), "all that was sent was written down"


async def test_sigkill_after_sigterm_loses_nothing(tmp_path: Path) -> None:
    async with town(tmp_path) as place:
        await place.settle_people(60, due=place.clock.now())
        bot = await place.bot()
        await until(lambda: place.copies(), 60, "the bot is not up")
        bot.terminate()
        bot.kill()
        await bot.wait()
        place.push(LEASE)
        again = await place.bot()
        await until(lambda: not place.unfinished(), 60, "not everything was delivered")
        again.terminate()
        await again.wait()

        assert len(place.copies()) == 60
        assert max(place.copies().values()) <= 2
