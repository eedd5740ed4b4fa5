import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.conformance.people import ANNA, BEN, HOUR, NOW, entry_of, follow_up_of, planned
from tgbot.cli import main
from tgbot.clock import SystemClock
from tgbot.errors import DatabaseError
from tgbot.followup.episode import FollowUpState
from tgbot.service.questions import counted
from tgbot.store.opening import open_to_read
from tgbot.store.sqlite.migrate import migrate
from tgbot.store.sqlite.store import SqliteStore


async def test_counts_are_read_beside_the_running_bot_and_small_ones_are_hidden(tmp_path: Path) -> None:
    path = tmp_path / "backcheck.db"
    migrate(path, NOW)
    async with await SqliteStore.open(path) as store:
        await store.operate(
            lambda tx: tx.operations.tally(NOW.date(), {("shown", "q-sleep"): 4, ("shown", "treat-best"): 12})
        )

        async with open_to_read(str(path)) as beside:
            found = await counted(beside, NOW.date())

    assert found == {"shown": [("treat-best", "12"), ("q-sleep", "<5")]}


def test_where_nothing_was_counted_it_says_so(tmp_path: Path) -> None:
    migrate(tmp_path / "new.db", NOW)
    said = CliRunner().invoke(main, ["stats"], env={"BACKCHECK_DATABASE": str(tmp_path / "new.db")})

    assert said.output.startswith("nothing since ")


async def test_without_a_database_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="There is no database at"):
        async with open_to_read(str(tmp_path / "nothing.db")):
            pass


async def test_a_store_opened_to_read_writes_nothing(tmp_path: Path) -> None:
    migrate(tmp_path / "a.db", NOW)
    with pytest.raises(DatabaseError, match="readonly"):
        async with open_to_read(str(tmp_path / "a.db")) as store:
            await store.transact(ANNA.id, lambda tx: tx.people.save_person(ANNA))


async def some_follow_ups(path: Path) -> None:
    """Of Anna two that nobody knows to have arrived and one that is sent; of Ben one that is overdue."""
    now = SystemClock().now()
    sent = replace(follow_up_of(ANNA, "f-sent", now - HOUR), state=FollowUpState.SENT, sent_at=now)
    doubtful = [
        replace(follow_up_of(ANNA, f"f-{n}", now - n * HOUR), state=FollowUpState.UNCONFIRMED) for n in (1, 2)
    ]
    migrate(path, NOW)
    async with await SqliteStore.open(path) as store:
        await planned(store, ANNA, sent, *doubtful)
        await planned(store, BEN, follow_up_of(BEN, "f-late", now - HOUR, episode="e2"))
        await planned(store, BEN, follow_up_of(BEN, "f-to-come", now + 24 * HOUR, episode="e2"))
        await store.transact(
            ANNA.id, lambda tx: tx.people.add_entry(replace(entry_of(ANNA), value="a note of hers"))
        )


async def test_the_operator_sees_how_many_messages_nobody_knows_to_have_arrived_and_which(
    tmp_path: Path,
) -> None:
    path = tmp_path / "backcheck.db"
    await some_follow_ups(path)
    runner = CliRunner(env={"BACKCHECK_DATABASE": str(path)})
    counts = await asyncio.to_thread(runner.invoke, main, ["follow-ups"])
    listed = await asyncio.to_thread(runner.invoke, main, ["follow-ups", "--state", "unconfirmed"])

    assert [line.split() for line in counts.output.splitlines()[1:]] == [
        ["1", "late"],
        ["1", "planned"],
        ["1", "sent"],
        ["2", "unconfirmed"],
    ]
    assert [line.split()[0] for line in listed.output.splitlines()] == ["f-2", "f-1"]
    for said in (counts.output, listed.output):
        assert str(ANNA.id) not in said
        assert "note" not in said


async def test_what_a_restore_holds_back_is_counted_as_held(tmp_path: Path) -> None:
    path = tmp_path / "backcheck.db"
    await some_follow_ups(path)
    runner = CliRunner(env={"BACKCHECK_DATABASE": str(path)})
    assert runner.invoke(main, ["backup", str(tmp_path / "copy.db")]).exit_code == 0
    assert runner.invoke(main, ["restore", str(tmp_path / "copy.db")]).exit_code == 0

    now = SystemClock().now()
    async with open_to_read(str(path)) as store:
        found = await store.operate(lambda tx: tx.operations.became(now - timedelta(days=30), now))
    assert found == {"held": 2, "sent": 1, "unconfirmed": 2}
