"""A real, headless browser on the chat page. Without one the tests are skipped; in CI they fail."""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

# Pictures are looked at by people; `make pictures` lets them take the place of those in docs/.
PICTURES = Path(os.environ.get("BACKCHECK_PICTURES", "build/pictures"))
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where the browser is."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None and os.environ.get("CI"):
        pytest.fail("CI has no Chromium; .ci/run installs it")
    if found is None:
        pytest.skip("no Chromium on this machine; install it to run the browser tests")
    return found


@pytest.fixture
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
        yield opened
        await opened.close()


@pytest.fixture(scope="session")
def pictures() -> Path:
    """The folder that screenshots go to."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    return PICTURES
