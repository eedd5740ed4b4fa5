"""The real `backcheck run`, as processes that can be killed at a named point. Nothing in the bot knows.

    python -m tests.crash.bot SOCKET

This process imports and reads everything once, and lives until its input ends. For each connection to SOCKET
it forks a process that serves one test: of the first line, `{"clock": FILE, "log": FILE}`, and then for each
line `{"kill": POINT, "environ": {…}}` it forks a bot, and says `{"born": PID}`, and later
`{"ended": PID, "code": CODE}`.

The clock's file has a number of seconds: how far the bots' clock is ahead. POINT is a step of the courier
(claimed, sent, settled) or `never`, with `:COUNT` and `:HOW`: at the COUNT-th time the process kills itself,
or by HOW it freezes (`stop`) or its event loop stalls (`stall`). CRASH_WEBHOOK in the environment is the
address to which Telegram posts.
"""

import asyncio
import gc
import json
import os
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from tgbot.clock import SystemClock
from tgbot.logs import configure
from tgbot.packs.whole import Whole, load_whole
from tgbot.settings import Settings, shipped_content
from tgbot.store.postgres import pooled_store  # noqa: F401 – imported once, before the bots are forked
from tgbot.supervision import until_stopped
from tgbot.wiring.foundation import Hooks
from tgbot.wiring.process import run

LOOK = 0.02  # seconds between two looks for bots that have ended


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


def live(kill: str, environ: Mapping[str, str], clock: Path, pack: Whole) -> None:
    """A bot's life, in its own process."""
    settings = Settings.read(environ)
    if webhook := environ.get("CRASH_WEBHOOK"):  # Telegram would demand https
        settings = settings.model_copy(update={"webhook": webhook})
    hooks = Hooks(step=probe(kill), read=lambda _: pack)
    until_stopped(lambda stop: run(settings, PushedClock(clock), stop, hooks))


def fork(told: Mapping[str, object], clock: Path, pack: Whole) -> int:
    """Begin a bot's life. Its number."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        environ = dict(told["environ"])  # type: ignore[call-overload]
        os.environ.clear()
        os.environ.update(environ)
        live(str(told["kill"]), environ, clock, pack)
        code = 0
    except BaseException:  # noqa: BLE001 – as Python itself would end
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def lines(asking: socket.socket) -> Iterator[str]:
    """What is asked for; "" now and then, until the asking process is gone."""
    waiting = b""
    while True:
        if select.select([asking], [], [], LOOK)[0]:
            got = asking.recv(65_536)
            if not got:
                return
            *whole, waiting = (waiting + got).split(b"\n")
            yield from (line.decode() for line in whole)
        yield ""


def ended() -> Iterator[tuple[int, int]]:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        yield pid, os.waitstatus_to_exitcode(status)


def serve(asking: socket.socket, pack: Whole) -> None:
    """Fork the bots of one test. They write to its log, and hold nothing of ours."""
    os.register_at_fork(after_in_child=asking.close)
    told = lines(asking)
    place = json.loads(next(filter(None, told)))
    log = os.open(place["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for stream in (1, 2):
        os.dup2(log, stream)
    for line in told:
        if line:
            say(asking, {"born": fork(json.loads(line), Path(place["clock"]), pack)})
        for pid, code in ended():
            say(asking, {"ended": pid, "code": code})


def say(asking: socket.socket, what: Mapping[str, int]) -> None:
    asking.sendall(json.dumps(what).encode() + b"\n")


def main() -> None:
    pack = load_whole(shipped_content())
    gc.freeze()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(sys.argv[1])
        listening.listen()
        print(flush=True)  # noqa: T201 – whoever waits may connect
        while listening.fileno() in select.select([0, listening.fileno()], [], [])[0]:
            asking, _ = listening.accept()
            if os.fork():
                asking.close()
                list(ended())  # whoever has served a test
                continue
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            listening.close()
            serve(asking, pack)
            os._exit(0)


if __name__ == "__main__":
    configure("console", level="WARNING")
    main()
