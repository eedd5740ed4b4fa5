"""New words without a stop: read beside the old ones, and taken whole or not at all."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import structlog

from tgbot.chat.dispatcher import CurrentEdition, Edition
from tgbot.chat.introduction import Introduction
from tgbot.chat.lanes import Lanes
from tgbot.errors import BackcheckError
from tgbot.service.ports import Alert, Alerts

log = structlog.get_logger(__name__)

SWITCH_SECONDS = 0.0001
MOST_NAMED = 20  # ids of changed answers in one line of the log


@dataclass(slots=True)
class PackReloading:
    """`examine` looks at the pack elsewhere, `make` reads it in a thread; both raise BackcheckError. `loaded`
    is called afterwards."""

    current: CurrentEdition
    lanes: Lanes
    introduction: Introduction
    make: Callable[[], Edition]
    wanted: asyncio.Event
    alerts: Alerts
    loaded: Callable[[], None]
    examine: Callable[[], Awaitable[None]]
    loads: int = 0  # since the start, failed ones too
    problem: str = ""  # why the last one failed; the old words are in use

    async def run(self) -> None:
        """Reload whenever it is wanted, until cancelled."""
        while True:
            await self.wanted.wait()
            self.wanted.clear()
            await self.reload()

    async def reload(self) -> None:
        try:
            await self.examine()
            with _giving_way():
                edition = await asyncio.to_thread(self.make)
        except BackcheckError as error:
            self.problem, count = error.sentences[0], len(error.sentences)
            log.error("pack_not_reloaded", problems=count, first=self.problem)
            self.alerts(Alert("pack_not_reloaded", {"problems": count, "first": self.problem}))
        else:
            changes = changed(self.current.now, edition)
            self.current.replace(edition, self.lanes.in_process())
            self.introduction.is_now(edition.routes, edition.voice.screens.words)
            log.info("pack_reloaded", version=edition.voice.pack.version, **changes)
            if self.problem:
                self.problem = ""
                self.alerts(Alert("pack_reloaded"))
            self.loaded()
        self.loads += 1

    def about(self) -> Mapping[str, object]:
        """For /readyz, where `backcheck reload` reads what came of it."""
        pack = self.current.now.voice.pack
        return {"name": pack.name, "version": pack.version, "loads": self.loads, "problem": self.problem}


@contextmanager
def _giving_way() -> Iterator[None]:
    """While a thread reads, whoever taps waits for the interpreter's lock a tenth of a millisecond, not five.

    The loop gives the lock away at every system call, so at Python's own interval a thread that only
    calculates takes nearly all of the time.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def changed(old: Edition, new: Edition) -> dict[str, object]:
    """What differs, by kind: ids of answers, counts of everything else; nothing for what is the same."""
    before, after = old.voice.pack, new.voice.pack
    answers = [
        id for id in {*before.answers, *after.answers} if before.answers.get(id) != after.answers.get(id)
    ]
    kinds: dict[str, tuple[Mapping[str, object], Mapping[str, object]]] = {
        "sentences": (before.ui, after.ui),
        "cards": (before.cards, after.cards),
        "signs": (before.red_flags, after.red_flags),
        "countries": (before.countries, after.countries),
        "reviews": (before.reviews, after.reviews),
    }
    counts = {
        kind: sum(one.get(key) != other.get(key) for key in {*one, *other})
        for kind, (one, other) in kinds.items()
    }
    found: dict[str, object] = {kind: count for kind, count in counts.items() if count}
    if answers:
        found["answers"] = sorted(answers)[:MOST_NAMED]
    if old.voice.protocol != new.voice.protocol:
        found["plan"] = "changed"
    return found
