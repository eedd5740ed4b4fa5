import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.conformance.people import NOW, quick_mark
from tests.fakes.memory_store import MemoryStore
from tests.fakes.stores import OverlappingStore
from tests.pgbouncer import installed, through_pgbouncer
from tests.postgres import migrated_database, server
from tgbot.service.store_port import Store
from tgbot.store.postgres import pooled_store
from tgbot.store.postgres.pooled_store import PostgresStore
from tgbot.store.sealing import seal_of
from tgbot.store.sqlite.migrate import migrate
from tgbot.store.sqlite.store import SqliteStore
from tgbot.supervision import loop_factory

ENGINES = ("memory", "overlapping", "sqlite", "sealed", "postgresql")
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="  # of these tests alone


_CORE = ("test_two_deciders", "test_courier_verbs")  # through PgBouncer as well
_VERBS = (*_CORE, "test_store")  # "grouped": each asked as it is for several people at once
_NO_BOUNCER = pytest.mark.skipif(not installed(), reason="PgBouncer is not installed")


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loop on which the bot runs."""
    return {"uvloop": loop_factory() or asyncio.new_event_loop}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every store there is: what holds for one holds for all."""
    if "engine" in metafunc.fixturenames:
        module = metafunc.module.__name__.rpartition(".")[2]
        bounced = [pytest.param("pgbouncer", marks=_NO_BOUNCER)] if module in _CORE else []
        metafunc.parametrize("engine", [*ENGINES, *(["grouped"] if module in _VERBS else []), *bounced])


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
    if engine in ("postgresql", "grouped", "pgbouncer"):
        if engine == "grouped":
            stack.enter_context(pytest.MonkeyPatch.context()).setattr(pooled_store, "FEWEST", 1)
        url = stack.enter_context(migrated_database())
        if engine == "pgbouncer":
            url = through_pgbouncer(server().url("postgres")) + str(conninfo_to_dict(url)["dbname"])
        servers = [PostgresStore.open(url, quick_mark) for _ in range(count)]
        return [await stack.enter_async_context(await each) for each in servers]
    path = folder / "backcheck.db"
    migrate(path, NOW)
    seal = seal_of(KEY if engine == "sealed" else None)
    opening = [SqliteStore.open(path, quick_mark, seal) for _ in range(count)]
    return [await stack.enter_async_context(await each) for each in opening]
