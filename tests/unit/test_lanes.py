"""Lanes by themselves, with a clock that stands still: order, tries, what is remembered and counted."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs
from telegram.error import BadRequest, RetryAfter, TimedOut

from tests.fakes.memory_store import MemoryStore
from tests.fakes.stores import broken_store
from tgbot.chat.admission import Admission
from tgbot.chat.lanes import EVIDENT, Lanes, mark_handled
from tgbot.chat.updates import Update, UpdateReader
from tgbot.clock import ManualClock
from tgbot.content import Tier
from tgbot.finder.finding import Finding, Unknown, Urgent
from tgbot.service.measurements import Measurements
from tgbot.service.store_port import Store, StoreError, StoreFullError

ADA, BEN = 7, 8


def finds(text: str) -> Finding:
    return Urgent(("E1",), Tier.EMERGENCY) if "chest pain" in text else Unknown()


READER = UpdateReader(42, "back_bot", (), finds)


def says(number: int, text: str = "hello", person: int = ADA) -> Update:
    body = {"message_id": 1, "chat": {"id": person, "type": "private"}, "from": {"id": person}, "text": text}
    return READER.read({"update_id": number, "message": body})


@dataclass
class Scripted:
    """An admission that says what it was told to, then lets everybody in."""

    answers: list[Admission] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)

    def admit(self, update: Update, waiting: int) -> Admission:
        self.waiting.append(waiting)
        return self.answers.pop(0) if self.answers else Admission(allowed=True)


class Room:
    """Lanes whose work is what `does` says, by update; what is not named there is done at once."""

    def __init__(self, store: Store | None = None, *answers: Admission) -> None:
        self.clock = ManualClock()
        self.begun: list[int] = []
        self.ended: list[int] = []
        self.told: list[int] = []
        self.given_up: list[int] = []
        self.does: dict[int, Callable[[], Awaitable[None]]] = {}
        self.admission = Scripted(list(answers))
        self.measured = Measurements()
        self.lanes = Lanes(
            self._process,
            self._too_fast,
            store or MemoryStore(),
            self.clock,
            self.admission,  # type: ignore[arg-type]
            self.measured,
            self._could_not,
        )

    async def _process(self, update: Update) -> None:
        self.begun.append(update.update_id)
        if work := self.does.get(update.update_id):
            await work()
        self.ended.append(update.update_id)

    async def _too_fast(self, update: Update) -> None:
        self.told.append(update.update_id)

    async def _could_not(self, update: Update) -> None:
        self.given_up.append(update.update_id)

    def raises(self, number: int, *errors: Exception) -> None:
        left = list(errors)

        async def work() -> None:
            if left:
                raise left.pop(0)

        self.does[number] = work

    def waits(self, number: int) -> asyncio.Event:
        event = asyncio.Event()

        async def work() -> None:
            await event.wait()

        self.does[number] = work
        return event

    async def all_done(self) -> None:
        async with asyncio.timeout(60):
            while self.lanes.in_process():  # noqa: ASYNC110 – there is no event for it
                await asyncio.sleep(0)  # noqa: TID251 – lets others run; no time passes


async def turns(count: int = 10) -> None:
    for _ in range(count):
        await asyncio.sleep(0)  # noqa: TID251 – lets others run; no time passes


# -- order


async def test_one_person_in_order_another_beside_and_an_emergency_first() -> None:
    room = Room()
    slow = room.waits(1)
    for update in (says(1), says(2), says(3, person=BEN), says(4, "chest pain"), says(5)):
        assert room.lanes.take(update) is not None
    await turns()
    assert (room.begun, room.ended) == ([1, 3, 4], [3, 4])
    assert room.lanes.in_process() == {1, 2, 5}
    assert set(room.lanes.unfinished) == {1, 2, 5}
    slow.set()
    await room.all_done()

    assert room.ended == [3, 4, 1, 2, 5]
    assert room.lanes.count.processed == 5
    assert dict(room.lanes.unfinished) == {}
    assert room.lanes._lanes == {}, "a quiet lane leaves nothing behind"


async def test_an_update_that_comes_again_is_not_done_again_and_is_done_when_the_first_is() -> None:
    room = Room()
    slow = room.waits(1)
    first = room.lanes.take(says(1))
    assert room.lanes.take(says(1)) is first
    slow.set()
    await room.all_done()
    assert room.lanes.take(says(1)) is None
    await turns()
    assert room.begun == [1]


async def test_two_thousand_are_remembered_and_the_oldest_is_forgotten() -> None:
    room = Room()
    for number in range(2_000):
        room.lanes.take(says(number, person=number))
    await room.all_done()
    assert room.lanes.take(says(0)) is None
    room.lanes.take(says(2_000))
    await room.all_done()
    assert room.lanes.take(says(1)) is None
    assert room.lanes.take(says(0)) is not None, "the first of them, and no other"
    await room.all_done()


# -- tries


async def test_what_surely_was_not_sent_is_tried_twenty_times_more_with_growing_pauses() -> None:
    room = Room()
    room.raises(1, *[RetryAfter(1)] * 99)
    room.lanes.take(says(1))
    with capture_logs() as logs:
        await room.all_done()

    assert len(room.begun) == 21
    assert room.clock.slept[:8] == [0.75, 1.5, 3, 6, 12, 24, 45, 45]
    assert len(room.clock.slept) == 20
    assert room.lanes.count.unanswered == room.lanes.count.processed == 1
    assert [line["event"] for line in logs] == ["update_unanswered"]
    assert room.measured.updates == {("message", "unanswered"): 1}


async def test_what_may_have_been_sent_is_tried_once_more() -> None:
    room = Room()
    room.raises(1, TimedOut())
    room.raises(2, TimedOut(), RetryAfter(1), TimedOut())
    for number in (1, 2):
        room.lanes.take(says(number))
    await room.all_done()

    assert room.begun == [1, 1, 2, 2, 2]
    assert room.ended == [1]
    assert room.lanes.count.unanswered == 1


@pytest.mark.parametrize(
    "error", [BadRequest("too long"), KeyError("somebody's words"), StoreFullError("full")]
)
async def test_what_trying_cannot_help_is_put_aside_without_its_words(error: Exception) -> None:
    store = MemoryStore()
    room = Room(store)
    room.raises(1, error)
    room.lanes.take(says(1))
    room.lanes.take(says(2))
    with capture_logs() as logs:
        await room.all_done()

    assert room.ended == [2], "its lane goes on"
    assert room.lanes.count.poisoned == 1
    assert await store.operate(lambda tx: tx.operations.quarantined(datetime.fromtimestamp(0, UTC))) == 1
    (told,) = logs
    assert (told["event"], told["kind"], told["error"]) == (
        "update_quarantined",
        "message",
        type(error).__name__,
    )
    assert "words" not in str(told)
    assert told["where"][-1].endswith("work")
    assert len(told["where"]) <= 3


async def test_what_cannot_be_read_is_put_aside_by_that_name_and_never_handled() -> None:
    room = Room()
    room.lanes.take(READER.read({"update_id": 1, "message": {}}))
    with capture_logs() as logs:
        await room.all_done()

    assert [(line["event"], line["error"]) for line in logs] == [
        ("update_quarantined", "UnreadableUpdateError")
    ]
    assert room.begun == []


async def test_what_cannot_even_be_put_aside_is_told_and_its_lane_goes_on() -> None:
    for failure, said in (
        (StoreError("database is locked"), "database is locked"),
        (KeyError("x"), "KeyError"),
    ):
        room = Room(broken_store(failure))
        room.raises(1, KeyError("a bug"))
        room.lanes.take(says(1))
        room.lanes.take(says(2))
        with capture_logs() as logs:
            await room.all_done()
        assert [line["error"] for line in logs if line["event"] == "quarantine_failed"] == [said]
        assert room.ended == [2]


async def test_while_the_database_is_away_it_is_tried_and_then_whoever_asked_is_told() -> None:
    room = Room()
    room.raises(1, *[StoreError("away")] * 99)
    room.lanes.take(says(1))
    await room.all_done()

    assert len(room.begun) == 21
    assert room.given_up == [1]
    assert room.lanes.count.poisoned == 1
    assert room.lanes.count.unanswered == 0


async def test_in_a_crowd_half_a_minute_without_the_database_is_enough() -> None:
    """0.75 + 1.5 + 3 + 6 + 12 seconds are not, with the next 24 they are."""
    room = Room()

    async def away() -> None:
        room.lanes.relieve()
        raise StoreError("away")

    room.does[1] = away
    room.lanes.take(says(1))
    await room.all_done()
    assert room.clock.slept == [0.75, 1.5, 3, 6, 12, 24]
    assert room.given_up == [1]


# -- floods


async def test_what_is_dropped_is_finished_at_once_and_whoever_floods_is_told_in_their_turn() -> None:
    drop, told = Admission(allowed=False), Admission(allowed=False, notify=True)
    room = Room(None, Admission(allowed=True), told, drop)
    slow = room.waits(1)
    assert room.lanes.take(says(1)) is not None
    assert [room.lanes.take(says(number)) for number in (2, 3)] == [None, None]
    assert room.admission.waiting == [0, 1, 2]
    await turns()
    assert room.told == []
    slow.set()
    await room.all_done()

    assert room.told == [2]
    assert room.ended == [1]
    assert room.lanes.count.dropped == 2
    assert room.lanes.count.processed == 1, "a word about a flood is no update"
    assert room.measured.updates == {
        ("message", "dropped"): 2,
        ("message", "processed"): 2,
    }
    assert room.lanes.take(says(3)) is None, "it is known"


async def test_eight_drops_while_something_is_owed_are_plainly_a_flood_that_holds_up_nobody() -> None:
    room = Room(None, Admission(allowed=True), *[Admission(allowed=False)] * EVIDENT)
    room.waits(1)
    first = room.lanes.take(says(1))
    assert first is not None
    for number in range(2, EVIDENT + 1):
        room.lanes.take(says(number))
    assert not first.done()
    room.lanes.take(says(EVIDENT + 1))
    assert EVIDENT == 8
    assert first.done()
    assert dict(room.lanes.unfinished) == {}
    assert room.lanes.in_process() == {1}, "and it is still done"
    await room.lanes.drain(grace=0.0)


async def test_a_drop_while_nothing_is_owed_leaves_no_lane_and_counts_for_no_flood() -> None:
    room = Room(None, *[Admission(allowed=False)] * 20)
    for number in range(20):
        assert room.lanes.take(says(number)) is None
    assert room.lanes._lanes == {}


async def test_a_card_whatever_the_flood_is_acknowledged_at_once_and_sent() -> None:
    room = Room(None, Admission(allowed=True, block_ack=False))
    assert room.lanes.take(says(1, "chest pain")) is None
    await room.all_done()
    assert room.ended == [1]
    assert room.lanes.take(says(1)) is None


# -- what is measured, and the end


async def test_how_long_each_took_is_measured_from_its_arrival_by_what_was_in_it() -> None:
    room = Room()
    slow = room.waits(1)
    room.clock.push(timedelta(hours=1))
    for number in (1, 2):
        room.lanes.take(says(number))
    await turns()
    room.clock.push(timedelta(seconds=5))
    slow.set()
    await room.all_done()
    assert room.measured.replies.total == 5 + 5, "the second waited for the first"

    async def takes() -> None:
        await room.clock.sleep(2)

    room.does[3] = takes
    room.lanes.take(says(3, "chest pain"))
    await room.all_done()
    assert room.measured.updates == {("message", "processed"): 3}
    assert (room.measured.replies.total, room.measured.emergencies.total) == (10, 2)


async def test_a_stop_finishes_what_it_can_within_the_grace_and_leaves_the_rest_unfinished() -> None:
    room = Room()
    quick, _ = room.waits(1), room.waits(2)
    for update in (says(1), says(2, person=BEN)):
        room.lanes.take(update)
    await turns()
    quick.set()
    await room.lanes.drain(grace=0.01)

    assert room.ended == [1]
    assert set(room.lanes.unfinished) == {2}, "it is handed out again"
    assert room.lanes.count.processed == 1


async def test_in_a_crowd_what_only_waits_for_its_reply_is_acknowledged_and_nothing_else() -> None:
    room = Room()

    def stored(number: int) -> Callable[[], Awaitable[None]]:
        async def work() -> None:
            mark_handled()
            await asyncio.Event().wait()

        return work

    room.does = {1: stored(1), 2: stored(2)}
    room.waits(3)
    finished = [room.lanes.take(says(number, person=number)) for number in (1, 2, 3)]
    await turns()
    await room.lanes.relieve()

    done: list[Any] = [one is not None and one.done() for one in finished]
    assert done == [True, True, False]
    assert room.lanes.in_process() == {1, 2, 3}
    await room.lanes.drain(grace=0.0)
