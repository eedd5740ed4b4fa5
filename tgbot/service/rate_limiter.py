"""Telegram's flood limits, kept on purpose: so many a second over all, one a second to a chat.

An emergency goes first, then people who wait for a reply, then follow-ups: replies may use every token,
follow-ups leave a reserve and wait while a reply lacks one. After a 429 for a chat nothing is sent to that
chat until its time is over; after one for the bot as a whole (see `too_many`), nothing to anybody. Durations
are in seconds of the clock's monotonic time: the limits are about real time, whatever the demo's clock shows.
"""

import math
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count

import structlog

from tgbot.service.ports import Clock
from tgbot.service.store_port import Store, StoreError

log = structlog.get_logger(__name__)

_REMEMBERED_CHATS = 10_000
_SLOWEST = 0.1  # messages a second: ten seconds for one are the longest wait for a part of the rate
_SHORTEST = 0.001  # clocks lose what is shorter than a millisecond
_A_NAP = 1.0  # how long a wait for a token lasts at most until it is looked at again: our part may have grown
_REPLIES_FIRST = 0.1  # how long follow-ups stand back while a reply waits


@dataclass(frozen=True, slots=True)
class Pace:
    """Telegram's guidance is 30/s over all, 1/s to a chat, 20/min to a group. Only a simulator takes more."""

    per_second: float = 25.0
    spread: float = 0.2  # at once, as a share of a second's: with 25/s no second ever has more than 30
    reserve: float = 0.4  # of what is free at once, what follow-ups leave to replies
    chat_seconds: float = 1.05  # a little more than Telegram asks, as packets do not arrive evenly
    group_factor: float = 3.0  # so much longer in a group
    least_burst: float = 3.0

    @property
    def burst(self) -> float:
        """Tokens that may lie ready."""
        return max(self.least_burst, self.per_second * self.spread)

    @property
    def kept(self) -> float:
        """Tokens that only replies may take."""
        return min(self.burst * self.reserve, self.burst - 1)


class RateLimiter:
    """One for the whole process: everything that Telegram counts asks it first."""

    def __init__(self, clock: Clock, pace: Pace | None = None) -> None:
        self._clock = clock
        self._pace = pace or Pace()
        self._tokens = self._pace.burst
        self._counted_at = clock.monotonic()
        self._paused_until = clock.monotonic()
        self._shared = False
        self.refusals = Counter(chat=0, everybody=0)  # 429s since the start, by whom they held up
        self._chats: dict[int, float] = {}  # chat → when its next message is on time
        self._held: dict[int, float] = {}  # chat → when its 429 is over
        self._most_chats = _REMEMBERED_CHATS
        self._arrivals = count()
        self._asked = 0  # tokens, since somebody wanted to know
        self._waiting: list[tuple[bool, int]] = []  # replies that lack a token, emergencies first

    async def turn(self, chat_id: int, *, urgent: bool = False) -> None:
        """Wait until a message may go to this chat, and take its token. An emergency does not wait for the
        second between two messages to a chat (Telegram allows short bursts), only for a token and a 429."""
        await self._take_token(lambda: self._chat_wait(chat_id, urgent), urgent)
        self._count(chat_id)

    async def edit_turn(self, chat_id: int | None, *, urgent: bool = False) -> None:
        """The same for an edit, which adds no message to its chat."""
        await self._take_token(lambda: self._held_for(chat_id), urgent)

    async def _take_token(self, chat_wait: Callable[[], float], urgent: bool) -> None:
        while True:
            if (wait := chat_wait()) > 0:
                await self._clock.sleep(max(wait, _SHORTEST))
            elif await self._queue_for_token(chat_wait, urgent):
                return

    async def _queue_for_token(self, chat_wait: Callable[[], float], urgent: bool) -> bool:
        """Whether a token was taken; not when meanwhile the chat has to wait again: it holds up nobody."""
        self._refill()
        self._asked += 1
        if not self._waiting and self._tokens >= 1 and not self.paused_for():
            self._tokens -= 1
            return True
        ticket = (not urgent, next(self._arrivals))
        insort(self._waiting, ticket)
        try:
            while (wait := self._token_wait(ticket)) > 0:
                await self._clock.sleep(max(min(wait, _A_NAP) if self._shared else wait, _SHORTEST))
                if chat_wait() > 0:
                    return False
            self._tokens -= 1
            return True
        finally:
            del self._waiting[bisect_left(self._waiting, ticket)]

    def _token_wait(self, ticket: tuple[bool, int]) -> float:
        """Until there is a token for this ticket and for each before it."""
        self._refill()
        ahead = bisect_left(self._waiting, ticket)
        return max(self.paused_for(), self._wait_for(1 + ahead - self._tokens))

    async def pause_is_over(self, chat_id: int | None = None) -> None:
        """Wait out a 429; what waits only for this is not counted by Telegram."""
        while (wait := max(self.paused_for(), self._held_for(chat_id))) > 0:
            await self._clock.sleep(max(wait, _SHORTEST))

    def take(self, wanted: int) -> int:
        """Up to `wanted` tokens for follow-ups, now; none while a reply lacks one or a pause lasts."""
        if self._waiting or self.paused_for() > 0:
            return 0
        self._refill()
        taken = min(wanted, max(0, int(self._tokens - self._pace.kept)))
        self._tokens -= taken
        self._asked += taken
        return taken

    def share(self, per_second: float) -> None:
        """Go on with a part of the rate: other replicas have the rest."""
        self._refill()
        self._shared = True
        self._pace = replace(self._pace, per_second=max(per_second, _SLOWEST), least_burst=1.0)
        self._tokens = min(self._tokens, self._pace.burst)

    def wanted(self) -> int:
        """How many tokens were asked for since the last time, those that are waited for included."""
        asked, self._asked = self._asked, 0
        return asked + len(self._waiting)

    def give_back(self, tokens: int) -> None:
        """Tokens that were taken and not needed."""
        self._asked -= tokens
        self._tokens = min(self._pace.burst, self._tokens + tokens)

    def take_chat(self, chat_id: int) -> float:
        """0 when a follow-up may go to this chat now (it is counted), else how long to wait."""
        wait = self._chat_wait(chat_id, urgent=False)
        if wait > 0:
            return wait
        self._count(chat_id)
        return 0.0

    def too_many(self, chat_id: int | None, seconds: float) -> float:
        """Telegram answered 429 to a call for this chat, or to one that names none. Returns for how long
        everybody has to wait now; 0 when only the chat has to.

        A flood wait is a chat's far more often than the bot's, and the answer does not say whose it is. So it
        is the chat's until another chat meets one while it lasts: then both are taken for the bot's, for as
        long as the shorter of the two.
        """
        now = self._clock.monotonic()
        if chat_id is None:
            self.refusals["everybody"] += 1
            self.pause(seconds)
            return seconds
        self._held = {chat: until for chat, until in self._held.items() if until > now}
        others = max((until - now for chat, until in self._held.items() if chat != chat_id), default=0.0)
        self._held[chat_id] = max(self._held.get(chat_id, 0.0), now + seconds)
        whole = min(others, seconds)
        self.refusals["everybody" if whole > 0 else "chat"] += 1
        if whole > 0:
            self.pause(whole)
        return whole

    def pause(self, seconds: float) -> None:
        """Nothing to anybody for so long."""
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

    def _held_for(self, chat_id: int | None) -> float:
        """How long the 429 of this chat still lasts."""
        if chat_id is None or chat_id not in self._held:
            return 0.0
        return max(0.0, self._held[chat_id] - self._clock.monotonic())

    def _chat_wait(self, chat_id: int, urgent: bool) -> float:
        turn = 0.0 if urgent else self._chats.get(chat_id, 0.0) - self._clock.monotonic()
        return max(self._held_for(chat_id), turn)

    def _wait_for(self, missing: float) -> float:
        return max(0.0, missing) / self._pace.per_second

    def _count(self, chat_id: int) -> None:
        now = self._clock.monotonic()
        every = self._pace.chat_seconds * (1.0 if chat_id > 0 else self._pace.group_factor)
        self._chats[chat_id] = max(self._chats.get(chat_id, 0.0), now) + every
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
