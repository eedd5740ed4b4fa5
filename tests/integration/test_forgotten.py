"""Whoever says /forget leaves nothing: no row and no byte, wherever the bot writes while it runs."""

import asyncio
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from tests.crash.settling import until
from tests.integration.test_diary import begun
from tests.postgres import rows, server
from tgbot.simulator.simulator_server import Simulator
from tgbot.store.opening import is_postgres
from tgbot.store.sealing import new_key

NOTE, UNKNOWN, DRIVEL = "xylocanary", "zanzicanary", "quuxcanary"


@asynccontextmanager
async def running(simulator: Simulator, folder: Path, **settings: str) -> AsyncIterator[None]:
    """`backcheck run`, as an operator starts it; what it writes for itself goes into the folder."""
    with (folder / "log").open("ab") as log:
        environ = {
            "PATH": os.environ["PATH"],
            "XDG_CACHE_HOME": os.environ["XDG_CACHE_HOME"],  # what the finder learned, see tests/conftest.py
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "BACKCHECK_TOKEN": simulator.token,
            "BACKCHECK_API_URL": simulator.url,
            "BACKCHECK_CHAT_SECONDS": "0",
            "BACKCHECK_KEEP_UNKNOWN_WORDS": "no",
            **settings,
        }
        bot = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tgbot", "run", env=environ, stdout=log, stderr=log
        )
        try:
            await until(lambda: b"running" in (folder / "log").read_bytes(), 120, "it does not start")
            yield
        finally:
            bot.send_signal(signal.SIGTERM)
            assert await bot.wait() == 0


def files_with(word: str, *folders: Path) -> list[str]:
    everything = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return [path.name for path in everything if word.encode() in path.read_bytes()]


def rows_of(database: str, person_id: int) -> dict[str, int]:
    """How many rows of every table that knows people are this person's."""
    found = {}
    for table, whose in (
        ("person", "id"),
        *((table, "person_id") for table in ("episode", "follow_up", "entry")),
    ):
        counted = f"SELECT count(*) FROM {table} WHERE {whose} = {person_id}"
        if is_postgres(database):
            ((count,),) = rows(database, counted)
        else:
            with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
                ((count,),) = connection.execute(counted).fetchall()
        found[table] = int(str(count))
    return found


@pytest.mark.parametrize("sealed", [False, True], ids=["plain", "sealed"])
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
async def test_no_byte_is_left_in_database_log_cache_or_anything_else(
    simulator: Simulator, tmp_path: Path, sealed: bool, engine: str
) -> None:
    ada, key = simulator.person("Ada"), {"BACKCHECK_KEY": new_key()} if sealed else {}
    written = (tmp_path, Path(os.environ["XDG_CACHE_HOME"]))
    with server().database() as url:
        database = url if engine == "postgresql" else str(tmp_path / "backcheck.db")
        async with running(simulator, tmp_path, BACKCHECK_DATABASE=database, **key):
            await begun(ada)
            await ada.send(f"/note it came while I lifted the {NOTE}")
            await ada.send(f"why {UNKNOWN} {DRIVEL}")
            await ada.send("/history")
            assert NOTE in ada.screen.text
            await ada.send("/export")
            assert all(rows_of(database, ada.id).values())
            if engine == "sqlite":
                assert bool(files_with(NOTE, *written)) != sealed, "they would be found"
            await ada.send("/forget")
            await ada.tap("Yes, erase everything")
            assert "erased" in ada.screen.text.lower()
            while_it_runs = [files_with(word, *written) for word in (NOTE, UNKNOWN, DRIVEL)]
        assert not any(rows_of(database, ada.id).values())

    assert while_it_runs == [[], [], []]
    assert [files_with(word, *written) for word in (NOTE, UNKNOWN, DRIVEL)] == [[], [], []]
