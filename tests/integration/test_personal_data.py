"""/export is complete, `export` and `forget` do by letter what the chat does, and /forget leaves no byte."""

import asyncio
import csv
import io
import json
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.conformance.people import ANNA, BEN, NOW, entry_of, episode_of, follow_up_of, planned
from tests.fakes.phone import SCREENS, begun
from tgbot.chat.request import Request
from tgbot.chat.settings_handlers import PrivacyHandlers
from tgbot.cli import main
from tgbot.followup.episode import EpisodeState, FollowUpState, Outcome
from tgbot.followup.times import QuietHours
from tgbot.service.hints import Recent
from tgbot.service.personal_data import PersonalData, Privacy, archive, collect
from tgbot.service.store_port import OwedReply, Store, Transaction
from tgbot.store.opening import open_store
from tgbot.store.rows import to_ms
from tgbot.store.sealing import new_key
from tgbot.store.sqlite.backups import back_up

PERSON = replace(
    ANNA, country="NZ", zone="Pacific/Auckland", quiet=QuietHours(time(22, 15), time(7, 45)), locale="en"
)
NOTE = "=it happened while lifting the xylophone"
TECHNICAL = {  # the courier's own, or the database's: no word about the person
    "follow_up": {"held", "ready_at", "owner", "leased_until", "fence"},
    "owed_reply": {"at", "until"},
}


async def filled(store: Store) -> None:
    """Every column of every table holds something of its own."""
    first = replace(
        episode_of(PERSON, "e0"),
        state=EpisodeState.CLOSED,
        outcome=Outcome.BETTER,
        closed_at=NOW + timedelta(days=9),
        closed_because="stopped",
        onset=NOW - timedelta(days=40),
        started_at=NOW - timedelta(days=39),
    )
    sent = replace(
        follow_up_of(PERSON, "f0", NOW + timedelta(minutes=1), "e0"),
        send_at=NOW + timedelta(minutes=2),
        state=FollowUpState.SENT,
        reminder=True,
        ambiguous=2,
        sent_at=NOW + timedelta(minutes=3),
        message_id=987_654,
    )

    async def work(tx: Transaction) -> None:
        await tx.people.save_person(PERSON)
        for episode in (first, episode_of(PERSON)):
            await tx.people.save_episode(episode)
        for follow_up in (sent, follow_up_of(PERSON)):
            await tx.people.save_follow_up(follow_up)
        note = replace(entry_of(PERSON), kind="note", value=NOTE, step="h72", at=NOW + timedelta(seconds=7))
        await tx.people.add_entry(note)
        await tx.people.add_entry(replace(entry_of(PERSON, "n0"), episode_id="e0"))
        await tx.operations.owe([OwedReply(55_555, PERSON.id)], NOW, NOW)

    await store.transact(PERSON.id, work)
    await planned(store, BEN, follow_up_of(BEN, "f9", episode="e9"))


def exported(content: bytes) -> tuple[dict[str, Any], dict[str, list[dict[str, str]]], str]:
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        assert opened.testzip() is None
        texts = {name: opened.read(name).decode("utf-8-sig") for name in opened.namelist()}
    lists = {name: list(csv.DictReader(io.StringIO(texts[name]))) for name in texts if name.endswith(".csv")}
    return json.loads(texts["everything.json"]), lists, texts["read me.html"]


def flat(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set().union(*map(flat, value.values())) if value else set()
    if isinstance(value, list):
        return set().union(*map(flat, value)) if value else set()
    return {str(value)}


def theirs(path: Path) -> list[tuple[str, str, object]]:
    """Every stored value of this person, with its table and column, from every table that knows people."""
    found: list[tuple[str, str, object]] = []
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        tables = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        for table in tables:
            columns = [row["name"] for row in connection.execute(f"PRAGMA table_info({table})")]
            known = {"person": "id", "owed_reply": "chat_id"}
            key = "person_id" if "person_id" in columns else known.get(table)
            if key is not None:
                for row in connection.execute(f"SELECT * FROM {table} WHERE {key} = ?", (PERSON.id,)):
                    found += [(table, column, row[column]) for column in columns]
    return found


async def test_every_stored_value_about_a_person_is_in_the_export(tmp_path: Path) -> None:
    async with open_store(str(tmp_path / "a.db"), NOW) as store:
        await filled(store)
        data = await store.transact(PERSON.id, lambda tx: collect(tx, PERSON.id))
    assert isinstance(data, PersonalData)
    everything, lists, _ = exported(archive(data, "<p>page</p>", NOW))
    values = flat(everything)
    stored = theirs(tmp_path / "a.db")
    assert {table for table, _, _ in stored} == {"person", "episode", "follow_up", "entry", "owed_reply"}
    for table, column, value in stored:
        if value is None or column in TECHNICAL.get(table, ()):
            continue
        known = {str(value), str(bool(value)) if value in (0, 1) else ""}
        if isinstance(value, int) and value > 1_000_000_000_000:  # an instant
            known = {
                shown
                for shown in values
                if shown[:2] == "20" and to_ms(datetime.fromisoformat(shown)) == value
            }
        if column.startswith("quiet_"):
            assert isinstance(value, int)
            known = {time(value // 60, value % 60).isoformat()}
        assert known & values, f"{table}.{column} = {value!r} is not in the export"
    assert str(BEN.id) not in values
    for name, count in (("episodes.csv", 2), ("check_ins.csv", 2), ("entries.csv", 2)):
        assert len(lists[name]) == count
        assert set(lists[name][0]) == set(everything[name.removesuffix(".csv")][0])
    assert [entry["value"] for entry in lists["entries.csv"] if entry["kind"] == "note"] == [f"'{NOTE}"]


async def test_the_chat_hands_it_over_and_says_when_there_is_nothing() -> None:
    phone = await begun()
    handlers = PrivacyHandlers(SCREENS, Privacy(phone.store), Recent(phone.clock))
    request = Request(1, phone.person_id, phone.person_id, True, phone.clock.now())
    reply = await handlers.export(request)
    assert reply.file is not None
    everything, _, page = exported(reply.file.content)
    assert everything["person"]["id"] == phone.person_id
    assert len(everything["check_ins"]) == 1
    assert "everything.json" in page
    assert page.startswith("<!doctype html>")
    assert "<b>everything.json</b> holds" in page
    assert "<i>onset</i> is when it began" in page
    assert "*" not in page
    assert "closed_because" in page

    nobody = await handlers.export(replace(request, person_id=5))
    assert (nobody.file, nobody.screen) == (None, SCREENS.nothing_to_export)


def command(folder: Path, *words: str, **more: str) -> Result:
    environ = {"BACKCHECK_DATABASE": str(folder / "a.db"), **more}
    return CliRunner(env=environ).invoke(main, words)


@pytest.mark.parametrize("sealed", [False, True])
async def test_by_letter(tmp_path: Path, sealed: bool) -> None:
    """`export` beside the running bot, `forget` with it stopped; nobody else's is touched."""
    key = new_key() if sealed else None
    more = {"BACKCHECK_KEY": key} if key else {}
    async with open_store(str(tmp_path / "a.db"), NOW, keys=key) as store:
        await filled(store)
        done = await asyncio.to_thread(
            command, tmp_path, "export", str(PERSON.id), str(tmp_path / "x.zip"), **more
        )
        assert done.exit_code == 0, done.output
        running = await asyncio.to_thread(command, tmp_path, "forget", str(PERSON.id), "--yes", **more)
        assert "is in use" in running.output
    everything, _, _ = exported((tmp_path / "x.zip").read_bytes())
    assert NOTE in flat(everything)
    assert (tmp_path / "x.zip").stat().st_mode & 0o777 == 0o600
    again = await asyncio.to_thread(
        command, tmp_path, "export", str(PERSON.id), str(tmp_path / "x.zip"), **more
    )
    assert "nothing is overwritten" in again.output

    gone = await asyncio.to_thread(command, tmp_path, "forget", str(PERSON.id), "--yes", **more)
    assert "Episodes: 2. Check-ins: 2. Entries: 2." in gone.output
    assert theirs(tmp_path / "a.db") == []
    nothing = await asyncio.to_thread(
        command, tmp_path, "export", str(PERSON.id), str(tmp_path / "y.zip"), **more
    )
    assert f"Nothing is stored about {PERSON.id}." in nothing.output
    async with open_store(str(tmp_path / "a.db"), NOW, keys=key) as store:
        assert await store.transact(BEN.id, lambda tx: tx.people.person(BEN.id)) == BEN
    back_up(tmp_path / "a.db", tmp_path / "after.db")
    for file in ("a.db", "after.db"):
        content = (tmp_path / file).read_bytes()
        assert b"xylophone" not in content
        assert PERSON.id.to_bytes(6, "big") not in content
