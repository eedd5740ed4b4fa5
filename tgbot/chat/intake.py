"""Takes updates in and acknowledges them after processing: Telegram itself is the durable queue.

Updates of one person stay in order; different people run in parallel. Each poll acknowledges what is done
below the first unfinished update, so that one slow reply holds up nobody else, and a kill at any moment
brings back exactly what was not finished.
"""

import asyncio
import traceback
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import structlog
from telegram import Bot, Update
from telegram.error import (
    BadRequest,
    Conflict,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from tgbot.chat.connecting import TokenRefusedError
from tgbot.chat.messenger import surely_not_sent
from tgbot.chat.updates import Raw, fetch, kind_of, number_of
from tgbot.domain.times import backoff
from tgbot.service.flood import MESSAGE, TAP, FloodGate, Passes
from tgbot.service.ports import Clock, Store, StoreError

log = structlog.get_logger(__name__)

POLL_SECONDS = 20
GRACE_SECONDS = 8.0  # Docker kills ten seconds after it asked
GLANCE_SECONDS = 1.0  # how long a batch waits for its slow ones before it looks for new updates
REMEMBERED = 2_000  # updates that are recognised when they are handed out again
MOST_REFUSALS = 5  # 401s in a row: one happens, five mean that the token is gone
MOST_TRIES = 20  # of a reply that surely was not sent: about a quarter of an hour
MOST_DOUBTS = 2  # of one that may have been


@dataclass(slots=True)
class Count:
    """What became of the updates, for the operator."""

    processed: int = 0
    poisoned: int = 0
    dropped: int = 0  # by the flood gate
    unanswered: int = 0  # processed, but the reply could not be sent


class Intake:
    """`process` handles one update and raises what went wrong; `too_fast` is the one answer to a flood."""

    def __init__(
        self,
        bot: Bot,
        process: Callable[[Update], Awaitable[None]],
        too_fast: Callable[[Update], Awaitable[None]],
        store: Store,
        clock: Clock,
        alive: Callable[[], None] = lambda: None,
        at_once: int = 32,
        gate: FloodGate | None = None,
    ) -> None:
        """Without a `gate` nobody is ever too fast."""
        self._bot = bot
        self._process = process
        self._too_fast = too_fast
        self._store = store
        self._clock = clock
        self._alive = alive
        self._slots = asyncio.Semaphore(at_once)
        self._gate = gate
        self._unfinished: dict[int, asyncio.Task[None]] = {}
        self._finished: OrderedDict[int, None] = OrderedDict()
        self._last_of: dict[int, asyncio.Task[None]] = {}
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
                if self._unfinished:
                    await asyncio.wait(self._unfinished.values(), timeout=GLANCE_SECONDS)
        finally:
            await self._drain()

    async def _drain(self) -> None:
        if running := list(self._unfinished.values()):
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
        anywhere, and an old offset would throw away new updates."""
        offset = self._offset()
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
        task = asyncio.create_task(self._in_turn(raw, key, self._last_of.get(key)))
        self._unfinished[number] = self._last_of[key] = task

    async def _in_turn(self, raw: Raw, key: int, before: asyncio.Task[None] | None) -> None:
        number = number_of(raw)
        if before is not None:
            await asyncio.wait([before])
        async with self._slots:
            await self._handle(raw)
        # Only now, so that what a shutdown cancels stays unfinished and is handed out again.
        if self._last_of.get(key) is self._unfinished.pop(number):
            del self._last_of[key]
        self._finished[number] = None
        if len(self._finished) > REMEMBERED:
            self._finished.popitem(last=False)

    async def _handle(self, raw: Raw) -> None:
        try:
            update = Update.de_json(raw, self._bot)
        except Exception as error:  # noqa: BLE001 – whatever it is, its person's queue must go on
            await self._quarantine(raw, error)
            return
        passes = self._passes(update)
        if passes.now:
            self.count.processed += 1
            await self._insist(self._process, update, raw)
            return
        self.count.dropped += 1
        if passes.tell:
            log.warning("flood", update_id=update.update_id)
            await self._insist(self._too_fast, update, raw)

    def _passes(self, update: Update) -> Passes:
        user = update.effective_user
        if self._gate is None or user is None:
            return Passes(now=True)
        return self._gate.lets_in(user.id, TAP if update.callback_query else MESSAGE)

    async def _insist(self, work: Callable[[Update], Awaitable[None]], update: Update, raw: Raw) -> None:
        """Once, or again while the reply could not be sent; whatever else goes wrong is quarantined."""
        doubts = 0
        for attempt in count():
            try:
                await work(update)
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
        except StoreError as failure:
            log.error("quarantine_failed", update_id=number, error=str(failure))

    async def _after_failure(self, error: TelegramError, failures: int) -> None:
        """Wait and poll again; the missing sign of life is what liveness sees."""
        if isinstance(error, InvalidToken) and failures >= MOST_REFUSALS:
            raise TokenRefusedError from None
        seconds = backoff(failures - 1, self._clock.draw(), longest=15.0)
        event = "another_instance_polls" if isinstance(error, Conflict) else "poll_failed"
        log.warning(event, error=type(error).__name__, again_in=round(seconds, 1))
        await self._clock.sleep(seconds)


def lane(raw: Raw) -> int:
    """Whose turn it takes: the person's, except in groups, where it is the chat's. (Taps: the person's.)"""
    content = raw.get(kind_of(raw))
    if not isinstance(content, dict):
        return 0
    whose = content.get("chat") or content.get("from") or content.get("user")
    number = whose.get("id") if isinstance(whose, dict) else None
    return number if isinstance(number, int) else 0


def _where(error: Exception) -> list[str]:
    """The end of its traceback, without its message: that may hold what somebody wrote."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]


def _may_pass(error: Exception) -> bool:
    """Whether trying again may help. BadRequest is a NetworkError and does not pass; half an answer, which
    PTB calls a plain TelegramError, does."""
    if isinstance(error, NetworkError | RetryAfter):
        return not isinstance(error, BadRequest)
    return type(error) is TelegramError
