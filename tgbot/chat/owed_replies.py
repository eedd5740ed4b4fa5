"""Replies that are owed: their updates were acknowledged before they were sent.

That is done in a crowd alone, and only once it is written down which chats wait: ids, no words. What was sent
is struck off; what a kill leaves is told by `interrupted_replies.py`.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import structlog

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
