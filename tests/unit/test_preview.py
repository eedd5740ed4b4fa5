"""Whoever writes words sees what they save."""

import asyncio
import os
from pathlib import Path

from tgbot.clock import SystemClock
from tgbot.demo import watch


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
