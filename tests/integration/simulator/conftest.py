"""The simulator's own tests: bare calls against it, no bot of ours."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.simulator.scene import Scene, scene


@pytest.fixture
async def telegram() -> AsyncIterator[Scene]:
    """A simulator whose clock stands still, and Ada, who has pressed Start."""
    async with scene() as made:
        yield made
