"""The disk of a PostgreSQL server fills up: the tables lie on a small file system of their own."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.people import ANNA, entry_of, planned, quick_mark
from tests.postgres import server
from tgbot.followup.episode import Entry
from tgbot.service.store_port import StoreFullError
from tgbot.store.postgres.pooled_store import PostgresStore
from tgbot.store.postgres.schema import migrate_schema

LONG = 6_000  # random bytes of a note, so that nothing is won by compressing them
MANY = 2_000


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of 24 MB, with a folder for the server; its user must be able to come there."""
    folder = Path(tempfile.mkdtemp(prefix="backcheck-small-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=24m", "backcheck", folder],
            capture_output=True,
            check=False,
        )
    except OSError:
        mounted = None
    if mounted is None or mounted.returncode:
        folder.rmdir()
        pytest.skip("no file system can be mounted here")
    (folder / "tables").mkdir()
    if os.geteuid() == 0:
        shutil.chown(folder / "tables", "pgserver")
    yield folder
    subprocess.run(["umount", folder], check=True)
    folder.rmdir()


@pytest.fixture
def url(small_disk: Path) -> Iterator[str]:
    where = small_disk / "tables"
    server().run(f"CREATE TABLESPACE small LOCATION '{where}'", "CREATE DATABASE small TABLESPACE small")
    migrate_schema(server().url("small"))
    yield server().url("small")
    (small_disk / "ballast").unlink(missing_ok=True)
    server().run("DROP DATABASE small WITH (FORCE)", "DROP TABLESPACE small")


def take_the_rest(disk: Path) -> None:
    with (disk / "ballast").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(65_536))
        except OSError:
            return


async def test_a_full_server_says_so_and_works_again_as_soon_as_there_is_room(
    url: str, small_disk: Path
) -> None:
    def note(number: int) -> Entry:
        return Entry(f"x{number}", "e1", ANNA.id, entry_of(ANNA).at, "note", os.urandom(LONG // 2).hex())

    kept: list[str] = []

    async def keep(number: int) -> None:
        await store.transact(ANNA.id, lambda tx: tx.people.add_entry(note(number)))
        kept.append(f"x{number}")

    async def fill() -> None:
        for number in range(MANY):
            await keep(number)

    async with await PostgresStore.open(url, quick_mark) as store:
        await planned(store)
        take_the_rest(small_disk)
        with pytest.raises(StoreFullError, match="The database says"):
            await fill()
        assert await store.transact(ANNA.id, lambda tx: tx.people.person(ANNA.id)) == ANNA, "it is read"
        (small_disk / "ballast").unlink()
        await keep(MANY)
        entries = await store.transact(ANNA.id, lambda tx: tx.people.entries(ANNA.id, "e1"))

    assert sorted(entry.id for entry in entries) == sorted(kept), "what was refused was undone"
