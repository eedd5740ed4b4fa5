"""Whoever waits for a reply that a kill has cut off is told so, and may ask again.

Each chat is told once, whatever it is owed. It is struck off after it was told: a kill in between tells a
chat twice rather than never.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from itertools import count

import structlog
from telegram.error import TelegramError

from tgbot.chat.failures import Failure, failure_of
from tgbot.chat.owed_replies import LEASE
from tgbot.followup.times import backoff
from tgbot.service.ports import Clock
from tgbot.service.store_port import Store, StoreError

log = structlog.get_logger(__name__)

STALE = timedelta(hours=24)  # after which nobody waits any more
LOOK_SECONDS = 30.0
AT_ONCE = 8  # chats
MOST_TRIES = 5

TellChat = Callable[[int], Awaitable[None]]  # by the chat's id; raises TelegramError


class InterruptedReplies:
    def __init__(self, store: Store, clock: Clock, tell: TellChat) -> None:
        self._store = store
        self._clock = clock
        self._tell = tell
        self._began = clock.now()  # what is owed since then, this process will send

    async def run(self) -> None:
        """Tell what others have left, now and whenever another replica is gone; until cancelled."""
        while True:
            try:
                await self.tell_all()
            except StoreError as error:
                log.warning("owed_replies_not_read", error=str(error))
            await self._clock.sleep(LOOK_SECONDS)

    async def tell_all(self) -> None:
        """Raises StoreError."""
        now = self._clock.now()
        await self._store.operate(lambda tx: tx.operations.drop_owed(now - STALE))
        while chats := await self._taken():
            await asyncio.gather(*(self._told(chat, numbers) for chat, numbers in chats.items()))
            log.info("interrupted_replies_told", chats=len(chats))

    async def _taken(self) -> Mapping[int, Sequence[int]]:
        """Some chats that are owed replies, with the updates that they were to answer."""
        now = self._clock.now()
        over, until = (now, now + LEASE) if self._store.shared else (self._began, now)
        taken = await self._store.operate(lambda tx: tx.operations.take_owed(over, until, AT_ONCE))
        chats: dict[int, list[int]] = defaultdict(list)
        for reply in taken:
            chats[reply.chat_id].append(reply.update_id)
        return chats

    async def _told(self, chat_id: int, update_ids: Sequence[int]) -> None:
        """Raises StoreError. What could not be sent stays owed."""
        for attempt in count(1):
            try:
                await self._tell(chat_id)
            except TelegramError as error:
                if failure_of(error) is Failure.NOT_SENT:
                    if attempt == MOST_TRIES:
                        return
                    await self._clock.sleep(backoff(attempt, self._clock.draw()))
                    continue
            await self._store.operate(lambda tx: tx.operations.strike_off(update_ids))
            return
