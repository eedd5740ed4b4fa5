"""Whoever says /forget leaves nothing: no row and no byte, wherever the bot writes while it runs."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.integration.processes import running
from tests.integration.test_diary import begun
from tests.postgres import rows, server
from tgbot.simulator.simulator_server import Simulator
from tgbot.store.opening import is_postgres
from tgbot.store.sealing import new_key

NOTE, UNKNOWN, DRIVEL = "xylocanary", "zanzicanary", "quuxcanary"


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


@pytest.mark.timeout(480)  # a whole process starts, on a machine that may be busy
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
