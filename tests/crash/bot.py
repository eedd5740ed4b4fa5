"""The real `backcheck run`, as a process that can be killed at a named point. Nothing in the bot knows.

    echo POINT[:COUNT[:HOW]] | python -m tests.crash.bot CLOCK

CLOCK is a file with a number of seconds: how far this process's clock is ahead. CRASH_WEBHOOK in the
environment is the address to which Telegram posts. POINT is a step of the
courier (claimed, sent, settled) or `never`; at the COUNT-th time the process kills itself, or by HOW it
freezes (`stop`) or its event loop stalls (`stall`). The bot starts when it is told so; Python is up and the
pack read before.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from tgbot.clock import SystemClock
from tgbot.logs import configure
from tgbot.packs.whole import load_whole
from tgbot.settings import Settings
from tgbot.supervision import until_stopped
from tgbot.wiring.assembly import Hooks
from tgbot.wiring.process import run


class PushedClock(SystemClock):
    """The machine's clock, ahead by what stands in a file."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=float(self._file.read_text()))

    async def wait(self, until: datetime | None, wake: asyncio.Event) -> None:
        while not wake.is_set() and (until is None or self.now() < until):
            try:
                async with asyncio.timeout(0.05):
                    await wake.wait()
            except TimeoutError:
                continue


ENDS: dict[str, Callable[[], None]] = {
    "": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "stop": lambda: os.kill(os.getpid(), signal.SIGSTOP),
    "stall": lambda: time.sleep(3600),  # in the event loop: nothing else gets a turn
}


def probe(spec: str) -> Callable[[str], None]:
    point, _, rest = spec.partition(":")
    count, _, how = rest.partition(":")
    left = int(count or 1)

    def reached(at: str) -> None:
        nonlocal left
        left -= at == point
        if left == 0 and at == point:
            ENDS[how]()

    return reached


def main() -> None:
    settings, clock = Settings.read(os.environ), PushedClock(Path(sys.argv[1]))
    if webhook := os.environ.get("CRASH_WEBHOOK"):  # Telegram would demand https
        settings = settings.model_copy(update={"webhook": webhook})
    pack = load_whole(settings.content)
    told = sys.stdin.readline().strip()
    if not told:
        return  # whoever started this is gone
    hooks = Hooks(step=probe(told), read=lambda _: pack)
    until_stopped(lambda stop: run(settings, clock, stop, hooks))


if __name__ == "__main__":
    configure("console", level="WARNING")
    main()
