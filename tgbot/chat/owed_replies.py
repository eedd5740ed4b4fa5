"""Replies that are owed: their updates were acknowledged before they were sent.

That is done in a crowd alone, and only once it is written down which chats wait: ids, no words. What was
sent is struck off. Whoever waits for one that a kill has cut off is told so, once, and may ask again.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from itertools import count

import structlog
from telegram.error import TelegramError

from tgbot.chat.failures import Failure, failure_of
from tgbot.followup.times import backoff
from tgbot.service.ports import Clock
from tgbot.service.store_port import OwedReply, Store, StoreError

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=3)  # until another replica takes a reply over: most are sent by then


class OwedReplies:
    """What this process owes."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._owed: dict[int, OwedReply] = {}
        self._sent: set[int] = set()
        self._striking: asyncio.Task[None] | None = None

    async def write_down(self, replies: Sequence[OwedReply]) -> bool:
        """Whether it is stored that these are still to be sent."""
        now = self._clock.now()
        until = now + LEASE if self._store.shared else now  # nobody else is there to take them over
        try:
            await self._store.operate(lambda tx: tx.operations.owe(replies, now, until))
        except StoreError as error:
            log.warning("owed_replies_not_written", error=str(error))
            return False
        self._owed |= {reply.update_id: reply for reply in replies}
        return True

    def sent(self, update_id: int) -> None:
        """It is no longer owed, if it was."""
        if self._owed.pop(update_id, None) is None:
            return
        self._sent.add(update_id)
        if self._striking is None or self._striking.done():
            self._striking = asyncio.create_task(self._strike_off())

    async def hand_over(self, within: float) -> None:
        """This process ends: others need not wait until they may take over what is left."""
        with suppress(TimeoutError, StoreError):
            async with asyncio.timeout(within):
                if self._striking is not None:
                    await self._striking
                if self._owed:
                    now, left = self._clock.now(), list(self._owed.values())
                    await self._store.operate(lambda tx: tx.operations.owe(left, now, now))

    async def _strike_off(self) -> None:
        """All that were sent meanwhile at once, until none is left. While the store cannot, they stay."""
        failures = 0
        while numbers := list(self._sent):
            try:
                await self._store.operate(lambda tx: tx.operations.strike_off(numbers))
            except StoreError:
                await self._clock.sleep(backoff(failures, self._clock.draw()))
                failures += 1
            else:
                self._sent.difference_update(numbers)


STALE = timedelta(hours=24)  # after which nobody waits any more
LOOK_SECONDS = 30.0
AT_ONCE = 8  # chats
MOST_TRIES = 5

TellChat = Callable[[int], Awaitable[None]]  # by the chat's id; raises TelegramError


class InterruptedReplies:
    """Tells each chat once, whatever it is owed. It is struck off after it was told: a kill in between tells
    a chat twice rather than never.
    """

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
