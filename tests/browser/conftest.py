"""A real, headless browser on the chat page. Without one the tests are skipped; in CI they fail.

One browser serves all of them, each in a context of its own: that is why they share one event loop. It is
closed when the last of them is done, so that it is no load beside the tests that follow.
"""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

# Pictures are looked at by people; `make pictures` lets them take the place of those in docs/.
PICTURES = Path(os.environ.get("BACKCHECK_PICTURES", "build/pictures"))
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""Debian's browser without windows takes half of the processor's time."""
SIZES = {"desktop": (1280, 800), "phone": (390, 844)}
Scheme = Literal["light", "dark"]
OpenPage = Callable[..., Awaitable[Page]]
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
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


expect.set_options(timeout=30_000)  # a busy machine draws late


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where the browser is."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None and os.environ.get("CI"):
        pytest.fail("CI has no Chromium; .ci/run installs it")
    if found is None:
        pytest.skip("no Chromium on this machine; install it to run the browser tests")
    return found


@pytest_asyncio.fixture(scope="package", loop_scope="session")
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


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser) -> AsyncIterator[OpenPage]:
    """`await open_page(url, size="phone", scheme="dark")`; what the page complains of fails the test.

    Nothing moves, unless `motion`: then the page scrolls and grows as most people see it.
    """
    complaints: list[str] = []
    async with AsyncExitStack() as contexts:

        async def opened(
            url: str,
            *,
            size: str = "desktop",
            scheme: Scheme = "light",
            motion: bool = False,
            locale: str = "en-GB",
        ) -> Page:
            width, height = SIZES[size]
            context = await browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme=scheme,
                locale=locale,
                reduced_motion="no-preference" if motion else "reduce",
                device_scale_factor=2,
            )
            contexts.push_async_callback(context.close)
            page = await context.new_page()
            page.set_default_timeout(30_000)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
            await page.goto(url)
            return page

        yield opened
    lost = ("net::ERR_", "Failed to fetch")  # a server that went away is no fault of the page's
    assert not [c for c in complaints if not any(words in c for words in lost)]
