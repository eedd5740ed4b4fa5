"""A migrated database of a real server."""

from collections.abc import Iterator

import pytest

from tests.postgres import migrated_database


@pytest.fixture
def url() -> Iterator[str]:
    with migrated_database() as found:
        yield found
