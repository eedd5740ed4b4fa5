"""`backcheck preview`: the demo, which takes up the words of a pack as soon as they are saved."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from tgbot.clock import SystemClock
from tgbot.demo import demo
from tgbot.errors import BackcheckError
from tgbot.packs.whole import Whole, load_whole
from tgbot.service.ports import Clock
from tgbot.settings import Settings
from tgbot.wiring.foundation import Hooks

LOOK_SECONDS = 0.5

FolderState = dict[Path, tuple[int, int]]


def state_of(root: Path) -> FolderState:
    """When each file of the pack was written, and how long it is."""
    state = {}
    for path in root.rglob("*.yaml"):
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
