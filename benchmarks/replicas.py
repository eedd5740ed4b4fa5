"""Follow-ups a second on PostgreSQL with 1, 2 and 3 replicas, and what a claim costs with few and many rows.

Each replica is a process with the real courier, the real store and the shipped plan: what is asked before a
check-in is sent is asked, and its reminder is planned. The message itself goes nowhere, as Telegram's answer
is not what is measured. The server writes to the disk as in production (fsync on).
"""

import asyncio
import multiprocessing
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg

from tests.fakes.languages import english
from tests.postgres import Server
from tgbot.chat.telegram_connection import SEND_TIMEOUT
from tgbot.clock import SystemClock
from tgbot.screens.check_screens import CheckScreens
from tgbot.screens.screen import Screen
from tgbot.service.courier import Courier, Limits
from tgbot.service.episodes import Episodes
from tgbot.service.follow_up import FollowUps
from tgbot.service.ports import SentOk
from tgbot.service.rate_limiter import Pace, RateLimiter
from tgbot.service.store_port import Lease, SharedTransaction
from tgbot.store.postgres.connecting import in_psycopg
from tgbot.store.postgres.pooled_store import PostgresStore
from tgbot.store.postgres.schema import migrate_schema
from tgbot.store.rows import to_ms

FREE = Pace(per_second=1_000_000, spread=1.0, reserve=0, chat_seconds=0)
STORED, DUE = 100_000, 9_000
SIZES = (10_000, 1_000_000)
LIMIT = 8
EACH = 10


class Nowhere:
    """Takes every message at once."""

    async def send(self, chat_id: int, screen: Screen) -> SentOk:
        return SentOk(1)


FILL = (
    "INSERT INTO person (id, consent_version, consent_at, locale, paused) SELECT n, '1', 0, 'en', 0"
    " FROM generate_series(0, CAST(:people AS integer) - 1) AS n",
    "INSERT INTO episode (id, person_id, onset, started_at, state, version)"
    " SELECT 'e' || n, n, 0, 0, 'open', 1 FROM generate_series(0, CAST(:people AS integer) - 1) AS n",
    """INSERT INTO follow_up (id, episode_id, person_id, step, due_at, send_at, reminder, state, ambiguous,
      sent_at, ready_at)
    SELECT 'f' || n, 'e' || whose, whose, 'h72', at, at, 0,
      CASE WHEN planned THEN 'planned' ELSE 'sent' END, 0,
      CASE WHEN planned THEN NULL ELSE at END, CASE WHEN planned THEN at END
    FROM (SELECT n, n < :due OR n = 10 * (n / 10) AS planned, n - :people * (n / :people) AS whose,
                 CAST(:now AS bigint) + CASE WHEN n < :due THEN -n ELSE 3600000 + n END AS at
          FROM generate_series(0, CAST(:stored AS integer) - 1) AS n) AS each""",
)


def fill(url: str, stored: int, due: int, now: int) -> None:
    """People with ten follow-ups each; `due` of them are due, of as many people as there are."""
    values = {"people": stored // EACH, "stored": stored, "due": due, "now": now}
    with psycopg.connect(url, autocommit=True) as connection:
        for sql in FILL:
            connection.execute(in_psycopg(sql).encode(), values)
        connection.execute("VACUUM ANALYZE")


async def _deliver(url: str, barrier: "multiprocessing.synchronize.Barrier") -> tuple[int, float]:
    """How many it delivered, and the seconds of a core that it took."""
    clock, screens = SystemClock(), english()
    async with await PostgresStore.open(url) as store:
        asked = FollowUps(Episodes(store, clock, screens.protocol), CheckScreens(screens))
        pace, limits = RateLimiter(clock, FREE), Limits(send=timedelta(seconds=SEND_TIMEOUT), in_flight=100)
        courier = Courier(store, Nowhere(), clock, asked.compose, asked.after, pace, limits)
        await asyncio.to_thread(barrier.wait)
        sent, before = 0, time.process_time()
        while report := await courier.run_once():
            sent += report.total()
        return sent, time.process_time() - before


def _replica(
    url: str,
    barrier: "multiprocessing.synchronize.Barrier",
    done: "multiprocessing.queues.Queue[tuple[int, float, float]]",
) -> None:
    import structlog

    structlog.configure(processors=[lambda *_: (_ for _ in ()).throw(structlog.DropEvent)])
    sent, busy = asyncio.run(_deliver(url, barrier))
    done.put((sent, time.perf_counter(), busy))


@dataclass(frozen=True, slots=True)
class Measured:
    """Settled follow-ups a second, by all replicas together, and a core's milliseconds for each."""

    rate: float
    replica_ms: float
    server_ms: float

    def __str__(self) -> str:
        """With what could be delivered if nothing else ran on this machine's cores."""
        cores = os.cpu_count() or 1
        alone = cores * 1000 / (self.replica_ms + self.server_ms)
        return (
            f"{self.rate:>6,.0f} a second; for each {self.replica_ms:.2f} ms of a core in a replica and"
            f" {self.server_ms:.2f} in the server: {alone:,.0f} a second if {cores} cores did nothing else"
        )


def measure(server: Server, replicas: int) -> Measured:
    context = multiprocessing.get_context("spawn")
    with server.database() as url:
        migrate_schema(url)
        fill(url, STORED, DUE, to_ms(datetime.now(UTC)))
        barrier, done = context.Barrier(replicas + 1), context.Queue()
        processes = [context.Process(target=_replica, args=(url, barrier, done)) for _ in range(replicas)]
        for process in processes:
            process.start()
        served = server.seconds()
        barrier.wait()
        began = time.perf_counter()
        sent, ends, busy = zip(*(done.get() for _ in processes), strict=True)
        for process in processes:
            process.join()
        assert sum(sent) == DUE, sent
        seconds = server.seconds() - served
        return Measured(DUE / (max(ends) - began), sum(busy) * 1000 / DUE, seconds * 1000 / DUE)


async def claims(urls: Sequence[str]) -> list[float]:
    """The median milliseconds of a claim in each database; they take turns."""
    stores = [await PostgresStore.open(url) for url in urls]
    taken: list[list[float]] = [[] for _ in urls]

    async def claim(tx: SharedTransaction) -> Sequence[Lease]:
        now = datetime.now(UTC)
        return await tx.queue.claim_due("me", now, now + timedelta(seconds=60), LIMIT)

    for turn in range(1_000 // LIMIT):
        pairs = list(zip(stores, taken, strict=True))
        for store, milliseconds in pairs if turn % 2 else reversed(pairs):
            began = time.perf_counter()
            assert len(await store.operate(claim)) == LIMIT
            milliseconds.append((time.perf_counter() - began) * 1000)
    for store in stores:
        await store.close()
    return [statistics.median(milliseconds) for milliseconds in taken]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "server")
        try:
            for replicas in (1, 2, 3):
                got = measure(server, replicas)
                print(f"{replicas} replica(s): {got}", flush=True)
            with server.database() as few, server.database() as many:
                for url, stored in zip((few, many), SIZES, strict=True):
                    migrate_schema(url)
                    fill(url, stored, 1_000, to_ms(datetime.now(UTC)))
                medians = asyncio.run(claims([few, many]))
            for stored, median in zip(SIZES, medians, strict=True):
                print(f"{stored:>9,} stored: a claim of {LIMIT} takes {median:.2f} ms")
            print(f"ratio {medians[1] / medians[0]:.2f}")
        finally:
            server.stop()
