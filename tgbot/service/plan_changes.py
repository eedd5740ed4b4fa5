"""After a start or a reload with another plan: open episodes are taken over to it, person by person."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from tgbot.service.episodes import Episodes
from tgbot.service.ports import Clock
from tgbot.service.store_port import Store, StoreError

log = structlog.get_logger(__name__)

AT_ONCE = 50  # people, between two pauses
PAUSE = 0.05  # seconds, so that whoever writes meanwhile does not wait
AGAIN = 60.0  # seconds after the store failed


@dataclass(slots=True)
class PlanChanges:
    """`episodes` are those of the plan that is in use now; `wanted` is set when that may be another one."""

    store: Store
    clock: Clock
    episodes: Callable[[], Episodes]
    wanted: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Once, and again whenever it is wanted, until cancelled."""
        self.wanted.set()
        while True:
            await self.wanted.wait()
            self.wanted.clear()
            try:
                await self.take_over()
            except StoreError as error:
                log.warning("plan_not_taken_over", error=str(error))
                self.wanted.set()
                await self.clock.sleep(AGAIN)

    async def take_over(self) -> None:
        """Raises StoreError; what was done before stays done."""
        episodes, taken, moved = self.episodes(), 0, 0
        while people := await self.store.operate(
            lambda tx: tx.operations.on_other_plans(episodes.plan, AT_ONCE)
        ):
            for person_id in people:
                moved += await episodes.take_over(person_id)
            taken += len(people)
            await self.clock.sleep(PAUSE)
        if taken:
            log.info("plan_taken_over", plan=episodes.plan, episodes=taken, with_other_steps=moved)
