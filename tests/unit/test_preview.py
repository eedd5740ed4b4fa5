"""Whoever writes words sees what they save."""

import asyncio
import os
import threading
import webbrowser
from pathlib import Path

import pytest

from tgbot.clock import SystemClock
from tgbot.demo import browsing, state_of, watch
from tgbot.settings import shipped_content


def test_every_file_of_the_pack_is_watched() -> None:
    assert set(state_of(shipped_content())) == {
        path for path in shipped_content().rglob("*") if path.is_file()
    }


def test_the_demo_ends_beside_a_browser_that_stays_open(monkeypatch: pytest.MonkeyPatch) -> None:
    let_go, closed = threading.Event(), threading.Event()

    def stays(_: str) -> None:
        let_go.wait(30)
        closed.set()

    async def shown() -> None:
        with browsing("http://127.0.0.1:8081/"):
            await SystemClock().sleep(0)

    monkeypatch.setattr(webbrowser, "open", stays)
    asyncio.run(shown())

    assert not closed.is_set()
    let_go.set()


class Quick(SystemClock):
    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds / 50)


async def test_what_is_saved_is_noticed_once_it_is_quiet(tmp_path: Path) -> None:
    words = tmp_path / "en" / "ui.yaml"
    words.parent.mkdir()
    words.write_text("a: 1\n")
    saved = asyncio.Event()
    watching = asyncio.create_task(watch(tmp_path, Quick(), saved))
    await SystemClock().sleep(0)
    assert not saved.is_set()
    words.write_text("a: 2, longer\n")
    os.utime(words, ns=(1, 1))
    async with asyncio.timeout(30):
        await saved.wait()
    watching.cancel()
