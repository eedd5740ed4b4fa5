"""With a key, what people said is in no file of the database; without the right one nothing is opened."""

import asyncio
import os
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.conformance.people import ANNA, BEN, HOUR, NOW, entry_of, episode_of, follow_up_of, planned
from tgbot.cli import main
from tgbot.errors import DatabaseError
from tgbot.followup.episode import Entry, Episode, EpisodeState, Outcome, Person
from tgbot.service.store_port import Store, Transaction
from tgbot.store.opening import open_store, open_to_read
from tgbot.store.restoring import restore
from tgbot.store.sealing import new_key
from tgbot.store.sqlite.backups import back_up
from tgbot.store.sqlite.connection import read_only

PERSON = replace(ANNA, country="Zubrowka")
SAID = "it happened while lifting the xylophone"
CANARIES = (b"Zubrowka", b"xylophone", b"overtaken")
CLOSED = replace(
    episode_of(PERSON),
    state=EpisodeState.CLOSED,
    outcome=Outcome.BETTER,
    closed_at=NOW,
    closed_because="overtaken",
)


async def filled(store: Store) -> None:
    async def work(tx: Transaction) -> None:
        await tx.people.save_person(PERSON)
        await tx.people.save_episode(CLOSED)
        await tx.people.add_entry(replace(entry_of(PERSON), kind="note", value=SAID))

    await store.transact(PERSON.id, work)


async def held(store: Store) -> tuple[Person | None, list[Episode], list[Entry]]:
    async def work(tx: Transaction) -> tuple[Person | None, list[Episode], list[Entry]]:
        return (
            await tx.people.person(PERSON.id),
            list(await tx.people.episodes(PERSON.id)),
            list(await tx.people.entries(PERSON.id, "e1")),
        )

    return await store.transact(PERSON.id, work)


WHOLE = (PERSON, [replace(CLOSED, version=1)], [replace(entry_of(PERSON), kind="note", value=SAID)])


def outcomes(path: Path) -> list[str | None]:
    with read_only(path) as connection:
        return [outcome for (outcome,) in connection.execute("SELECT outcome FROM episode")]


def found_in(folder: Path) -> set[bytes]:
    everything = b"".join(file.read_bytes() for file in folder.iterdir() if file.is_file())
    return {canary for canary in CANARIES if canary in everything}


async def test_what_people_said_is_in_no_file_and_comes_back_whole(tmp_path: Path) -> None:
    url, key = str(tmp_path / "a.db"), new_key()
    async with open_store(url, NOW, keys=key) as store:
        await filled(store)
        back_up(tmp_path / "a.db", tmp_path / "copy.db")
        assert found_in(tmp_path) == set()
        assert outcomes(tmp_path / "a.db") == [None], "its own words stand in the schema, so not as bytes"
        assert await held(store) == WHOLE
    async with open_store(url, NOW, keys=key) as store:
        assert await held(store) == WHOLE
    async with open_to_read(str(tmp_path / "copy.db"), key) as store:
        assert await held(store) == WHOLE, "a backup is sealed, and opened by the same key"


async def test_without_a_key_it_is_as_before(tmp_path: Path) -> None:
    async with open_store(str(tmp_path / "a.db"), NOW) as store:
        await filled(store)
        assert found_in(tmp_path) == set(CANARIES)
        assert await held(store) == WHOLE


@pytest.mark.parametrize(
    ("key", "said"),
    [
        pytest.param(None, "is encrypted, and BACKCHECK_KEY_FILE is not set", id="no key"),
        pytest.param(new_key(), "the key that it was encrypted with is not among them", id="another key"),
        ("not a key", "or a line that is none"),
        ("", "holds no key"),
    ],
)
async def test_a_wrong_or_missing_key_is_a_sentence_and_never_a_new_database(
    tmp_path: Path, key: str | None, said: str
) -> None:
    url = str(tmp_path / "a.db")
    async with open_store(url, NOW, keys=new_key()):
        pass
    before = (tmp_path / "a.db").read_bytes()
    with pytest.raises(DatabaseError, match=said):
        async with open_store(url, NOW, keys=key):
            pass
    assert (tmp_path / "a.db").read_bytes() == before


async def test_a_restore_keeps_what_was_ended_since(tmp_path: Path) -> None:
    url, key = str(tmp_path / "a.db"), new_key()
    async with open_store(url, NOW, keys=key) as store:
        await planned(store, PERSON)
    back_up(tmp_path / "a.db", tmp_path / "copy.db")
    async with open_store(url, NOW, keys=key) as store:
        await store.transact(PERSON.id, lambda tx: tx.people.save_episode(replace(CLOSED, version=1)))
    restore(tmp_path / "copy.db", tmp_path / "a.db", NOW + HOUR)

    async with open_store(url, NOW, keys=key) as store:
        _, episodes, _ = await held(store)
    assert [(one.outcome, one.closed_because) for one in episodes] == [(Outcome.BETTER, "overtaken")]


def command(folder: Path, *words: str) -> Result:
    environ = {"BACKCHECK_DATABASE": str(folder / "a.db"), "BACKCHECK_KEY_FILE": str(folder / "key")}
    return CliRunner(env=environ).invoke(main, words)


def make_key(folder: Path) -> str:
    made = CliRunner().invoke(main, ["keys", "new", str(folder / "key")])
    assert made.exit_code == 0, made.output
    return (folder / "key").read_text()


async def test_a_key_is_turned_over_and_the_old_one_may_go(tmp_path: Path) -> None:
    """From plain to a first key, from that to a second; then the first is not needed, and opens nothing."""
    url = str(tmp_path / "a.db")
    async with open_store(url, NOW) as store:
        await filled(store)
        await planned(store, BEN, follow_up_of(BEN, "f2", episode="e2"))
    first = make_key(tmp_path)
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    rotated = await asyncio.to_thread(command, tmp_path, "keys", "rotate")
    assert "everything that 2 people said" in rotated.output
    assert found_in(tmp_path) == set(), "nothing plain is left, not even between the rows"

    both = make_key(tmp_path)
    assert both.splitlines()[1:] == first.splitlines()
    await asyncio.to_thread(command, tmp_path, "keys", "rotate")
    with pytest.raises(DatabaseError):
        async with open_store(url, NOW, keys=first):
            pass
    async with open_store(url, NOW, keys=both.splitlines()[0]) as store:
        assert await held(store) == WHOLE


async def test_keys_are_turned_over_of_nothing_but_an_idle_database(tmp_path: Path) -> None:
    make_key(tmp_path)
    missing = await asyncio.to_thread(command, tmp_path, "keys", "rotate")
    assert (missing.exit_code, os.listdir(tmp_path)) == (1, ["key"])  # noqa: PTH208
    assert "There is no database at" in missing.output
    async with open_store(str(tmp_path / "a.db"), NOW):
        used = await asyncio.to_thread(command, tmp_path, "keys", "rotate")
    assert "is in use" in used.output
    without = CliRunner().invoke(main, ["keys", "rotate"])
    assert "BACKCHECK_KEY_FILE is not set" in without.output
