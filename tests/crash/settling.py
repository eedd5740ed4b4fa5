"""People whose check-in is planned, and waiting in real time. Without the judge, which takes seconds to load:
processes that are started by the dozen import this."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from tests.fakes.languages import shipped
from tgbot.followup.episode import Consent, Episode, FollowUp, Person
from tgbot.service.courier import at_once
from tgbot.service.store_port import Transaction
from tgbot.simulator.simulator_server import Simulator
from tgbot.store.opening import open_store

RATE = 80  # messages a second
IN_FLIGHT = at_once(RATE)
_, PROTOCOL = shipped()


async def settle(
    simulator: Simulator,
    database: str | Path,
    now: datetime,
    dues: Sequence[datetime],
    key: str | None = None,
) -> list[int]:
    """People with consent, an open episode and a check planned, in Telegram and in the database."""
    people: list[int] = []
    async with open_store(str(database), now, keys=key) as store:

        async def settled(person_id: int, due: datetime, tx: Transaction) -> None:
            onset = due - timedelta(hours=72)
            await tx.people.save_person(Person(person_id, Consent(PROTOCOL.consent, onset), quiet=None))
            await tx.people.save_episode(Episode(f"e{person_id}", person_id, onset, onset))
            follow_up = FollowUp(f"f{person_id}", f"e{person_id}", person_id, PROTOCOL.main, due, due)
            await tx.people.save_follow_up(follow_up)

        for _ in dues:
            user = simulator.tg.world.person(f"P{len(simulator.tg.world.people)}")
            user.started = True
            people.append(user.id)
        works = [
            store.transact(who, partial(settled, who, due)) for who, due in zip(people, dues, strict=True)
        ]
        await asyncio.gather(*works)
    return people


async def until(holds: Callable[[], object], seconds: float, otherwise: str, every: float = 0.05) -> None:
    """Wait in real time, as real processes live in it, and look `every` so many seconds."""
    async with asyncio.timeout(seconds):
        try:
            while not holds():  # noqa: ASYNC110 – other processes set no event here
                await asyncio.sleep(every)
        except asyncio.CancelledError:
            raise AssertionError(otherwise) from None
