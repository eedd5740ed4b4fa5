from collections.abc import Iterator

import pytest

from tests.postgres import migrated_database


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """Where the bots keep everything; SQLite's file is in each town's folder."""
    if request.param == "sqlite":
        yield ""
        return
    with migrated_database() as url:
        yield url
