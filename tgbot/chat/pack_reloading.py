"""New words without a stop: read beside the old ones, and taken whole or not at all."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog

from tgbot.chat.current_edition import CurrentEdition, Edition
from tgbot.chat.introduction import Introduction
from tgbot.chat.lanes import Lanes
from tgbot.errors import BackcheckError
from tgbot.service.alerts import Alert, Alerts

log = structlog.get_logger(__name__)

MOST_NAMED = 20  # ids of changed answers in one line of the log


@dataclass(slots=True)
class PackReloading:
    """`make` reads the pack and raises BackcheckError; it runs in a thread. `loaded` is called afterwards."""

    current: CurrentEdition
    lanes: Lanes
    introduction: Introduction
    make: Callable[[], Edition]
    wanted: asyncio.Event
    alerts: Alerts
    loaded: Callable[[], None]
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
