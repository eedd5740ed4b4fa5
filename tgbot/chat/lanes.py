"""Updates in process: those of one person stay in order, different people run in parallel.

Whoever brings updates (polling, the webhook) gives them to `take` and acknowledges those that it calls
finished: Telegram itself is the durable queue, and a kill at any moment brings back exactly what was not
finished. An emergency is answered before what came earlier in its lane.
"""

import asyncio
import math
import traceback
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path

import structlog

from tgbot.chat.admission import Admission, AdmissionControl
from tgbot.chat.failures import Failure, failure_of
from tgbot.chat.owed_replies import OwedReplies
from tgbot.chat.updates import IncomingMessage, Tap, UnreadableUpdate, Update
from tgbot.followup.times import backoff
from tgbot.service.measurements import Measurements
from tgbot.service.ports import Clock
from tgbot.service.store_port import OwedReply, Store, StoreError

log = structlog.get_logger(__name__)

GRACE_SECONDS = 8.0  # Docker kills ten seconds after it asked
HAND_OVER_SECONDS = 0.5
REMEMBERED = 2_000  # updates that are recognised when they are handed out again
EVIDENT = 8  # drops while a lane is at work: a flood, for which nobody else waits
MOST_RUNNING = 5_000  # updates in process, after which a crowd waits at Telegram
MOST_TRIES = 20  # of a reply that surely was not sent: about a quarter of an hour
MOST_DOUBTS = 2  # tries of a reply that may have been sent
CROWD_PATIENCE = 30.0  # seconds without the database, after which what hides others is given up
CROWD_LASTS = 10.0  # seconds after it was last said

Work = Callable[[Update], Awaitable[None]]

_in_process: ContextVar[Callable[[], None]] = ContextVar("_in_process", default=lambda: None)


def mark_handled() -> None:
    """Said while an update is processed: what it changes is stored, only its reply is still to be sent."""
    _in_process.get()()


async def _say_nothing(_: Update) -> None:
    """For those who have nobody to tell."""


class UnreadableUpdateError(Exception):
    """An update lacks what its kind cannot do without."""


@dataclass(slots=True)
class UpdateCounts:
    """What became of the updates, for the operator."""

    processed: int = 0
    poisoned: int = 0
    dropped: int = 0  # not admitted
    unanswered: int = 0  # processed, but the reply could not be sent


@dataclass(slots=True)
class _Lane:
    """What one person, or one group, has in process. `last` is the newest that kept its turn."""

    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    numbers: set[int] = field(default_factory=set)
    last: asyncio.Task[None] | None = None
    drops: int = 0  # since it was last empty


class Lanes:
    """`process` handles one update and raises what went wrong; `too_fast` is the one answer to a flood, and
    `could_not` to what the database did not let us do, however often it was tried."""

    def __init__(
        self,
        process: Work,
        too_fast: Work,
        store: Store,
        clock: Clock,
        admission: AdmissionControl | None = None,
        measurements: Measurements | None = None,
        could_not: Work = _say_nothing,
    ) -> None:
        """Without an `admission` nobody is ever too fast."""
        self._process = process
        self._too_fast = too_fast
        self._store = store
        self._clock = clock
        self._admission = admission
        self._measurements = measurements or Measurements()
        self._could_not = could_not
        self._crowded = -math.inf  # when a crowd was last to be relieved
        self._unfinished: dict[int, asyncio.Future[None]] = {}
        self._finished: OrderedDict[int, None] = OrderedDict()
        self._handled: dict[int, OwedReply] = {}  # of those, what is done but for its reply
        self._owed = OwedReplies(store, clock)
        self._relieving: asyncio.Task[None] | None = None
        self._lanes: dict[int, _Lane] = {}
        self.count = UpdateCounts()

    @property
    def unfinished(self) -> Mapping[int, asyncio.Future[None]]:
        """By update id, what may not be acknowledged yet; each is done when it may."""
        return self._unfinished

    def take(self, update: Update) -> asyncio.Future[None] | None:
        """Begin with an update, unless it is known. What is returned is done when it may be acknowledged;
        None: it may be at once."""
        number = update.update_id
        if number in self._finished:
            return None
        if number in self._unfinished:
            return self._unfinished[number]
        lane = self._lanes.setdefault(update.lane, _Lane())
        admission = self._admitted(update, len(lane.tasks))
        if admission.allowed and admission.block_ack:
            finished = self._unfinished[number] = asyncio.get_running_loop().create_future()
            self._queue(update, lane, self._process)
            return finished
        self._remember(number)
        if admission.allowed:
            self._queue(update, lane, self._process)
        else:
            self._drop(update, lane, admission)
        return None

    def in_process(self) -> set[int]:
        """The numbers of all updates that have begun and are not over."""
        return {number for lane in self._lanes.values() for number in lane.numbers}

    def handled(self, update: Update) -> None:
        """What the update changes is stored; only the reply is still to be sent."""
        if update.update_id in self._unfinished and isinstance(update, IncomingMessage | Tap):
            self._handled[update.update_id] = OwedReply(update.update_id, update.chat_id)

    def relieve(self) -> asyncio.Task[None]:
        """In a crowd, acknowledge what only waits for its reply's turn: else a thousand who tapped at once
        hide the emergency that comes after them, as a source shows no more while so many are unfinished. That
        they are owed a reply is written down before, so that a kill leaves nobody without a word."""
        self._crowded = self._clock.monotonic()
        if self._relieving is None or self._relieving.done():
            self._relieving = asyncio.create_task(self._relieve())
        return self._relieving

    async def _relieve(self) -> None:
        numbers = sorted(self._handled)[: max(0, MOST_RUNNING - self._running)]
        replies = [self._handled[number] for number in numbers]
        if not replies or not await self._owed.write_down(replies):
            return
        for number in numbers:
            if number in self._unfinished:
                self._finish(number)
            else:  # it was sent meanwhile
                self._owed.sent(number)

    @property
    def _running(self) -> int:
        return sum(len(lane.tasks) for lane in self._lanes.values())

    async def drain(self, grace: float = GRACE_SECONDS) -> None:
        """Finish what was begun, within the grace; the rest is cancelled and stays unfinished."""
        if running := [task for lane in self._lanes.values() for task in lane.tasks]:
            _, left = await asyncio.wait(running, timeout=grace)
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
        if self._relieving is not None:
            await asyncio.wait([self._relieving], timeout=HAND_OVER_SECONDS)
        await self._owed.hand_over(HAND_OVER_SECONDS)

    def _admitted(self, update: Update, waiting: int) -> Admission:
        """What admission cannot judge is let in, to be quarantined: what raises here ends the poller, and
        would come back to the next one."""
        if self._admission is None:
            return Admission(allowed=True)
        try:
            return self._admission.admit(update, waiting)
        except Exception as error:  # noqa: BLE001 – see above
            log.error(
                "admission_failed",
                update_id=update.update_id,
                error=type(error).__name__,
                where=_where(error),
            )
            return Admission(allowed=True)

    def _drop(self, update: Update, lane: _Lane, admission: Admission) -> None:
        self.count.dropped += 1
        self._measurements.finished(update.kind, "dropped", 0.0, urgent=False)
        if admission.notify:
            log.warning("flood", update_id=update.update_id)
            self._queue(update, lane, self._too_fast)
        lane.drops += bool(lane.tasks)
        if lane.drops >= EVIDENT:
            self._let_go(lane)
        if not lane.tasks:
            del self._lanes[update.lane]

    def _let_go(self, lane: _Lane) -> None:
        """Acknowledge what a flooder's lane has left to do before it is done: else the flood's own updates
        fill all that a poll shows, and others wait. Only a kill in those seconds loses it."""
        for number in lane.numbers & self._unfinished.keys():
            self._finish(number)

    def _queue(self, update: Update, lane: _Lane, work: Work) -> None:
        """Let it be done when everything before it in its lane is; an emergency at once."""
        overtakes = lane.last is not None and work is self._process and self._overtakes(update)
        before = None if overtakes else lane.last
        task = asyncio.create_task(self._in_turn(update, lane, before, work))
        lane.tasks.add(task)
        lane.numbers.add(update.update_id)
        if not overtakes:
            lane.last = task

    def _overtakes(self, update: Update) -> bool:
        try:
            return update.overtakes
        except Exception:  # noqa: BLE001 – its turn comes, and with it the quarantine
            return False

    async def _in_turn(
        self, update: Update, lane: _Lane, before: asyncio.Task[None] | None, work: Work
    ) -> None:
        since = self._clock.monotonic()
        if before is not None:
            await asyncio.wait([before])
        _in_process.set(partial(self.handled, update))
        outcome = await self._insist(work, update)
        seconds, urgent = self._clock.monotonic() - since, self._overtakes(update)
        self._measurements.finished(update.kind, outcome, seconds, urgent=urgent)
        # Only now, so that what a shutdown cancels stays unfinished and is handed out again.
        self.count.processed += work is self._process
        self._leave(update, lane)
        if update.update_id in self._unfinished:
            self._finish(update.update_id)
        else:  # acknowledged before: its reply may have been written down as owed
            self._owed.sent(update.update_id)

    def _leave(self, update: Update, lane: _Lane) -> None:
        task = asyncio.current_task()
        assert task is not None
        lane.tasks.discard(task)
        lane.numbers.discard(update.update_id)
        if not lane.tasks:
            del self._lanes[update.lane]

    def _finish(self, number: int) -> None:
        self._handled.pop(number, None)
        finished = self._unfinished.pop(number)
        self._remember(number)
        if not finished.done():
            finished.set_result(None)

    def _remember(self, number: int) -> None:
        self._finished[number] = None
        if len(self._finished) > REMEMBERED:
            self._finished.popitem(last=False)

    async def _insist(self, work: Work, update: Update) -> str:
        """Once, or again while the reply could not be sent or the database is away; whatever else goes wrong
        is quarantined. What became of it."""
        doubts, since = 0, self._clock.monotonic()
        for attempt in count():
            try:
                if isinstance(update, UnreadableUpdate):
                    raise UnreadableUpdateError(update.error)
                await work(update)
                return "processed"
            except Exception as error:  # noqa: BLE001 – a poison update must not block its person's lane
                failure = failure_of(error)
                doubts += failure is not Failure.NOT_SENT
                if failure is Failure.FINAL:
                    await self._quarantine(update, error)
                    return "quarantined"
                used_up = doubts >= MOST_DOUBTS or attempt >= MOST_TRIES
                if isinstance(error, StoreError) and (used_up or self._hides_others(since)):
                    await self._give_up(update, error)
                    return "quarantined"
                if used_up:
                    self.count.unanswered += 1
                    log.error("update_unanswered", update_id=update.update_id, error=type(error).__name__)
                    return "unanswered"
                await self._clock.sleep(backoff(attempt, self._clock.draw()))
        raise AssertionError("counting has no end")

    def _hides_others(self, since: float) -> bool:
        """Whether it has waited for the database long enough while so many do that an emergency may stand
        behind them."""
        now = self._clock.monotonic()
        return now - self._crowded < CROWD_LASTS and now - since > CROWD_PATIENCE

    async def _give_up(self, update: Update, error: Exception) -> None:
        """Nothing was done: whoever asked is told so, and may ask again."""
        try:
            await self._could_not(update)
        except Exception as failure:  # noqa: BLE001 – its lane goes on
            log.error("failure_not_told", update_id=update.update_id, error=type(failure).__name__)
        await self._quarantine(update, error)

    async def _quarantine(self, update: Update, error: Exception) -> None:
        """Counted and acknowledged; its kind and the error's name are kept, never its words."""
        number, kind, name = update.update_id, update.kind, type(error).__name__
        self.count.poisoned += 1
        log.error("update_quarantined", update_id=number, kind=kind, error=name, where=_where(error))
        try:
            await self._store.operate(
                lambda tx: tx.operations.quarantine(number, kind, name, self._clock.now())
            )
        except Exception as failure:  # noqa: BLE001 – nothing more can be done for it, and its lane goes on
            why = str(failure) if isinstance(failure, StoreError) else type(failure).__name__
            log.error("quarantine_failed", update_id=number, error=why)


def _where(error: Exception) -> list[str]:
    """The end of its traceback, without its message: that may hold what somebody wrote."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
