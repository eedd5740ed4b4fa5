"""Property tests draw the same examples every time, so that a red run is a change's doing.

What the finder learns is kept with pytest's own cache, also by the bots that tests start.
"""

import os

import pytest
from hypothesis import settings

settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")


def pytest_configure(config: pytest.Config) -> None:
    os.environ["XDG_CACHE_HOME"] = str(config.rootpath / ".pytest_cache" / "finder")
