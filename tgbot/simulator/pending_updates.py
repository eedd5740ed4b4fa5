"""The queue of updates and Telegram's rules for taking from it (docs/simulator.md, "Polling").

Telegram keeps an update until the bot asks for a higher number, or for 24 hours.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tgbot.simulator.clock_port import JsonObject, SimulatorClock
from tgbot.simulator.refusals import Refusal, bad_request, conflict

KINDS = (
    "message", "edited_message", "channel_post", "edited_channel_post", "business_connection",
    "business_message", "edited_business_message", "deleted_business_messages", "message_reaction",
    "message_reaction_count", "inline_query", "chosen_inline_result", "callback_query", "shipping_query",
    "pre_checkout_query", "purchased_paid_media", "poll", "poll_answer", "my_chat_member", "chat_member",
    "chat_join_request", "chat_boost", "removed_chat_boost",
)  # fmt: skip
UNASKED = {"chat_member", "message_reaction", "message_reaction_count"}
KEPT = timedelta(hours=24)
CALLBACK_KEPT = timedelta(seconds=150)
INLINE_QUERY_KEPT = timedelta(seconds=30)
_KEPT = {"callback_query": CALLBACK_KEPT, "inline_query": INLINE_QUERY_KEPT}
MAX_TIMEOUT = 50
_FIRST_ID = 700_000_000
_TERMINATED = "terminated by other getUpdates request; make sure that only one bot instance is running"
_WEBHOOK_ACTIVE = (
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)


@dataclass(frozen=True)
class PendingUpdate:
    """One update, and the lane in which webhooks keep its order: a chat's messages, a person's taps."""

    id: int
    kind: str
    body: JsonObject
    at: datetime
    lane: str

    def as_json(self) -> JsonObject:
        """As `getUpdates` and webhooks carry it."""
        return {"update_id": self.id, self.kind: self.body}


@dataclass(eq=False)
class _Poll:
    """A `getUpdates` that waits."""

    wake: asyncio.Event
    ended_by: str = ""


class Updates:
    """What happened and was not confirmed yet."""

    def __init__(self, clock: SimulatorClock, changed: Callable[[], None]) -> None:
        self._clock = clock
        self._changed = changed  # called when the number of pending updates has changed
        self.pending: deque[PendingUpdate] = deque()
        self.allowed: list[str] = []
        self.arrived = asyncio.Event()  # for the webhook, which clears it
        self._last = _FIRST_ID
        self._poll: _Poll | None = None
        self._asked: tuple[int, float] | None = None
        self._closed = False

    def add(self, kind: str, body: JsonObject, lane: str) -> int:
        """Queue what happened; the update's id, or 0 when the bot did not ask for this kind."""
        if kind in (self.allowed or [k for k in KINDS if k not in UNASKED]):
            self._last += 1
            self.pending.append(PendingUpdate(self._last, kind, body, self._clock.now(), lane))
            self.arrived.set()
            if self._poll is not None:
                self._poll.wake.set()
            self._changed()
            return self._last
        return 0

    def allow(self, kinds: list[str]) -> None:
        """Remember the kinds that are asked for; unknown ones are ignored, as Telegram does."""
        self.allowed = [kind for kind in kinds if kind in KINDS]

    def expire(self) -> None:
        """Drop what nobody fetched in time."""
        now = self._clock.now()
        stale = [u for u in self.pending if now - u.at >= kept(u)]
        for update in stale:
            self.pending.remove(update)
        if stale:
            self._changed()

    def confirm(self, update_id: int) -> None:
        """Never hand this update out again."""
        self.pending = deque(u for u in self.pending if u.id != update_id)
        self._changed()

    def is_pending(self, update_id: int) -> bool:
        """Whether the bot may still get it."""
        return any(u.id == update_id for u in self.pending)

    def drop(self) -> None:
        """Forget everything that waits."""
        self.pending.clear()
        self._changed()

    async def poll(self, offset: int, limit: int, timeout: int, *, webhook: bool) -> list[JsonObject]:
        """`getUpdates`. Raises `Refusal` 409 when a webhook is set or a newer poll comes."""
        if webhook:
            raise conflict(_WEBHOOK_ACTIVE)
        limit, timeout = min(max(limit, 1), 100), min(max(timeout, 0), MAX_TIMEOUT)
        limit, timeout = self._not_too_often(offset, limit, timeout)
        self.terminate()
        self._forget_below(offset)
        self.expire()
        if not self.pending and timeout:
            await self._wait(timeout)
        return [update.as_json() for update in list(self.pending)[:limit]]

    def _not_too_often(self, offset: int, limit: int, timeout: int) -> tuple[int, int]:
        now = self._clock.monotonic()
        if self._asked is not None and offset == self._asked[0]:
            since = now - self._asked[1]
            timeout = max(timeout, 3) if since < 3 else timeout
            limit = 1 if since < 0.5 else limit
        self._asked = (offset, now)
        return limit, timeout

    def _forget_below(self, offset: int) -> None:
        count = len(self.pending)
        while offset > 0 and self.pending and self.pending[0].id < offset:
            self.pending.popleft()
        while offset < 0 and len(self.pending) > -offset:
            self.pending.popleft()
        if len(self.pending) != count:
            self._changed()

    async def _wait(self, timeout: int) -> None:
        until = self._clock.now() + timedelta(seconds=timeout)
        mine = self._poll = _Poll(asyncio.Event())
        try:
            await self._clock.wait(until, mine.wake)
            self.expire()
        finally:
            if self._poll is mine:
                self._poll = None
        if mine.ended_by:
            raise conflict(mine.ended_by)

    @property
    def is_polled(self) -> bool:
        """Whether somebody waits for updates."""
        return self._poll is not None

    def terminate(self, words: str = _TERMINATED) -> None:
        """End the poll that waits, if one does: a newer one came, or a webhook was set."""
        if self._poll is not None:
            self._poll.ended_by = "" if self._closed else words
            self._poll.wake.set()

    def close(self) -> None:
        """The simulator ends: the poll that waits ends with nothing."""
        self._closed = True
        self.terminate()


def kept(update: PendingUpdate) -> timedelta:
    """How long Telegram holds it for the bot."""
    return _KEPT.get(update.kind, KEPT)


def too_old() -> Refusal:
    """The answer to an answer that comes too late, or twice."""
    return bad_request("query is too old and response timeout expired or query ID is invalid")
