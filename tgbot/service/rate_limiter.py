"""Telegram's flood limits, kept on purpose: so many a second over all, one a second to a chat.

People who wait for a reply go first: replies may use every token, follow-ups leave a reserve and wait while
a reply lacks one. After a 429 nothing is sent by anybody until its pause is over. Durations are in seconds of
the clock's monotonic time: the limits are about real time, whatever the demo's clock shows.
"""

import math
from dataclasses import dataclass
from datetime import timedelta

import structlog

from tgbot.service.ports import Clock, Store, StoreError

log = structlog.get_logger(__name__)

_REMEMBERED_CHATS = 10_000
_SHORTEST = 0.001  # clocks lose what is shorter than a millisecond
_REPLIES_FIRST = 0.1  # how long follow-ups stand back while a reply waits


@dataclass(frozen=True, slots=True)
class Pace:
    """Telegram's guidance is 30/s over all, 1/s to a chat, 20/min to a group. Only a simulator takes more."""

    per_second: float = 25.0
    spread: float = 0.2  # at once, as a share of a second's: with 25/s no second ever has more than 30
    reserve: float = 0.4  # of what is free at once, what follow-ups leave to replies
    chat_seconds: float = 1.05  # a little more than Telegram asks, as packets do not arrive evenly
    group_factor: float = 3.0  # so much longer in a group

    @property
    def burst(self) -> float:
        """Tokens that may lie ready."""
        return max(3.0, self.per_second * self.spread)

    @property
    def kept(self) -> float:
        """Tokens that only replies may take."""
        return self.burst * self.reserve


class RateLimiter:
    """One for the whole process: everything that Telegram counts asks it first."""

    def __init__(self, clock: Clock, pace: Pace | None = None) -> None:
        self._clock = clock
        self._pace = pace or Pace()
        self._tokens = self._pace.burst
        self._counted_at = clock.monotonic()
        self._paused_until = clock.monotonic()
        self._chats: dict[int, float] = {}  # chat → when its next message is on time
        self._most_chats = _REMEMBERED_CHATS
        self._waiting = 0  # replies that lack a token

    async def turn(self, chat_id: int | None = None) -> None:
        """Wait until a reply may go to this chat, and take its token. An edit names no chat: it adds none."""
        while (wait := self._reply_wait(chat_id)) > 0:
            wants = self._tokens < 1  # who only waits for its own chat's turn holds up no follow-up
            self._waiting += wants
            try:
                await self._clock.sleep(max(wait, _SHORTEST))
            finally:
                self._waiting -= wants
        self._tokens -= 1
        if chat_id is not None:
            self._count(chat_id)

    async def pause_is_over(self) -> None:
        """Wait out a 429; what waits only for this is not counted by Telegram."""
        while (wait := self.paused_for()) > 0:
            await self._clock.sleep(max(wait, _SHORTEST))

    def take(self, wanted: int) -> int:
        """Up to `wanted` tokens for follow-ups, now; none while a reply lacks one or a pause lasts."""
        if self._waiting or self.paused_for() > 0:
            return 0
        self._refill()
        taken = min(wanted, max(0, int(self._tokens - self._pace.kept)))
        self._tokens -= taken
        return taken

    def give_back(self, tokens: int) -> None:
        """Tokens that were taken and not needed."""
        self._tokens = min(self._pace.burst, self._tokens + tokens)

    def take_chat(self, chat_id: int) -> float:
        """0 when a follow-up may go to this chat now (it is counted), else how long to wait."""
        wait = self._chats.get(chat_id, 0.0) - self._clock.monotonic()
        if wait > 0:
            return wait
        self._count(chat_id)
        return 0.0

    def pause(self, seconds: float) -> None:
        """A 429: nothing for so long."""
        self._paused_until = max(self._paused_until, self._clock.monotonic() + seconds)

    def paused_for(self) -> float:
        """How long the pause still lasts; 0 without one."""
        return max(0.0, self._paused_until - self._clock.monotonic())

    def next_take_in(self) -> float:
        """How long until `take` may return something, in whole milliseconds."""
        self._refill()
        least = self._wait_for(1 + self._pace.kept - self._tokens)
        wait = max(self.paused_for(), least, _REPLIES_FIRST if self._waiting else 0.0)
        return math.ceil(wait * 1000) / 1000

    def _reply_wait(self, chat_id: int | None) -> float:
        self._refill()
        chat = 0.0 if chat_id is None else self._chats.get(chat_id, 0.0) - self._clock.monotonic()
        return max(self.paused_for(), self._wait_for(1 - self._tokens), chat)

    def _wait_for(self, missing: float) -> float:
        return max(0.0, missing) / self._pace.per_second

    def _every(self, chat_id: int) -> float:
        return self._pace.chat_seconds * (1.0 if chat_id > 0 else self._pace.group_factor)

    def _count(self, chat_id: int) -> None:
        now = self._clock.monotonic()
        self._chats[chat_id] = max(self._chats.get(chat_id, 0.0), now) + self._every(chat_id)
        if len(self._chats) > self._most_chats:
            self._chats = {chat: at for chat, at in self._chats.items() if at > now}
            self._most_chats = max(_REMEMBERED_CHATS, 2 * len(self._chats))

    def _refill(self) -> None:
        now = self._clock.monotonic()
        earned = (now - self._counted_at) * self._pace.per_second
        self._tokens = min(self._pace.burst, self._tokens + earned)
        self._counted_at = now


async def remember_pause(store: Store, clock: Clock, seconds: float) -> None:
    """Keep a pause that Telegram asked for, so that a restart does not shorten it.

    The reply that met it is worth more: when the store fails, the pause holds in this process only.
    """
    since = clock.now()
    try:
        await store.operate(
            lambda tx: tx.operations.save_flood_pause(since, since + timedelta(seconds=seconds))
        )
    except StoreError as error:
        log.error("pause_not_kept", error=str(error), seconds=seconds)


async def recall_pause(store: Store, clock: Clock, rate_limiter: RateLimiter) -> None:
    """After a restart: go on with the pause that Telegram asked for before it.

    A clock that was set back meanwhile cannot make the pause longer than it was.
    """
    if pause := await store.operate(lambda tx: tx.operations.flood_pause()):
        since, until = pause
        rate_limiter.pause((until - max(since, clock.now())).total_seconds())
