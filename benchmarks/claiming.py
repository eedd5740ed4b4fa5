"""What a claim costs with 10,000 and with 1,000,000 follow-ups stored, 1,000 of them due.

The courier searches one partial index, so the two should be within a fifth of each other.
"""

import asyncio
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tgbot.store.rows import to_ms
from tgbot.store.sqlite.migrate import migrate
from tgbot.store.sqlite.store import SqliteStore

NOW = datetime(2026, 11, 23, 9, 10, tzinfo=UTC)
DUE, LIMIT = 1_000, 8
SIZES = (10_000, 1_000_000)
_PERSON = "INSERT INTO person VALUES (?, '1', 0, 'en', NULL, NULL, NULL, NULL, 0)"
_EPISODE = (
    "INSERT INTO episode (id, person_id, onset, started_at, state, version) VALUES (?, ?, 0, 0, 'open', 1)"
)
_FOLLOW_UP = (
    "INSERT INTO follow_up (id, episode_id, person_id, step, due_at, send_at, reminder, state, ambiguous,"
    " sent_at, ready_at) VALUES (?, ?, ?, 'h72', ?, ?, 0, ?, 0, ?, ?)"
)


def fill(path: Path, stored: int) -> None:
    """A database as it is after years: ten follow-ups a person; the first thousand rows are due, a tenth is
    planned for later, the others were sent."""
    migrate(path, NOW)
    now = to_ms(NOW)
    with closing(sqlite3.connect(path)) as connection:
        people = range(stored // 10)
        connection.executemany(_PERSON, ((person,) for person in people))
        connection.executemany(_EPISODE, ((f"e{person}", person) for person in people))
        rows = ((n, n % len(people), *_when(n, now)) for n in range(stored))
        connection.executemany(
            _FOLLOW_UP,
            (
                (f"f{n:07}", f"e{person}", person, at, at, state, at if state == "sent" else None, ready)
                for n, person, at, state, ready in rows
            ),
        )
        connection.commit()


def _when(n: int, now: int) -> tuple[int, str, int | None]:
    if n < DUE:
        return now - n, "planned", now - n
    if n % 10 == 0:
        return now + n, "planned", now + n
    return now - n, "sent", None


async def claims(paths: Mapping[int, Path]) -> dict[int, list[float]]:
    """Milliseconds of each claim, until nothing more is due. The stores take turns: a slow moment of the
    machine is then everybody's."""
    taken: dict[int, list[float]] = {stored: [] for stored in paths}
    async with AsyncExitStack() as stack:
        stores = {
            stored: await stack.enter_async_context(await SqliteStore.open(path))
            for stored, path in paths.items()
        }
        for _ in range(DUE // LIMIT):
            for stored, store in stores.items():
                began = time.perf_counter()
                found = await store.operate(
                    lambda tx: tx.queue.claim_due("me", NOW, NOW + timedelta(seconds=60), LIMIT)
                )
                taken[stored].append((time.perf_counter() - began) * 1000)
                assert len(found) == LIMIT
    return taken


def measure(sizes: Sequence[int] = SIZES) -> dict[int, list[float]]:
    """The milliseconds of each claim, by how many follow-ups are stored."""
    with tempfile.TemporaryDirectory() as folder:
        paths = {stored: Path(folder) / f"{stored}.db" for stored in sizes}
        for stored, path in paths.items():
            fill(path, stored)
        return asyncio.run(claims(paths))


def main() -> None:
    found = measure()
    medians = [statistics.median(taken) for taken in found.values()]
    for (stored, taken), median in zip(found.items(), medians, strict=True):
        print(f"{stored:>9,} stored: {len(taken)} claims of {LIMIT}, median {median:.2f} ms each")
    print(f"ratio {medians[1] / medians[0]:.2f}")
