from pathlib import Path

import pytest

from tests.conformance.people import NOW
from tgbot.store.sqlite import DatabaseError, SqliteStore, migrate
from tgbot.store.sqlite.counts import counted


async def test_counts_are_read_beside_the_running_bot_and_small_ones_are_hidden(tmp_path: Path) -> None:
    path = tmp_path / "backcheck.db"
    migrate(path, NOW)
    async with await SqliteStore.open(path) as store:
        await store.transact(
            lambda tx: tx.tally(NOW.date(), {("shown", "q-sleep"): 4, ("shown", "treat-best"): 12})
        )

        assert counted(path, NOW.date()) == {"shown": [("treat-best", "12"), ("q-sleep", "<5")]}


def test_without_a_database_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="There is no database at"):
        counted(tmp_path / "nothing.db", NOW.date())
