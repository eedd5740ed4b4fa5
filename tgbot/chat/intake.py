"""Takes updates in and acknowledges them after processing: Telegram itself is the durable queue.

Updates of one person stay in order; different people run in parallel, as many as Telegram hands out, a
hundred past the first unfinished one: they wait for the network or for their turn to speak, never for one
another. Each poll acknowledges what is done below the first unfinished update, so that one slow reply holds
up nobody else, and a kill at any moment brings back exactly what was not finished.
"""

import asyncio
import traceback
from collections import Counter, OrderedDict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import structlog
from telegram.error import (
    BadRequest,
    Conflict,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from tgbot.chat.calls import Bot
from tgbot.chat.connecting import TokenRefusedError
from tgbot.chat.door import Door
from tgbot.chat.messenger import surely_not_sent
from tgbot.chat.updates import Raw, fetch, kind_of, lane, number_of
from tgbot.followup.times import backoff
from tgbot.service.flood import Passes
from tgbot.service.ports import Clock, Store, StoreError

log = structlog.get_logger(__name__)

POLL_SECONDS = 20
GRACE_SECONDS = 8.0  # Docker kills ten seconds after it asked
MOMENT = 0.1  # how long the rest of a batch may take before its first unfinished one is waited for
AGAIN = 0.15  # how long no poll is made for an unfinished one: somebody else may have written
REMEMBERED = 2_000  # updates that are recognised when they are handed out again
EVIDENT = 8  # drops while a lane is at work: a flood, for which nobody else waits
MOST_REFUSALS = 5  # 401s in a row: one happens, five mean that the token is gone
MOST_TRIES = 20  # of a reply that surely was not sent: about a quarter of an hour
MOST_DOUBTS = 2  # of one that may have been

Work = Callable[[Raw], Awaitable[None]]


@dataclass(slots=True)
class Count:
    """What became of the updates, for the operator."""

    processed: int = 0
    poisoned: int = 0
    dropped: int = 0  # at the door
    unanswered: int = 0  # processed, but the reply could not be sent


class Intake:
    """`process` handles one update and raises what went wrong; `too_fast` is the one answer to a flood."""

    def __init__(
        self,
        bot: Bot,
        process: Work,
        too_fast: Work,
        store: Store,
        clock: Clock,
        alive: Callable[[], None] = lambda: None,
        door: Door | None = None,
    ) -> None:
        """Without a `door` nobody is ever too fast."""
        self._bot = bot
        self._process = process
        self._too_fast = too_fast
        self._store = store
        self._clock = clock
        self._alive = alive
        self._door = door
        self._unfinished: dict[int, asyncio.Task[None]] = {}
        self._finished: OrderedDict[int, None] = OrderedDict()
        self._lanes: dict[int, deque[asyncio.Task[None]]] = {}
        self._drops: Counter[int] = Counter()  # of each lane since it was last empty
        self._unacknowledged: int | None = None  # the next offset, until a poll has said it
        self._said: tuple[int | None, float] = (None, 0.0)
        self.count = Count()

    async def run(self) -> None:
        """Poll until cancelled; then finish what was begun, within the grace, and acknowledge it.

        Raises TokenRefusedError when Telegram does not know the token any more.
        """
        failures = 0
        try:
            while True:
                try:
                    updates = await self._poll()
                except TelegramError as error:
                    failures += 1
                    await self._after_failure(error, failures)
                    continue
                failures = 0
                self._alive()
                for raw in updates:
                    self._begin(raw)
                await self._glance()
        finally:
            await self._drain()

    async def _glance(self) -> None:
        """Let the quick ones finish, then wait a little for the oldest: once it is done the offset moves."""
        if self._unfinished:
            await asyncio.wait(self._unfinished.values(), timeout=MOMENT)
        if self._unfinished:
            oldest = self._unfinished[min(self._unfinished)]
            await asyncio.wait([oldest], timeout=AGAIN - MOMENT)

    async def _drain(self) -> None:
        if running := [task for tasks in self._lanes.values() for task in tasks]:
            _, left = await asyncio.wait(running, timeout=GRACE_SECONDS)
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
        if self._unacknowledged is not None and not self._being_said():
            try:  # to say it is enough: Telegram may take three seconds to answer a repeated offset
                await fetch(self._bot, self._offset(), 0, limit=1, patience=0.3)
            except TelegramError as error:
                log.info("acknowledgement_unanswered", error=type(error).__name__)

    def _being_said(self) -> bool:
        """Whether the poll that was cancelled has carried the same acknowledgement for a second."""
        offset, at = self._said
        return offset == self._offset() and self._clock.monotonic() - at > 1.0

    async def _poll(self) -> list[Raw]:
        """One getUpdates. Without anything to acknowledge it names no offset: after a quiet week ids restart
        anywhere, and an old offset would throw away new updates. Nor does it say the same twice in a row: to
        whoever repeats an offset within half a second Telegram shows one update only."""
        offset = self._offset()
        if self._unfinished and offset == self._said[0]:
            offset = None
        self._said = (offset, self._clock.monotonic())
        updates = await fetch(self._bot, offset, 0 if self._unfinished else POLL_SECONDS)
        if offset == self._unacknowledged:
            self._unacknowledged = None
        return updates

    def _offset(self) -> int | None:
        return min(self._unfinished, default=self._unacknowledged)

    def _begin(self, raw: Raw) -> None:
        number = number_of(raw)
        self._unacknowledged = max(number + 1, self._unacknowledged or 0)
        if number in self._unfinished or number in self._finished:
            return
        key = lane(raw)
        passes = self._passes(raw, key)
        if passes.now and passes.held:
            self._unfinished[number] = self._queue(raw, key, self._process)
            return
        self._remember(number)
        if passes.now:
            self._queue(raw, key, self._process)
            return
        self.count.dropped += 1
        if passes.tell:
            log.warning("flood", update_id=number)
            self._queue(raw, key, self._too_fast)
        self._drops[key] += key in self._lanes
        if self._drops[key] >= EVIDENT:
            self._let_go(key)

    def _passes(self, raw: Raw, key: int) -> Passes:
        """Whether the door lets it in. What not even the door can read is let in, to be quarantined: what
        raises here ends the poller, and would come back to the next one."""
        if self._door is None:
            return Passes(now=True)
        try:
            return self._door.lets_in(raw, len(self._lanes.get(key, ())))
        except Exception as error:  # noqa: BLE001 – see above
            log.error(
                "door_failed", update_id=number_of(raw), error=type(error).__name__, where=_where(error)
            )
            return Passes(now=True)

    def _let_go(self, key: int) -> None:
        """Acknowledge what a flooder's lane has left to do before it is done: else the flood's own updates
        fill all that a poll shows, and others wait. Only a kill in those seconds loses it."""
        lane_of_it = self._lanes.get(key, ())
        for number in [number for number, task in self._unfinished.items() if task in lane_of_it]:
            del self._unfinished[number]
            self._remember(number)

    def _queue(self, raw: Raw, key: int, work: Work) -> asyncio.Task[None]:
        """Let it be done when everything before it in its lane is."""
        queue = self._lanes.setdefault(key, deque())
        task = asyncio.create_task(self._in_turn(raw, key, queue[-1] if queue else None, work))
        queue.append(task)
        return task

    async def _in_turn(self, raw: Raw, key: int, before: asyncio.Task[None] | None, work: Work) -> None:
        number = number_of(raw)
        if before is not None:
            await asyncio.wait([before])
        await self._insist(work, raw)
        # Only now, so that what a shutdown cancels stays unfinished and is handed out again.
        self._lanes[key].popleft()
        if not self._lanes[key]:
            del self._lanes[key]
            self._drops.pop(key, None)
        self.count.processed += work is self._process
        if self._unfinished.pop(number, None):
            self._remember(number)

    def _remember(self, number: int) -> None:
        self._finished[number] = None
        if len(self._finished) > REMEMBERED:
            self._finished.popitem(last=False)

    async def _insist(self, work: Work, raw: Raw) -> None:
        """Once, or again while the reply could not be sent; whatever else goes wrong is quarantined."""
        doubts = 0
        for attempt in count():
            try:
                await work(raw)
                return
            except Exception as error:  # noqa: BLE001 – a poison update must not block its person's queue
                doubts += not surely_not_sent(error)
                if not _may_pass(error) or doubts >= MOST_DOUBTS or attempt >= MOST_TRIES:
                    await self._give_up(raw, error)
                    return
                await self._clock.sleep(backoff(attempt, self._clock.draw()))

    async def _give_up(self, raw: Raw, error: Exception) -> None:
        if not _may_pass(error):
            await self._quarantine(raw, error)
            return
        self.count.unanswered += 1
        log.error("update_unanswered", update_id=number_of(raw), error=type(error).__name__)

    async def _quarantine(self, raw: Raw, error: Exception) -> None:
        """Counted and acknowledged; its kind and the error's name are kept, never its words."""
        number, kind, name = number_of(raw), kind_of(raw), type(error).__name__
        self.count.poisoned += 1
        log.error("update_quarantined", update_id=number, kind=kind, error=name, where=_where(error))
        try:
            await self._store.transact(lambda tx: tx.quarantine(number, kind, name, self._clock.now()))
        except Exception as failure:  # noqa: BLE001 – nothing more can be done for it, and its lane goes on
            why = str(failure) if isinstance(failure, StoreError) else type(failure).__name__
            log.error("quarantine_failed", update_id=number, error=why)

    async def _after_failure(self, error: TelegramError, failures: int) -> None:
        """Wait and poll again; the missing sign of life is what liveness sees."""
        if isinstance(error, InvalidToken) and failures >= MOST_REFUSALS:
            raise TokenRefusedError from None
        seconds = backoff(failures - 1, self._clock.draw(), longest=15.0)
        event = "another_instance_polls" if isinstance(error, Conflict) else "poll_failed"
        log.warning(event, error=type(error).__name__, again_in=round(seconds, 1))
        await self._clock.sleep(seconds)


def _where(error: Exception) -> list[str]:
    """The end of its traceback, without its message: that may hold what somebody wrote."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]


def _may_pass(error: Exception) -> bool:
    """Whether trying again may help. BadRequest is a NetworkError and does not pass; half an answer, which
    PTB calls a plain TelegramError, does, and so does a 401 or 404: one happens. (When the token is gone,
    the poller ends the process.)"""
    if isinstance(error, NetworkError | RetryAfter | InvalidToken):
        return not isinstance(error, BadRequest)
    return type(error) is TelegramError
