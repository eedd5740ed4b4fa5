"""Messages a second that nobody asked for: our courier with its database, the peers' sends alone.

The peers send one message after the other, and then as many at once as the courier has in flight. The rate
limit is lifted; the courier claims, rechecks, sends and settles each follow-up in transactions as
always, and plans what comes after it. A mistake is a message that somebody got twice.
"""

import asyncio
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from benchmarks.mock.scenario import Report, Scenario
from benchmarks.mock.screens import FIRST_PERSON
from benchmarks.peers.installing import Peer
from benchmarks.stage import LIFTED, OURS, FailedError, Stage
from tgbot.followup.episode import Consent, Episode, FollowUp, Person
from tgbot.packs.whole import load_whole
from tgbot.service.courier import at_once
from tgbot.service.store_port import Transaction
from tgbot.settings import shipped_content
from tgbot.store.opening import open_store

SECONDS = 20.0  # longest for one bot
IN_FLIGHT = at_once(LIFTED)


@dataclass(slots=True)
class Sends:
    """Messages a second, a value a round; of the peers sending one by one, and as many at once as ours."""

    at_once: dict[str, list[float]] = field(default_factory=dict)
    one_by_one: dict[str, list[float]] = field(default_factory=dict)
    mistakes: Counter[str] = field(default_factory=Counter)
    failed: dict[str, str] = field(default_factory=dict)


def measure(stage: Stage, count: int, rounds: int) -> Sends:
    """Every bot sends `count` messages a round."""
    found = Sends()
    for number in range(rounds):
        for peer in stage.peers:
            if peer.name in found.failed:
                continue
            print(f"  round {number + 1}: {peer.name} …", flush=True)
            database = stage.folder / f"sends{number}.db"
            ways = [(IN_FLIGHT, found.at_once)] + [(1, found.one_by_one)] * (peer.name != OURS)
            try:
                for together, rates in ways:
                    report = _sent(stage, peer, database, count, together)
                    rates.setdefault(peer.name, []).append(report.per_second)
                    found.mistakes += Counter(report.mistakes)
            except (FailedError, OSError) as error:
                found.failed[peer.name] = str(error)
    return found


def _sent(stage: Stage, peer: Peer, database: Path, count: int, together: int) -> Report:
    if peer.name == OURS:
        asyncio.run(settle(database, datetime.now(UTC), count))
    stage.begin(Scenario(sends=count, seconds=SECONDS))
    with stage.started(peer, database, count, together):
        report = stage.report(SECONDS)
    if not report.sent:
        raise FailedError(f"sent nothing; it said:\n{stage.said()}")
    if peer.name == OURS:
        _all_settled(database, report.sent)
    return report


async def settle(database: Path | str, now: datetime, count: int) -> None:
    """People with consent and an open episode, whose check at 72 hours is due now."""
    protocol = load_whole(shipped_content()).protocol
    onset = now - timedelta(hours=72)

    async def work(person: int, tx: Transaction) -> None:
        await tx.people.save_person(Person(person, Consent(protocol.consent, onset), quiet=None))
        await tx.people.save_episode(Episode(f"e{person}", person, onset, onset))
        await tx.people.save_follow_up(FollowUp(f"f{person}", f"e{person}", person, protocol.main, now, now))

    people = range(FIRST_PERSON, FIRST_PERSON + count)
    async with open_store(str(database), now) as store:
        await asyncio.gather(*(store.transact(person, partial(work, person)) for person in people))


def _all_settled(database: Path, sent: int) -> None:
    """What is not a mistake of the mock's counting is in the database: raises FailedError otherwise."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        row = connection.execute("SELECT count(*) FROM follow_up WHERE sent_at IS NOT NULL").fetchone()
    if row[0] < sent - IN_FLIGHT:  # the last ones were on their way when it was stopped
        raise FailedError(f"{sent} messages were sent, and {row[0]} stand in the database as sent")
