"""A bot in a process of its own, started as an operator starts it."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.crash.settling import until
from tgbot.simulator.simulator_server import Simulator


@asynccontextmanager
async def running(simulator: Simulator, folder: Path, **settings: str) -> AsyncIterator[int]:
    """`backcheck run`, until the test is over: its process id. What it writes goes into the folder."""
    bot = await started(simulator, folder, **settings)
    try:
        await until(lambda: b"running" in (folder / "log").read_bytes(), 240, "it does not start")
        yield bot.pid
    finally:
        bot.send_signal(signal.SIGTERM)
        assert await bot.wait() == 0


async def started(simulator: Simulator, folder: Path, **settings: str) -> asyncio.subprocess.Process:
    """`backcheck run`, just begun; what it writes goes to `log` in the folder."""
    environ = {
        "PATH": os.environ["PATH"],
        "XDG_CACHE_HOME": os.environ["XDG_CACHE_HOME"],  # what the finder learned, see tests/conftest.py
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "BACKCHECK_TOKEN": simulator.token,
        "BACKCHECK_API_URL": simulator.url,
        "BACKCHECK_CHAT_SECONDS": "0",
        "BACKCHECK_KEEP_UNKNOWN_WORDS": "no",
        **settings,
    }
    with (folder / "log").open("ab") as log:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tgbot", "run", env=environ, stdout=log, stderr=log
        )
