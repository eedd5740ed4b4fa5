from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.conformance.people import NOW, quick_mark
from tests.fakes.stores import OverlappingStore
from tgbot.service.ports import Store
from tgbot.store.memory import MemoryStore
from tgbot.store.sqlite import SqliteStore, migrate

ENGINES = ("memory", "overlapping", "sqlite")


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Every store there is: what holds for one holds for all."""
    return str(request.param)


@pytest.fixture
async def store(engine: str, tmp_path: Path) -> AsyncIterator[Store]:
    async with AsyncExitStack() as stack:
        yield (await _opened(stack, engine, tmp_path, 1))[0]


@pytest.fixture
async def two_stores(engine: str, tmp_path: Path) -> AsyncIterator[tuple[Store, Store]]:
    """Two processes on one database. What lies in memory has only one."""
    async with AsyncExitStack() as stack:
        first, second = await _opened(stack, engine, tmp_path, 2)
        yield first, second


async def _opened(stack: AsyncExitStack, engine: str, folder: Path, count: int) -> list[Store]:
    if engine == "memory":
        return [MemoryStore()] * count
    if engine == "overlapping":
        return [OverlappingStore()] * count
    path = folder / "backcheck.db"
    migrate(path, NOW)
    opening = [SqliteStore.open(path, quick_mark) for _ in range(count)]
    return [await stack.enter_async_context(await each) for each in opening]
