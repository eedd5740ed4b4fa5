"""How long the courier sleeps, what it does while something is wrong, and what it says of it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NoReturn

import pytest
from structlog.testing import capture_logs

from tests.conformance.people import ANNA, BEN, DUE, follow_up_of, planned, states
from tests.fakes.memory_store import MemoryStore
from tests.fakes.messenger import FakeMessenger
from tests.fakes.rounds import FAST, LIMITS, Rounds
from tests.fakes.stores import MeddledStore
from tgbot.chat.telegram_connection import SEND_TIMEOUT
from tgbot.clock import ManualClock
from tgbot.followup.episode import FollowUpState
from tgbot.service.courier import Courier, Limits, SendOutcome, at_once
from tgbot.service.ports import Alert, Ambiguous, Delivery, Gone, Later, Moved, Refused, SentOk
from tgbot.service.rate_limiter import Pace, RateLimiter
from tgbot.service.store_port import Store, StoreError

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


class RestlessClock(ManualClock):
    """What is waited for comes at once; after so many waits whoever waits is cancelled."""

    def __init__(self, waits: int, dice: float = 0.5) -> None:
        super().__init__()
        self.waits: list[float] = []
        self._most, self._dice = waits, dice

    def draw(self) -> float:
        return self._dice

    async def wait(self, until: datetime | None, wake: asyncio.Event) -> None:
        assert until is not None, "the courier never sleeps without an end"
        self.waits.append((until - self.now()).total_seconds())
        if len(self.waits) >= self._most:
            raise asyncio.CancelledError
        self.push(until - self.now())


@dataclass
class Trust:
    known: bool = True
    certain: bool = True
    asked: int = 0

    async def confirm(self) -> bool:
        self.asked += 1
        return self.known


class Watched:
    """A courier of which everything is remembered that it tells."""

    def __init__(self, store: Store, clock: ManualClock, pace: Pace = FAST, *answers: Delivery) -> None:
        self.rounds = Rounds(store, clock, FakeMessenger(answers))
        self.limiter = RateLimiter(clock, pace)
        self.time = Trust()
        self.signs, self.next_due = 0, list[datetime | None]()
        self.points, self.alerts = list[str](), list[Alert]()
        self.courier = Courier(
            store,
            self.rounds.messenger,
            clock,
            self.rounds.compose,
            self.rounds.after_delivery,
            self.limiter,
            LIMITS,
            alive=self._alive,
            probe=self.points.append,
            next_due=self.next_due.append,
            time=self.time,
            alerts=self.alerts.append,
        )

    def _alive(self) -> None:
        self.signs += 1

    async def runs(self) -> None:
        with pytest.raises(asyncio.CancelledError):
            await self.courier.run()


def failing(fails: Callable[[int], bool]) -> MeddledStore:
    """A store whose transactions fail where `fails` says so, by their number from 1 on."""
    numbers = iter(range(1, 1_000))

    async def before() -> None:
        if fails(next(numbers)):
            raise StoreError("The database says: disk I/O error.")

    return MeddledStore(MemoryStore(), before)


# -- pauses after a failure


@pytest.mark.parametrize(
    ("dice", "pauses"),
    [
        (0.0, [1, 2, 4, 8, 16, 30, 30, 30]),
        (0.5, [1.5, 3, 6, 12, 24, 30, 30, 30]),
        (0.75, [1.75, 3.5, 7, 14, 28, 30, 30, 30]),
    ],
)
async def test_while_the_store_cannot_it_pauses_twice_as_long_each_time_up_to_half_a_minute(
    dice: float, pauses: list[float]
) -> None:
    clock = RestlessClock(len(pauses), dice)
    watched = Watched(failing(lambda _: True), clock)
    with capture_logs() as logs:
        await watched.runs()

    assert clock.waits == pauses
    assert watched.signs == 2 * len(pauses), "it lives, and says so before and after each round"
    told = [line for line in logs if line["event"] == "courier_waits"]
    assert [(line["seconds"], line["error"]) for line in told] == [
        (round(pauses[0], 1), "The database says: disk I/O error.")
    ]


async def test_what_lasts_is_told_anew_after_an_hour() -> None:
    clock = RestlessClock(125)
    with capture_logs() as logs:
        await Watched(failing(lambda _: True), clock).runs()

    assert sum(clock.waits) > HOUR.total_seconds()
    assert [line["event"] for line in logs] == ["courier_waits"] * 2


async def test_a_round_that_works_makes_the_next_pause_short_again() -> None:
    """A round without anything due asks the store twice: for what is due now, and for what is due next."""
    clock = RestlessClock(5)
    await Watched(failing(lambda number: number in (1, 2, 5)), clock).runs()

    assert clock.waits == [1.5, 3, 30, 1.5, 30]


async def test_without_a_connection_it_pauses_longer_each_time_and_then_delivers() -> None:
    clock, store = RestlessClock(4), MemoryStore()
    await planned(store)
    clock.push(DUE - clock.now())
    watched = Watched(store, clock, FAST, *[Later(0, "ConnectError")] * 3, SentOk(5))
    with capture_logs() as logs:
        await watched.runs()

    assert clock.waits == [1.5, 3, 6, 30]
    assert watched.courier.totals() == {"offline": 3, "sent": 1}
    assert await store.operate(lambda tx: tx.operations.flood_pause()) is None, "that is nobody's 429"
    assert [line["error"] for line in logs if line["event"] == "courier_waits"] == ["no connection"]


async def test_while_nobody_knows_the_time_nothing_is_claimed() -> None:
    clock, store = RestlessClock(3), MemoryStore()
    await planned(store)
    clock.push(DUE - clock.now())
    watched = Watched(store, clock)
    watched.time.known = False
    with capture_logs() as logs:
        await watched.runs()

    assert clock.waits == [1.5, 3, 6]
    assert watched.time.asked == 3
    assert watched.rounds.messenger.attempts == []
    assert [line["error"] for line in logs] == ["the time is not known"]


# -- how long it sleeps otherwise


@pytest.mark.parametrize(("due_in", "sleeps"), [(10, 10), (29.5, 29.5), (30, 30), (31, 30), (86_400, 30)])
async def test_it_sleeps_until_the_next_is_due_and_half_a_minute_at_most(
    due_in: float, sleeps: float
) -> None:
    clock, store = RestlessClock(1), MemoryStore()
    await planned(store)
    clock.push(DUE - clock.now() - timedelta(seconds=due_in))
    watched = Watched(store, clock)
    await watched.runs()

    assert clock.waits == [sleeps]
    assert watched.next_due == [DUE]
    assert watched.points == []


async def test_with_nothing_planned_it_looks_every_half_minute() -> None:
    clock = RestlessClock(2)
    watched = Watched(MemoryStore(), clock)
    await watched.runs()

    assert clock.waits == [30, 30]
    assert watched.next_due == [None, None]


async def test_what_somebody_else_has_in_hand_is_looked_at_four_times_a_second() -> None:
    """Two of one person are due, and another courier sends the first: the second is due all the while."""
    clock, store = RestlessClock(3), MemoryStore()
    await planned(store, ANNA, follow_up_of(ANNA), follow_up_of(ANNA, "f2"))
    clock.push(DUE - clock.now())
    await store.operate(lambda tx: tx.queue.claim_due("you", DUE, DUE + HOUR, 1))
    await Watched(store, clock).runs()

    assert clock.waits == [0.25] * 3


async def test_when_the_tokens_are_used_up_it_sleeps_until_the_next_and_never_an_instant() -> None:
    clock, store = RestlessClock(3), MemoryStore()
    for number in range(20):
        person = replace(ANNA, id=ANNA.id + number)
        await planned(store, person, follow_up_of(person, f"f{number}", episode=f"e{number}"))
    clock.push(DUE - clock.now())
    watched = Watched(store, clock, Pace(per_second=2.0))
    await watched.runs()

    assert all(0 < wait <= 1 for wait in clock.waits)
    assert len(watched.rounds.messenger.delivered) >= 3


# -- tokens, counts, alerts


async def test_tokens_that_were_not_needed_are_given_back() -> None:
    clock, store = ManualClock(), MemoryStore()
    watched = Watched(store, clock, Pace(per_second=25.0, reserve=0))
    free = watched.limiter.take(100)
    watched.limiter.give_back(free)
    assert free == 5
    await watched.courier.run_once()
    assert watched.limiter.take(100) == free

    watched.limiter.give_back(free)
    await planned(store)
    clock.push(DUE - clock.now())
    await watched.courier.run_once()
    assert watched.limiter.take(100) == free - 1


async def test_a_claim_that_fails_gives_its_tokens_back() -> None:
    watched = Watched(failing(lambda _: True), ManualClock(), Pace(per_second=25.0, reserve=0))
    with pytest.raises(StoreError):
        await watched.courier.run_once()

    assert watched.limiter.take(100) == 5


async def test_no_more_are_claimed_at_once_than_are_sent_at_once() -> None:
    clock, store = ManualClock(), MemoryStore()
    for number in range(9):
        person = replace(ANNA, id=ANNA.id + number)
        await planned(store, person, follow_up_of(person, f"f{number}", episode=f"e{number}"))
    clock.push(DUE - clock.now())
    watched = Watched(store, clock)

    assert await watched.courier.run_once() == {SendOutcome.SENT: 8}
    assert await watched.courier.run_once() == {SendOutcome.SENT: 1}
    assert watched.courier.totals() == {"sent": 9}
    assert watched.points.count("claimed") == 2
    assert watched.points.count("sent") == watched.points.count("settled") == 9


@pytest.mark.parametrize(("count", "warned"), [(2, False), (3, True)])
async def test_several_that_expire_at_once_are_a_warning(count: int, warned: bool) -> None:
    clock, store = ManualClock(), MemoryStore()
    for number in range(count):
        person = replace(ANNA, id=ANNA.id + number)
        await planned(store, person, follow_up_of(person, f"f{number}", episode=f"e{number}"))
    clock.push(DUE - clock.now() + timedelta(days=8))
    watched = Watched(store, clock)
    with capture_logs() as logs:
        assert await watched.courier.run_once() == {SendOutcome.EXPIRED: count}

    assert watched.alerts == ([Alert("several_expired", {"count": count})] if warned else [])
    assert ("several_expired" in [line["event"] for line in logs]) == warned
    assert [one.state for one in watched.rounds.after] == [FollowUpState.EXPIRED] * count


async def test_while_the_time_is_doubted_nothing_expires_and_it_is_looked_at_half_a_minute_later() -> None:
    clock, store = ManualClock(), MemoryStore()
    await planned(store)
    clock.push(DUE - clock.now() + timedelta(days=8))
    watched = Watched(store, clock)
    watched.time.certain = False

    assert await watched.courier.run_once() == {SendOutcome.LATER: 1}
    assert await states(store) == [FollowUpState.PLANNED]
    assert await store.operate(lambda tx: tx.queue.next_due()) == clock.now() + 30 * SECOND
    watched.time.known = False
    clock.push(30 * SECOND)
    assert await watched.courier.run_once() == {SendOutcome.LATER: 1}
    assert await store.operate(lambda tx: tx.queue.next_due()) == clock.now(), "as soon as it is known"


async def test_what_was_not_sent_is_told_with_its_reason_and_what_was_is_not() -> None:
    clock, store = ManualClock(), MemoryStore()
    await planned(store)
    await planned(store, BEN, follow_up_of(BEN, "f2", episode="e2"))
    clock.push(DUE - clock.now())
    watched = Watched(store, clock, FAST, Gone("Forbidden: bot was blocked by the user"))
    with capture_logs() as logs:
        await watched.courier.run_once()

    (told,) = [line for line in logs if line["event"] == "follow_up_not_sent"]
    assert (told["came"], "blocked" in told["delivery"]) == (SendOutcome.UNREACHABLE, True)
    ran = next(line for line in logs if line["event"] == "courier_ran")
    assert (ran["sent"], ran["unreachable"]) == (1, 1)


async def test_between_two_doubtful_attempts_lie_thirty_seconds() -> None:
    clock, store = ManualClock(), MemoryStore()
    await planned(store)
    clock.push(DUE - clock.now())
    watched = Watched(store, clock, FAST, Ambiguous("ReadTimeout"), Ambiguous("502"))

    assert await watched.courier.run_once() == {SendOutcome.AMBIGUOUS: 1}
    assert await store.operate(lambda tx: tx.queue.next_due()) == DUE + 30 * SECOND
    clock.push(30 * SECOND)
    assert await watched.courier.run_once() == {SendOutcome.UNCONFIRMED: 1}
    (ended,) = watched.rounds.after
    assert (ended.state, ended.ambiguous) == (FollowUpState.UNCONFIRMED, 2)


async def test_a_fault_of_ours_is_tried_again_after_ten_minutes_and_counts_no_attempt() -> None:
    clock, store = ManualClock(), MemoryStore()
    await planned(store)
    clock.push(DUE - clock.now())
    watched = Watched(store, clock)
    watched.courier._compose = _breaks
    assert await watched.courier.run_once() == {SendOutcome.FAILED: 1}

    assert await store.operate(lambda tx: tx.queue.next_due()) == DUE + timedelta(minutes=10)
    (kept,) = await store.transact(ANNA.id, lambda tx: tx.people.follow_ups(ANNA.id, "e1"))
    assert kept == follow_up_of(ANNA)


async def _breaks(*_: object) -> NoReturn:
    raise KeyError("a step that is not in the protocol")


async def test_while_a_delivery_cannot_be_written_down_it_is_tried_every_second_and_told_once() -> None:
    """It was planned in the first transaction, then claimed, then prepared: the next three fail."""
    store = failing(lambda number: number in (4, 5, 6))
    await planned(store)
    clock = ManualClock()
    clock.push(DUE - clock.now())
    watched = Watched(store, clock)
    with capture_logs() as logs:
        assert await watched.courier.run_once() == {SendOutcome.SENT: 1}

    assert clock.slept == [1.0] * 3
    assert [line["event"] for line in logs].count("courier_store_failed") == 1
    assert watched.signs == 3, "it lives all the while"
    assert watched.rounds.messenger.delivered == [ANNA.id], "one copy"


ENDS: list[Delivery] = [
    SentOk(5),
    Later(0, "ConnectError"),
    Later(5, "retry after 5"),
    Ambiguous("502"),
    Gone("blocked"),
    Moved(-100),
    Refused("message is too long"),
]


@pytest.mark.parametrize("answer", ENDS, ids=lambda answer: type(answer).__name__)
async def test_whatever_became_of_a_send_whose_lease_was_lost_is_for_the_next_courier_to_find_out(
    answer: Delivery,
) -> None:
    clock, store = ManualClock(), MemoryStore()
    await planned(store)
    clock.push(DUE - clock.now())
    watched = Watched(store, clock, FAST, answer)

    async def take_over() -> None:
        clock.push(timedelta(seconds=60))
        now = clock.now()
        assert await store.operate(lambda tx: tx.queue.claim_due("you", now, now + HOUR, 1))

    watched.rounds.messenger._during = take_over
    assert await watched.courier.run_once() == {SendOutcome.LEASE_LOST: 1}
    assert await states(store) == [FollowUpState.PLANNED]
    assert watched.rounds.after == []


# -- the end


async def test_a_stop_lets_what_is_in_flight_settle_and_claims_nothing_more() -> None:
    clock, store = ManualClock(), MemoryStore()
    await planned(store)
    clock.push(DUE - clock.now())
    in_flight, go_on = asyncio.Event(), asyncio.Event()
    watched = Watched(store, clock)

    async def slowly() -> None:
        in_flight.set()
        await go_on.wait()

    watched.rounds.messenger._during = slowly
    running = asyncio.create_task(watched.courier.run())
    await in_flight.wait()
    running.cancel()
    asyncio.get_running_loop().call_soon(go_on.set)
    with pytest.raises(asyncio.CancelledError):
        await running

    assert await states(store) == [FollowUpState.SENT]


async def test_a_stop_ends_what_is_in_flight_when_the_grace_is_over_and_leaves_nothing_running() -> None:
    clock, store = ManualClock(), MemoryStore()
    await planned(store)
    clock.push(DUE - clock.now())
    in_flight, ended = asyncio.Event(), list[str]()

    async def for_ever() -> None:
        in_flight.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("the send")

    limits = replace(LIMITS, grace=timedelta(milliseconds=1))
    rounds = Rounds(store, clock, FakeMessenger(during=for_ever), limits)
    running = asyncio.create_task(rounds.courier.run())
    await in_flight.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert ended == ["the send"]
    assert await states(store) == [FollowUpState.PLANNED], "its lease runs out, and it is tried once more"


async def test_a_stop_does_not_wait_for_a_store_that_cannot() -> None:
    """It was planned, claimed and prepared; what comes then fails, and goes on failing."""
    store = failing(lambda number: number > 3)
    await planned(store)
    clock = ManualClock()
    clock.push(DUE - clock.now())
    watched = Watched(store, clock)
    running = asyncio.create_task(watched.courier.run())
    while len(clock.slept) < 3:  # noqa: ASYNC110 – nobody sets an event
        await asyncio.sleep(0)  # noqa: TID251 – lets it try
    running.cancel()
    tried = len(clock.slept)
    with pytest.raises(asyncio.CancelledError):
        await running

    assert len(clock.slept) <= tried + 1


async def test_the_shortest_429_of_a_second_is_one_and_no_lack_of_a_connection() -> None:
    clock, store = ManualClock(), MemoryStore()
    await planned(store)
    clock.push(DUE - clock.now())

    watched = Watched(store, clock, FAST, Later(1, "retry after 1"))
    assert await watched.courier.run_once() == {SendOutcome.LATER: 1}
    assert watched.limiter.refusals["chat"] == 1
    assert await store.operate(lambda tx: tx.queue.next_due()) == DUE + SECOND


# -- the limits


@pytest.mark.parametrize(
    ("per_second", "in_flight"),
    [(1, 8), (25, 8), (80, 8), (90, 9), (200, 20), (1_000, 100), (1_001, 100), (9_999, 100)],
)
def test_so_many_are_in_flight_as_keep_up_the_rate(per_second: float, in_flight: int) -> None:
    assert at_once(per_second) == in_flight


def test_the_limits_are_those_that_the_documents_name() -> None:
    limits = LIMITS

    assert (limits.lease, SEND_TIMEOUT) == (60 * SECOND, 20.0)
    assert limits.in_flight == 8
    assert (limits.doubt, limits.fault) == (30 * SECOND, timedelta(minutes=10))
    assert (limits.grace, limits.look) == (8 * SECOND, 30 * SECOND)


def test_a_lease_of_two_sends_is_just_long_enough() -> None:
    assert Limits(lease=40 * SECOND, send=20 * SECOND).send == 20 * SECOND
    with pytest.raises(ValueError, match="does not outlive"):
        Limits(lease=40 * SECOND - timedelta(milliseconds=1), send=20 * SECOND)


@pytest.mark.parametrize("after", [1, 2], ids=["before it is looked at again", "before it is put aside"])
async def test_what_another_courier_took_over_meanwhile_is_left_to_that_one(after: int) -> None:
    """`after` counts the transactions since the claim; the second comes after a fault of ours."""
    clock, inner, since = ManualClock(), MemoryStore(), 0

    async def take_over() -> None:
        nonlocal since
        since += watched.points[-1:] == ["claimed"]
        if since == after:
            clock.push(timedelta(seconds=60))
            now = clock.now()
            assert await inner.operate(lambda tx: tx.queue.claim_due("you", now, now + HOUR, 1))

    watched = Watched(MeddledStore(inner, take_over), clock)
    await planned(inner)
    clock.push(DUE - clock.now())
    if after == 2:
        watched.courier._compose = _breaks

    assert await watched.courier.run_once() == {SendOutcome.LEASE_LOST: 1}
    assert watched.points == ["claimed"]
    assert (await inner.operate(lambda tx: tx.queue.next_due())) == clock.now() + HOUR
