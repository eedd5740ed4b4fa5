"""The whole bot on PostgreSQL behind PgBouncer in transaction mode: an episode from its start to its end."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr

from tests.integration.test_check_ins import begun, check_in, morning, say
from tests.pgbouncer import installed, through_pgbouncer
from tests.postgres import migrated_database, rows, server
from tgbot.clock import TravelClock
from tgbot.settings import Settings
from tgbot.simulator.simulated_people import SimulatedPerson

pytestmark = pytest.mark.skipif(not installed(), reason="PgBouncer is not installed")
__all__ = ["morning"]  # in which all of it happens


@pytest.fixture
def database() -> Iterator[str]:
    with migrated_database() as url:
        yield url


@pytest.fixture
def settings(settings: Settings, database: str) -> Settings:
    bounced = through_pgbouncer(server().url("postgres")) + str(conninfo_to_dict(database)["dbname"])
    return settings.model_copy(update={"database": SecretStr(bounced)})


async def test_an_episode_is_walked_from_consent_to_its_end(
    ada: SimulatedPerson, clock: TravelClock, database: str
) -> None:
    await begun(ada)
    await ada.send("/pain 6")
    await check_in(ada, clock)
    await say(ada, "better")
    await ada.send("/history")
    assert "6" in ada.screen.text
    await check_in(ada, clock, timedelta(days=11))
    await say(ada, "gone")

    assert rows(database, "SELECT state, outcome FROM episode") == [("closed", "gone")]
    await ada.send("/forget")
    await ada.tap("Yes, erase everything")
    assert rows(database, "SELECT id FROM person") == []
