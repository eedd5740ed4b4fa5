"""`backcheck move` of 100,000 people from SQLite to PostgreSQL: killed at random instants, then to its end.

Each person has ten follow-ups and two entries. After each kill the source and the target are counted.
"""

import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.replicas import EACH, FILL
from tests.postgres import Server, rows
from tgbot.store.postgres.schema import migrate_schema
from tgbot.store.rows import to_ms
from tgbot.store.sqlite.connection import connect
from tgbot.store.sqlite.migrate import migrate

PEOPLE, KILLS = 100_000, 5
_SERIES = (
    "WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < {} - 1)"
    " SELECT n FROM numbers"
)
_ENTRIES = (
    "INSERT INTO entry (id, episode_id, person_id, at, kind, value)"
    " SELECT 'n' || n, 'e' || (n / 2), n / 2, n, 'note', 'note ' || n"
    " FROM generate_series(0, 2 * CAST(:people AS integer) - 1) AS n"
)


def fill(path: Path) -> None:
    """A database of so many people, by the statements that fill PostgreSQL elsewhere."""
    migrate(path, datetime.now(UTC))
    values = {"people": PEOPLE, "stored": PEOPLE * EACH, "due": 1_000, "now": to_ms(datetime.now(UTC))}
    with closing(connect(path)) as connection:
        connection.execute("BEGIN")
        connection.execute(f"CREATE TEMP TABLE series AS {_SERIES.format(PEOPLE * EACH)}")
        for sql in (*FILL, _ENTRIES):
            connection.execute(*_in_sqlite(sql, values))
        connection.execute("COMMIT")


def _in_sqlite(sql: str, values: dict[str, int]) -> tuple[str, dict[str, int]]:
    """generate_series(0, N) as the first rows of our table."""
    before, _, rest = sql.partition("generate_series(0, ")
    upto, _, after = rest.partition(") AS n")
    series = f"(SELECT n FROM series WHERE n <= {upto})"  # noqa: S608 – our own words
    return f"{before}{series}{after}".replace("integer", "INTEGER"), values


def counted(path: Path, url: str) -> tuple[int, int]:
    """The follow-ups in the source, and in the target."""
    with closing(sqlite3.connect(path)) as connection:
        (ours,) = connection.execute("SELECT count(*) FROM follow_up").fetchone()
    ((theirs,),) = rows(url, "SELECT count(*) FROM follow_up")
    assert isinstance(theirs, int)
    return int(ours), theirs


def start(path: Path, url: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tgbot", "move", str(path), url]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ))


def main() -> None:
    dice = random.Random(5)
    with tempfile.TemporaryDirectory() as folder:
        path, server = Path(folder) / "backcheck.db", Server(Path(folder) / "server")
        try:
            fill(path)
            print(f"{PEOPLE:,} people in a file of {path.stat().st_size / 1e6:,.0f} MB", flush=True)
            with server.database() as url:
                migrate_schema(url)
                for _ in range(KILLS):
                    moving, after = start(path, url), dice.uniform(2, 60)
                    try:
                        moving.communicate(timeout=after)
                    except subprocess.TimeoutExpired:
                        moving.kill()
                        moving.communicate()
                        ours, theirs = counted(path, url)
                        print(
                            f"killed after {after:.0f} s: {ours:,} in the source, {theirs:,} in the target",
                            flush=True,
                        )
                began = time.perf_counter()
                said, _ = start(path, url).communicate()
                print(f"{said}in {time.perf_counter() - began:.0f} s", flush=True)
        finally:
            server.stop()
