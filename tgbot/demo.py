"""`backcheck demo`: the bot, a pretend Telegram and its chat page in one process, with a clock to push; and
`backcheck preview`, the demo that takes up the words of a pack as soon as they are saved.
"""

import asyncio
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import datetime
from errno import EADDRINUSE
from os import strerror
from pathlib import Path
from socket import gaierror
from tempfile import TemporaryDirectory

from tgbot.clock import SystemClock, TravelClock
from tgbot.errors import BackcheckError
from tgbot.packs.whole import Whole, load_whole
from tgbot.service.ports import Clock
from tgbot.service.store_port import Store, StoreError
from tgbot.settings import Settings
from tgbot.simulator.simulator_server import Simulator
from tgbot.supervision import beside
from tgbot.wiring.foundation import NO_HOOKS, Hooks
from tgbot.wiring.process import run


class CannotListenError(BackcheckError):
    """Somebody else listens there, or the address is none of this machine's."""

    def __init__(self, host: str, port: int, error: OSError) -> None:
        if error.errno == EADDRINUSE:
            other = port + 1 if port < 65_535 else 0
            super().__init__(f"Port {port} is taken, perhaps by another demo; try `--port {other}`.")
            return
        reason = error.strerror if isinstance(error, gaierror) else strerror(error.errno or 0)
        super().__init__(f"Nothing can listen at {host}, port {port} ({reason}).")


class Planned:
    """What the bot has planned, read where it is kept: a remembered answer may be a moment behind."""

    def __init__(self) -> None:
        self._store: Store | None = None

    def kept_in(self, store: Store) -> None:
        self._store = store

    async def next_due(self) -> datetime | None:
        """When it has something to send next; None when there is nothing, or the bot is not up."""
        if self._store is None:
            return None
        try:
            return await self._store.operate(lambda tx: tx.queue.next_due())
        except StoreError:  # it has closed, or cannot: then nothing will come
            return None


async def demo(
    settings: Settings,
    port: int,
    open_browser: bool,
    say: Callable[[str], object],
    stop: asyncio.Event,
    hooks: Hooks = NO_HOOKS,
) -> None:
    """Run until `stop` is set. Nothing leaves this machine, and nothing is kept afterwards."""
    clock = TravelClock()
    planned = Planned()
    simulator = Simulator(clock, port=port, next_due=planned.next_due)
    clock.changed = simulator.clock_moved
    hooks = replace(hooks, next_due=simulator.due_next, opened=planned.kept_in)
    with TemporaryDirectory(prefix="backcheck-demo-") as folder:
        try:
            await simulator.start()
        except OSError as error:
            raise CannotListenError("127.0.0.1", port, error) from error
        try:
            say(f"Chat with Backcheck at {simulator.page_url}  (Ctrl+C ends it)")
            with browsing(simulator.page_url) if open_browser else nullcontext():
                await run(_for_the_demo(settings, simulator, Path(folder)), clock, stop, hooks)
        finally:
            await simulator.stop()


@contextmanager
def browsing(page: str) -> Iterator[None]:
    """A browser opens the page. Nobody waits for it: a text browser stays until it is closed."""
    opening = asyncio.create_task(beside(lambda: webbrowser.open(page)))
    try:
        yield
    finally:
        opening.cancel()


def _for_the_demo(settings: Settings, simulator: Simulator, folder: Path) -> Settings:
    """The operator's own content and log settings; everything else belongs to the demo."""
    return Settings.read(
        {
            "BACKCHECK_TOKEN": simulator.token,
            "BACKCHECK_API_URL": simulator.url,
            "BACKCHECK_DATABASE": str(folder / "demo.db"),
            "BACKCHECK_CONTENT": str(settings.content),
            "BACKCHECK_LOG": settings.log,
            "BACKCHECK_CHAT_SECONDS": "0",  # nobody limits us here, and impatient taps are part of trying
        }
    )


LOOK_SECONDS = 0.5

FolderState = dict[Path, tuple[int, int]]


def state_of(root: Path) -> FolderState:
    """When each file of the pack was written, and how long it is."""
    state = {}
    for path in root.rglob("*"):
        if path.suffix not in (".yaml", ".txt"):
            continue
        try:
            about = path.stat()
        except OSError:  # an editor is just replacing it
            continue
        state[path] = (about.st_mtime_ns, about.st_size)
    return state


async def watch(root: Path, clock: Clock, saved: asyncio.Event) -> None:
    """Set `saved` whenever a file has changed and nothing more changes, until cancelled."""
    seen = state_of(root)
    while True:
        await clock.sleep(LOOK_SECONDS)
        now = state_of(root)
        while now != seen:  # an editor may write several files
            seen = now
            await clock.sleep(LOOK_SECONDS)
            now = state_of(root)
            if now == seen:
                saved.set()


async def preview(
    settings: Settings, port: int, open_browser: bool, say: Callable[[str], object], stop: asyncio.Event
) -> None:
    """Run until `stop` is set. What is wrong with the pack is said; the words from before stay meanwhile."""
    saved = asyncio.Event()

    def read(root: Path) -> Whole:
        try:
            whole = load_whole(root)
        except BackcheckError as error:
            say("\n".join(f"{root}/{sentence}" for sentence in error.sentences))
            raise
        say("The bot speaks the words as they are saved now.")
        return whole

    watching = asyncio.create_task(watch(settings.content, SystemClock(), saved))
    try:
        await demo(settings, port, open_browser, say, stop, Hooks(read=read, reload=saved))
    finally:
        watching.cancel()
