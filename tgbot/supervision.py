"""The life of the process. When a vital task ends by itself, or gives no sign of life for long, the process
ends too, loudly: a bot that is alive and deaf is worse than one that is restarted. What asks it to end is
heard, once. systemd is told how it is by the datagrams of sd_notify(3), which need a socket and no library.
"""

import asyncio
import ctypes
import gc
import os
import signal
import socket
import threading
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar, cast

import structlog

from tgbot.errors import BackcheckError
from tgbot.service.ports import Clock

T = TypeVar("T")
log = structlog.get_logger(__name__)


class VitalPartDiedError(BackcheckError):
    """A part without which nothing works has ended."""

    def __init__(self, part: str, reason: str) -> None:
        super().__init__(f"The {part} has stopped ({reason}); the process ends, so that it can be restarted.")


async def supervise(vital: Mapping[str, Coroutine[Any, Any, None]], stop: asyncio.Event) -> None:
    """Run all parts until `stop` is set, then cancel them.

    Raises the part's own BackcheckError, or VitalPartDiedError, when one ends before.
    """
    parts = {asyncio.create_task(run, name=name): name for name, run in vital.items()}
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([*parts, stopping], return_when=asyncio.FIRST_COMPLETED)
        if not stopping.done():
            raise _death(*next((task, part) for task, part in parts.items() if task.done()))
    finally:
        stopping.cancel()
        for task in parts:
            task.cancel()
        await asyncio.gather(stopping, *parts, return_exceptions=True)


def _death(task: asyncio.Task[None], part: str) -> BackcheckError:
    error = None if task.cancelled() else task.exception()
    if isinstance(error, BackcheckError):  # its sentences say everything; whoever catches it says them
        return error
    log.critical("vital_part_died", part=part, error=repr(error), exc_info=error)
    return VitalPartDiedError(part, type(error).__name__ if error else "it returned")


YOUNG = 10_000  # new objects, about twenty taps', until the youngest are looked through; Python's own is 700
_ARENA_MAX = -8  # what mallopt calls the number of heaps (malloc.h)


def prepare_to_load() -> None:
    """Before anything large is loaded: look for garbage rarely, as hardly any of it becomes that, and keep
    one heap for all threads, where the C library can be told so (glibc). The words are read in a thread; from
    a heap of its own 5 MiB would never come back."""
    gc.set_threshold(YOUNG, 10, 10)
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)


def keep_what_is_loaded() -> None:
    """Tell the garbage collector that what is there now stays: the pack, the finder's index, the code.

    Without it each full collection walks through all of that for 45 ms, seven times a second at full load,
    and everybody waits (docs/performance.md). When all is loaded, and after a reload.
    """
    gc.unfreeze()  # what was loaded before and is not used any more
    gc.collect()
    gc.freeze()
    with suppress(OSError, AttributeError):  # what loading needed and freed goes back to the system (glibc)
        ctypes.CDLL(None).malloc_trim(0)


async def beside(work: Callable[[], T]) -> T:
    """Run something slow in a thread of its own. When nobody waits for it any more, the process does not
    either: it ends with the thread in the midst of its work, so the work must leave nothing half done."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def tell(result: T | None, error: BaseException | None) -> None:
        if not done.done():
            done.set_exception(error) if error else done.set_result(cast(T, result))

    def run() -> None:
        outcome: tuple[T | None, BaseException | None]
        try:
            outcome = work(), None
        except BaseException as error:  # noqa: BLE001 – whoever waits gets it
            outcome = None, error
        with suppress(RuntimeError):  # the loop is closed: nobody waits
            loop.call_soon_threadsafe(tell, *outcome)

    threading.Thread(target=run, name="beside", daemon=True).start()
    return await done


def has_terminal() -> bool:
    """Whether a terminal's end would end this process: a service has none."""
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
    except (OSError, AttributeError):
        return False
    return True


def until_stopped(
    work: Callable[[asyncio.Event], Coroutine[None, None, None]], reload: asyncio.Event | None = None
) -> None:
    """Run until SIGINT, SIGTERM, or the end of its terminal asks to stop; a second signal changes nothing.
    With a `reload` SIGUSR1 sets it, and so does SIGHUP where there is no terminal to end.

    Neither does one that comes when all is done: until the process ends both are ignored, so that the exit
    code is ours. asyncio's own handlers would be gone as soon as its loop is.
    """
    signals = [signal.SIGINT, signal.SIGTERM]
    if hasattr(signal, "SIGHUP") and _heard(signal.SIGHUP) and (reload is None or has_terminal()):
        signals.append(signal.SIGHUP)  # `nohup` has it ignored already, and means it
    reloading = [signal.SIGHUP, signal.SIGUSR1] if reload and hasattr(signal, "SIGUSR1") else []
    reloading = [number for number in reloading if number not in signals and _heard(number)]

    async def body() -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        for number in signals:
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
        for number in reloading:
            assert reload is not None
            signal.signal(number, partial(_set_soon, loop, reload))
        try:
            await work(stop)
        finally:
            for number in [*signals, *reloading]:
                signal.signal(number, signal.SIG_IGN)

    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(body())


def _heard(number: signal.Signals) -> bool:
    return signal.getsignal(number) is not signal.SIG_IGN


def _set_soon(loop: asyncio.AbstractEventLoop, event: asyncio.Event, *_: object) -> None:
    loop.call_soon_threadsafe(event.set)


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where it exists, which is nearly everywhere but on Windows; else asyncio's own."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


LONGEST = 600.0  # seconds for which a part may be silent: an outage of the network is often shorter
LOOK_SECONDS = 10.0


class SilentTooLongError(BackcheckError):
    """A part has given no sign of life for so long that a new start is the better try."""

    def __init__(self, parts: list[str]) -> None:
        super().__init__(f"No sign of life for ten minutes: {', '.join(parts)}. The process ends.")


class Systemd:
    """Tells systemd how the service is; nothing when it was not systemd that started it."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        address = environ.get("NOTIFY_SOCKET", "")
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        microseconds = environ.get("WATCHDOG_USEC", "")
        self.patience = int(microseconds) / 1_000_000 if microseconds.isdecimal() else None

    def tell(self, state: str) -> None:
        """Such as READY=1. Never raises: the service works without."""
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as datagrams:
                datagrams.connect(self._address)
                datagrams.sendall(state.encode())
        except OSError as error:
            log.warning("systemd_not_told", error=error.strerror)


class Watchdog:
    """`silent` names the parts that give no sign of life."""

    def __init__(self, clock: Clock, silent: Callable[[], list[str]], systemd: Systemd) -> None:
        self._clock = clock
        self._silent = silent
        self._systemd = systemd
        self._since: float | None = None

    async def run(self) -> None:
        """Look until cancelled. Raises SilentTooLongError."""
        pause = min(LOOK_SECONDS, (self._systemd.patience or LOOK_SECONDS * 3) / 3)
        self._systemd.tell("READY=1")
        try:
            while True:
                self.look()
                await self._clock.sleep(pause)
        finally:
            self._systemd.tell("STOPPING=1")

    def look(self) -> None:
        """While all is well systemd's watchdog is fed; without it systemd kills at its own patience."""
        parts, now = self._silent(), self._clock.monotonic()
        if not parts:
            self._since = None
            self._systemd.tell("WATCHDOG=1")
            return
        self._since = now if self._since is None else self._since
        if now - self._since >= LONGEST:
            raise SilentTooLongError(parts)
