"""The rate_limiter: Telegram's limits, replies first, a pause for everybody."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, TypeVar

from tests.fakes.stores import broken_store
from tgbot.chat.admission import MESSAGE, TAP, Admission, FloodGate
from tgbot.clock import ManualClock
from tgbot.service.measurements import Heartbeat
from tgbot.service.rate_limiter import Pace, RateLimiter, remember_pause
from tgbot.service.store_port import StoreError

T = TypeVar("T")

ADA, BEN, GROUP = 7, 8, -100


async def waited(
    rate_limiter: RateLimiter, clock: ManualClock, chat: int | None, *, urgent: bool = False
) -> float:
    """For a message to the chat, or for an edit."""
    before = clock.monotonic()
    await (rate_limiter.turn(chat, urgent=urgent) if chat else rate_limiter.edit_turn(ADA, urgent=urgent))
    return round(clock.monotonic() - before, 3)


async def test_a_chat_gets_one_message_a_second_and_others_need_not_wait() -> None:
    clock = ManualClock()
    rate_limiter = RateLimiter(clock)

    assert await waited(rate_limiter, clock, ADA) == 0
    assert await waited(rate_limiter, clock, BEN) == 0
    assert await waited(rate_limiter, clock, ADA) == 1.05


async def test_a_group_gets_at_most_twenty_a_minute() -> None:
    clock = ManualClock()
    rate_limiter = RateLimiter(clock)
    for _ in range(20):
        await rate_limiter.turn(GROUP)
    await rate_limiter.turn(GROUP)

    assert clock.monotonic() >= 60


async def test_an_edit_adds_no_message_to_its_chat() -> None:
    clock = ManualClock()
    rate_limiter = RateLimiter(clock)

    assert [await waited(rate_limiter, clock, None) for _ in range(5)] == [0] * 5


async def test_replies_go_no_faster_than_the_rate_over_all() -> None:
    clock = ManualClock()
    rate_limiter = RateLimiter(clock)
    for chat in range(1, 106):
        await rate_limiter.turn(chat)

    assert 3.9 <= clock.monotonic() <= 4.2, "five at once, then 25 a second"


async def test_follow_ups_leave_a_reserve() -> None:
    clock = ManualClock()
    rate_limiter = RateLimiter(clock)
    assert rate_limiter.take(10) == 3, "five are free at once, two are kept for replies"
    assert rate_limiter.take(10) == 0
    assert await waited(rate_limiter, clock, ADA) == 0, "which a reply may take"


class Still(ManualClock):
    """Whoever sleeps goes on sleeping; the clock is pushed by hand."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.Event().wait()


@asynccontextmanager
async def asleep(waiting: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(waiting)
    for _ in range(3):
        await asyncio.sleep(0)  # noqa: TID251 – lets it begin; no time passes
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_follow_ups_take_nothing_while_a_reply_lacks_a_token() -> None:
    clock = Still()
    rate_limiter = RateLimiter(clock)
    for chat in range(5):
        await rate_limiter.turn(chat)
    async with asleep(rate_limiter.turn(ADA)):
        clock.push(timedelta(seconds=1))
        assert rate_limiter.take(10) == 0, "although there is enough for both by now"

    assert rate_limiter.take(10) == 3, "who is cancelled waits no more"


async def test_a_reply_that_waits_for_its_own_chats_turn_stops_no_follow_up() -> None:
    clock = Still()
    rate_limiter = RateLimiter(clock)
    await rate_limiter.turn(ADA)
    async with asleep(rate_limiter.turn(ADA)):
        assert rate_limiter.take(10) == 2
        assert rate_limiter.next_take_in() < 0.1


class Slept(ManualClock):
    """The clock moves only by hand, and then whoever has slept long enough wakes up."""

    def __init__(self) -> None:
        super().__init__()
        self._sleeping: list[tuple[float, asyncio.Event]] = []

    async def sleep(self, seconds: float) -> None:
        awake = asyncio.Event()
        self._sleeping.append((self.monotonic() + seconds, awake))
        await awake.wait()

    async def passes(self, seconds: float, step: float = 0.01) -> None:
        for _ in range(round(seconds / step)):
            self.push(timedelta(seconds=step))
            due = [event for at, event in self._sleeping if at <= self.monotonic() + 1e-6]
            self._sleeping = [(at, event) for at, event in self._sleeping if event not in due]
            for event in due:
                event.set()
            for _ in range(4):
                await asyncio.sleep(0)  # noqa: TID251 – lets them go on; no time passes


async def in_line(rate_limiter: RateLimiter, gone: list[int], chat: int, *, urgent: bool = False) -> None:
    await rate_limiter.turn(chat, urgent=urgent)
    gone.append(chat)


async def test_replies_go_in_the_order_in_which_they_came_and_an_emergency_before_all() -> None:
    clock, gone = Slept(), list[int]()
    rate_limiter = RateLimiter(clock)
    async with asyncio.TaskGroup() as tasks:
        for chat in range(1, 101):
            tasks.create_task(in_line(rate_limiter, gone, chat))
        await clock.passes(0.05)
        already = len(gone)
        tasks.create_task(in_line(rate_limiter, gone, 999, urgent=True))
        await clock.passes(0.1)
        assert gone.index(999) <= already + 1, "it takes the next token"
        await clock.passes(5)

    assert [chat for chat in gone if chat != 999] == list(range(1, 101))


async def test_an_emergency_does_not_wait_for_the_second_between_two_messages_to_a_chat() -> None:
    clock = ManualClock()
    rate_limiter = RateLimiter(clock)
    await rate_limiter.turn(ADA)

    assert await waited(rate_limiter, clock, ADA, urgent=True) == 0
    assert await waited(rate_limiter, clock, ADA) == 2.1, "but it is counted"


async def test_a_429_of_a_chat_holds_that_chat_alone() -> None:
    clock = ManualClock()
    rate_limiter = RateLimiter(clock)

    assert rate_limiter.too_many(GROUP, 40) == 0
    assert await waited(rate_limiter, clock, ADA) == 0
    assert rate_limiter.take(1) == 1, "nor are follow-ups held"
    assert rate_limiter.take_chat(GROUP) == 40
    assert await waited(rate_limiter, clock, GROUP, urgent=True) == 40, "not even an emergency goes there"


async def test_a_429_that_a_second_chat_meets_meanwhile_is_the_bots() -> None:
    clock = ManualClock()
    rate_limiter = RateLimiter(clock)
    rate_limiter.too_many(GROUP, 3)
    rate_limiter.too_many(GROUP, 3)
    assert rate_limiter.paused_for() == 0, "one chat twice is one chat"

    assert rate_limiter.too_many(ADA, 40) == 3, "as long as the shorter of the two"
    assert rate_limiter.take(1) == 0
    assert await waited(rate_limiter, clock, BEN) == 3
    assert rate_limiter.too_many(BEN, 5) == 5, "Ada's still lasts"


async def test_two_chats_that_meet_a_429_one_after_the_other_hold_nobody_else() -> None:
    clock = ManualClock()
    rate_limiter = RateLimiter(clock)
    rate_limiter.too_many(GROUP, 3)
    await clock.sleep(3)

    assert rate_limiter.too_many(ADA, 40) == 0


def test_a_429_for_a_call_that_names_no_chat_is_the_bots() -> None:
    rate_limiter = RateLimiter(ManualClock())

    assert rate_limiter.too_many(None, 7) == 7
    assert rate_limiter.paused_for() == 7


async def test_a_pause_that_cannot_be_kept_costs_nobody_a_reply() -> None:
    await remember_pause(broken_store(StoreError("the disk is full")), ManualClock(), 30)


async def test_after_a_429_nobody_says_anything_before_its_time() -> None:
    """AIORateLimiter lifts a ban as soon as any other request finishes."""
    clock = ManualClock()
    rate_limiter = RateLimiter(clock)
    rate_limiter.pause(30)
    rate_limiter.pause(5)

    assert rate_limiter.take(1) == 0
    assert await waited(rate_limiter, clock, ADA) == 30
    rate_limiter.pause(3)
    before = clock.monotonic()
    await rate_limiter.pause_is_over()
    assert clock.monotonic() - before == 3


async def test_tokens_that_were_not_needed_come_back() -> None:
    rate_limiter = RateLimiter(ManualClock(), Pace())
    rate_limiter.give_back(rate_limiter.take(3))
    rate_limiter.give_back(100)

    assert rate_limiter.take(100) == 3


def test_a_flood_is_let_in_by_drops_and_told_once() -> None:
    clock = ManualClock()
    gate = FloodGate(clock, burst=3, per_second=0.5)

    assert [gate.admit(ADA, MESSAGE) for _ in range(5)] == [
        Admission(allowed=True), Admission(allowed=True), Admission(allowed=True),
        Admission(allowed=False, notify=True), Admission(allowed=False),
    ]  # fmt: skip
    assert gate.admit(BEN) == Admission(allowed=True), "nobody else is meant"
    assert [gate.admit(BEN, TAP).allowed for _ in range(15)] == [True] * 15, "taps are cheap"


async def test_after_a_rest_a_flooder_is_welcome_and_would_be_told_again() -> None:
    clock = ManualClock()
    gate = FloodGate(clock, burst=2, per_second=0.5)
    for _ in range(3):
        gate.admit(ADA)
    await clock.sleep(4)

    assert [gate.admit(ADA) for _ in range(3)][-1] == Admission(allowed=False, notify=True)


async def test_who_gives_no_sign_of_life_is_named() -> None:
    clock = ManualClock()
    pulse = Heartbeat(clock, longest=55)
    pulse.of("courier")
    poller = pulse.of("poller")
    await clock.sleep(50)
    poller()
    await clock.sleep(6)

    assert pulse.silent() == ["courier"]


def test_who_has_been_quiet_is_forgotten_and_a_crowd_is_not_counted_anew_at_every_tap() -> None:
    """Ten thousand people within a few seconds once made every tap cost as much as all of them."""

    class Counting(FloodGate):
        looks = 0

        def _forget_the_quiet(self, now: float) -> None:
            self.looks += 1
            super()._forget_the_quiet(now)

    clock = ManualClock()
    gate = Counting(clock)
    for person in range(40_000):
        gate.admit(person, TAP)
    assert gate.looks <= 3

    clock.push(timedelta(minutes=1))
    for person in range(50_000, 95_000):
        gate.admit(person, TAP)
        clock.push(timedelta(milliseconds=1))
    assert len(gate._buckets) <= 40_000, "who tapped within the last seconds, twice over"


async def test_a_reply_that_waits_goes_on_faster_as_soon_as_the_replicas_part_grows() -> None:
    """A new replica has hardly a part until the lease of a dead one ends: what it would wait for then is not
    to be waited for afterwards."""

    class Growing(ManualClock):
        async def sleep(self, seconds: float) -> None:
            await super().sleep(seconds)
            rate_limiter.share(25.0)

    clock = Growing()
    rate_limiter = RateLimiter(clock, Pace(chat_seconds=0))
    rate_limiter.share(0.0)
    rate_limiter._tokens = -5.0  # before it stand others

    assert await waited(rate_limiter, clock, ADA) < 3
