"""Who works with the database: each process writes down who it is, and names whoever else has lately.

Replicas of one bot on PostgreSQL are meant to be several. Everything else that two processes on one database
can be is a mistake that looks like another: updates that never come, people whom the bot cannot reach.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import structlog

from tgbot.service.ports import Clock
from tgbot.service.repeated_warning import RepeatedWarning
from tgbot.service.store_port import Store, StoreError, Worker

log = structlog.get_logger(__name__)

EVERY = timedelta(seconds=20)
SEEN = timedelta(seconds=50)  # who was killed says nothing, and is named no longer than this


class Presence:
    """`runs` says whether a process of this machine is still there; `alive` is called after each round."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        me: Worker,
        runs: Callable[[int], bool] = lambda _: True,
        alive: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._me = me
        self._runs = runs
        self._alive = alive
        self._others: list[Worker] = []
        self._told = RepeatedWarning()

    def others(self) -> str:
        """Who else works with this database, in words; "" when nobody does."""
        return ", ".join(map(str, self._others))

    async def run(self) -> None:
        """Until cancelled; then the process takes its leave."""
        never = asyncio.Event()
        try:
            while True:
                await self.look()
                self._alive()
                await self._clock.wait(self._clock.now() + EVERY, never)
        finally:
            await self._leave()

    async def look(self) -> None:
        """Say that this process is here, and look who else is. A store that cannot is told by others."""
        now = self._clock.now()
        try:
            met = await self._store.operate(lambda tx: tx.operations.meet(self._me, now, now - SEEN))
        except StoreError:
            return
        self._others = [one for one in met if one.host != self._me.host or self._runs(one.pid)]
        if self._others and self._told.is_news(self.others(), now):
            self._tell()

    def _tell(self) -> None:
        others = self.others()
        if any(one.bot != self._me.bot for one in self._others):
            log.error("another_bot_uses_this_database", me=str(self._me), others=others)
        elif not self._store.shared:
            log.error("another_process_uses_this_database", me=str(self._me), others=others)
        else:
            log.info("replicas", others=others)

    async def _leave(self) -> None:
        try:
            await self._store.operate(lambda tx: tx.operations.leave(self._me))
        except StoreError as error:
            log.info("leave_not_taken", error=str(error))
