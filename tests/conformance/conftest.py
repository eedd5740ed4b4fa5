from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conformance.people import NOW, quick_mark
from tgbot.service.ports import Store
from tgbot.store.memory import MemoryStore
from tgbot.store.sqlite import SqliteStore, migrate


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """Every store there is: what holds for one holds for all."""
    if request.param == "memory":
        yield MemoryStore()
        return
    path = tmp_path / "backcheck.db"
    migrate(path, NOW)
    async with await SqliteStore.open(path, quick_mark) as opened:
        yield opened
