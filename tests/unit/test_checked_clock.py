"""A clock is believed when another says the same; until then nothing that cannot be undone happens by it."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from tests.conformance.people import ANNA, DUE, NOW, follow_up_of, planned, states
from tests.fakes.memory_store import MemoryStore
from tests.fakes.rounds import FAST, LIMITS, Rounds
from tgbot.clock import GAP, TOLERANCE, CheckedClock, ManualClock, Trust
from tgbot.followup.episode import FollowUpState, Person
from tgbot.service.courier import Courier, DoNotSend, SendOutcome
from tgbot.service.housekeeping import Housekeeping
from tgbot.service.ports import Alert, Alerts, no_alerts
from tgbot.service.questions import Statistics
from tgbot.service.rate_limiter import RateLimiter

YEAR = timedelta(days=366)
SECOND = timedelta(seconds=1)


class SteadyClock(ManualClock):
    """Its monotonic time does not follow when it is set, as a machine's does not."""

    def __init__(self, ahead: timedelta = timedelta()) -> None:
        super().__init__(NOW + ahead)
        self.passed = timedelta()

    def monotonic(self) -> float:
        return self.passed.total_seconds()

    def time_passes(self, by: timedelta) -> None:
        self.passed += by
        self.push(by)


def checked(clock: SteadyClock, written: datetime | None = NOW) -> tuple[CheckedClock, list[Alert]]:
    alerts: list[Alert] = []
    return CheckedClock(clock, written, alerts.append), alerts


def hears(time: CheckedClock, at: datetime, times: int = 2) -> None:
    for _ in range(times):
        time.answered(at)


def test_before_anything_was_heard_nothing_is_known() -> None:
    time, _ = checked(SteadyClock())
    assert (time.known, time.certain, time.problems()) == (False, False, ["clock"])


def test_two_that_agree_are_certain() -> None:
    time, alerts = checked(SteadyClock(TOLERANCE))
    time.answered(NOW)
    assert (time.known, time.certain, time.problems(), alerts) == (True, True, [], [])
    assert time.now() == NOW + TOLERANCE, "so little is not corrected"


@pytest.mark.parametrize(
    "ahead", [YEAR, -YEAR, timedelta(days=11), TOLERANCE + 2 * SECOND, -TOLERANCE - SECOND]
)
def test_a_clock_that_is_wrong_is_corrected_and_told(ahead: timedelta) -> None:
    clock = SteadyClock(ahead)
    time, alerts = checked(clock, NOW - SECOND)
    time.answered(NOW)
    assert (time.known, time.certain) == (False, False), "one answer may have been under way"
    time.answered(NOW)

    assert time.now() == NOW
    assert (time.known, time.certain, time.problems()) == (True, False, ["clock"])
    assert [alert.details["ahead_seconds"] for alert in alerts] == [round(ahead.total_seconds())]
    clock.time_passes(timedelta(hours=1))
    hears(time, NOW + timedelta(hours=1) + SECOND)
    assert time.now() == NOW + timedelta(hours=1), "a second more or less is no other time"
    assert len(alerts) == 1


def test_when_ours_goes_on_from_what_was_written_and_theirs_does_not_ours_is_used() -> None:
    """A server of the operator's own, whose clock is wrong, must not make every check-in due."""
    time, alerts = checked(SteadyClock(), NOW - timedelta(hours=20))
    hears(time, NOW + YEAR)

    assert (time.trust, time.now()) == (Trust.DISPUTED, NOW)
    assert (time.known, time.certain) == (True, False)
    assert [alert.details["trust"] for alert in alerts] == ["disputed"]


def test_after_a_long_outage_their_time_decides() -> None:
    time, _ = checked(SteadyClock(GAP + SECOND))
    hears(time, NOW + YEAR)
    assert (time.trust, time.now()) == (Trust.CORRECTED, NOW + YEAR)


def test_a_clock_that_jumps_is_not_known_until_they_say_the_same_again() -> None:
    clock = SteadyClock()
    time, alerts = checked(clock)
    time.answered(NOW)
    clock.time_passes(timedelta(days=3))
    assert time.certain, "that was no jump: time passed"
    clock.push(TOLERANCE + SECOND)
    assert (time.known, time.certain) == (False, False)
    time.answered(clock.now())
    assert (time.certain, alerts) == (True, [])


def test_a_jump_that_they_do_not_share_is_corrected() -> None:
    clock = SteadyClock()
    time, _ = checked(clock)
    time.answered(NOW)
    clock.push(YEAR)
    hears(time, NOW)
    assert (time.trust, time.now()) == (Trust.CORRECTED, NOW)
    clock.push(-YEAR)
    time.answered(NOW)
    assert (time.trust, time.now()) == (Trust.CONFIRMED, NOW)


def test_that_it_is_right_again_is_told() -> None:
    clock = SteadyClock(YEAR)
    time, alerts = checked(clock)
    hears(time, NOW)
    clock.push(-YEAR)
    time.answered(NOW)
    assert [alert.event for alert in alerts] == ["clock_wrong", "clock_right"]


async def test_it_waits_by_the_corrected_time() -> None:
    clock = SteadyClock(YEAR)
    time, _ = checked(clock)
    hears(time, NOW)
    waiting = asyncio.create_task(time.wait(NOW + timedelta(hours=1), asyncio.Event()))
    clock.time_passes(timedelta(minutes=59))
    await asyncio.sleep(0)  # noqa: TID251 – lets the waiting look
    assert not waiting.done()
    clock.time_passes(timedelta(minutes=1))
    await waiting


@pytest.mark.parametrize(
    ("written", "known"),
    [(None, True), (NOW - GAP, True), (NOW - GAP - SECOND, False), (NOW + TOLERANCE + SECOND, False)],
)
def test_answers_without_a_time_leave_what_was_written_to_compare_with(
    written: datetime | None, known: bool
) -> None:
    time, _ = checked(SteadyClock(), written)
    time.answered(None)
    assert (time.known, time.certain) == (known, False)


def test_a_message_of_just_now_confirms_and_one_from_the_future_contradicts() -> None:
    time, _ = checked(SteadyClock())
    time.message_dated(NOW - timedelta(hours=20))  # it waited
    assert time.trust is Trust.UNKNOWN
    time.message_dated(NOW - SECOND)
    assert time.certain
    for _ in range(2):
        time.message_dated(NOW + YEAR)
    assert not time.certain


async def test_who_wants_to_know_makes_them_answer() -> None:
    time, _ = checked(SteadyClock(YEAR))
    asked: list[str] = []

    async def ask() -> None:
        asked.append("getMe")
        time.answered(NOW)

    time.ask = ask
    assert await time.confirm()
    assert await time.confirm()
    assert (len(asked), time.now()) == (2, NOW)


# -- what is not done meanwhile


def courier(
    store: MemoryStore,
    time: CheckedClock,
    rounds: Rounds,
    probe: Callable[[str], None] = lambda _: None,
    alerts: Alerts = no_alerts,
) -> Courier:
    return Courier(
        store,
        rounds.messenger,
        time,
        rounds.compose,
        rounds.after_delivery,
        RateLimiter(time, FAST),
        LIMITS,
        probe=probe,
        time=time,
        alerts=alerts,
    )


@pytest.mark.parametrize("told_by", ["courier", "protocol"])
async def test_nothing_expires_while_the_clocks_disagree(told_by: str) -> None:
    """Telegram alone says that it is too late: it may be, and is looked at again."""
    store, clock = MemoryStore(), SteadyClock()
    await planned(store, ANNA, follow_up_of(ANNA, due=DUE))
    time, _ = checked(clock, None)
    late = DUE + timedelta(days=8 if told_by == "courier" else 1)
    hears(time, late)
    rounds = Rounds(store, withdraw=None if told_by == "courier" else DoNotSend(FollowUpState.EXPIRED))
    sender = courier(store, time, rounds)

    assert await sender.run_once() == {SendOutcome.LATER: 1}
    assert await states(store) == [FollowUpState.PLANNED]
    assert await sender.run_once() == {}, "not at once"
    clock.push(late - clock.now())
    time.answered(late)
    clock.time_passes(timedelta(seconds=30))
    assert await sender.run_once() == {SendOutcome.EXPIRED: 1}
    assert await states(store) == [FollowUpState.EXPIRED]


async def test_a_clock_that_jumps_between_claim_and_send_sends_nothing() -> None:
    store, clock = MemoryStore(), SteadyClock()
    await planned(store, ANNA, follow_up_of(ANNA, due=NOW))
    time, _ = checked(clock)
    time.answered(NOW)
    rounds = Rounds(store)
    sender = courier(store, time, rounds, lambda at: clock.push(-YEAR) if at == "claimed" else None)
    assert await sender.run_once() == {SendOutcome.LATER: 1}
    assert (rounds.messenger.attempts, await states(store)) == ([], [FollowUpState.PLANNED])


async def test_several_that_expire_at_once_are_told() -> None:
    """One has been away; three at once may be a clock."""
    clock = SteadyClock()
    alerts: list[Alert] = []
    time, _ = checked(clock)
    for count, told in ((2, []), (3, [Alert("several_expired", {"count": 3})])):
        store = MemoryStore()
        for number in range(count):
            person = Person(ANNA.id + number, ANNA.consent)
            await planned(store, person, follow_up_of(person, f"f{number}", NOW, f"e{number}"))
        clock.time_passes(timedelta(days=8))
        time.answered(clock.now())
        sender = courier(store, time, Rounds(store), alerts=alerts.append)
        assert (await sender.run_once())[SendOutcome.EXPIRED] == count
        assert alerts == told


async def test_a_courier_that_does_not_know_the_time_sends_nothing_and_asks_again() -> None:
    store, clock = MemoryStore(), SteadyClock()
    await planned(store, ANNA, follow_up_of(ANNA, due=NOW))
    time, _ = checked(clock)
    answers = iter([None, None, NOW])

    async def ask() -> None:
        if (at := next(answers, NOW)) is not None:
            time.answered(at)

    time.ask = ask
    rounds = Rounds(store)
    running = asyncio.create_task(courier(store, time, rounds).run())
    for _ in range(50):
        await asyncio.sleep(0)  # noqa: TID251 – lets the courier look
    assert rounds.messenger.attempts == []
    clock.time_passes(timedelta(seconds=60))
    for _ in range(200):
        await asyncio.sleep(0)  # noqa: TID251 – lets the courier look
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert rounds.messenger.delivered == [ANNA.id]


async def test_update_ids_are_kept_and_no_instant_is_written_while_the_clocks_disagree() -> None:
    store, clock = MemoryStore(), SteadyClock()
    time, _ = checked(clock, None)
    keeper = Housekeeping(store, time, Statistics(), store.free, time=time)
    await store.operate(lambda tx: tx.operations.first_time(1, NOW))
    hears(time, NOW + YEAR)
    await keeper.run_once()
    assert not await store.operate(lambda tx: tx.operations.first_time(1, NOW))
    assert await store.operate(lambda tx: tx.operations.touched()) is None

    clock.push(YEAR)
    time.answered(clock.now())
    await keeper.run_once()
    assert await store.operate(lambda tx: tx.operations.touched()) == NOW + YEAR
    assert await store.operate(lambda tx: tx.operations.first_time(1, NOW)), "and the old id is forgotten"
