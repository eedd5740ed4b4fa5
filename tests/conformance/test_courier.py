"""The courier over every store: what happens to a follow-up, whatever happens to its message."""

import asyncio
import random  # noqa: TID251 – seeded: the same races every time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

import pytest

from tests.conformance.people import ANNA, BEN, DUE, HOUR, follow_up_of, planned, states
from tests.fakes.messenger import FakeMessenger
from tests.fakes.rounds import LIMITS, Rounds
from tests.fakes.stores import MeddledStore
from tgbot.followup.episode import FollowUp, FollowUpState, Person
from tgbot.service.courier import DoNotSend, Limits, SendOutcome
from tgbot.service.ports import Ambiguous, Delivery, Gone, Later, Moved, Refused, SentOk
from tgbot.service.rate_limiter import Pace, recall_pause, remember_pause
from tgbot.service.store_port import Store, Transaction

T = TypeVar("T")
MS = timedelta(milliseconds=1)
SECOND = timedelta(seconds=1)


async def due_now(store: Store, **kwargs: object) -> Rounds:
    """One follow-up, and a clock that stands at the instant it is due."""
    await planned(store)
    rounds = Rounds(store, **kwargs)  # type: ignore[arg-type]
    rounds.clock.push(DUE - rounds.clock.now())
    return rounds


async def people(store: Store, count: int) -> list[Person]:
    crowd = [replace(ANNA, id=ANNA.id + n) for n in range(count)]

    def episode(person: Person) -> FollowUp:
        return follow_up_of(person, f"f{person.id}", episode=f"e{person.id}")

    await asyncio.gather(*(planned(store, person, episode(person)) for person in crowd))
    return crowd


async def test_a_follow_up_is_sent_at_its_instant_and_not_a_millisecond_before(store: Store) -> None:
    rounds = await due_now(store)
    rounds.clock.push(-MS)
    assert await rounds.courier.run_once() == {}
    rounds.clock.push(MS)
    assert await rounds.courier.run_once() == {SendOutcome.SENT: 1}

    (sent,) = await store.transact(ANNA.id, lambda tx: tx.people.follow_ups(ANNA.id, "e1"))
    assert sent == replace(follow_up_of(ANNA), state=FollowUpState.SENT, sent_at=DUE, message_id=1001)
    assert rounds.after == [sent]
    assert await rounds.courier.run_once() == {}


OUTCOMES: list[tuple[Sequence[Delivery], FollowUpState, int, int]] = [
    # what Telegram says, attempt by attempt      → final state, attempts made, ambiguous
    ([SentOk(1)], FollowUpState.SENT, 1, 0),
    ([Later(0, "ConnectError"), SentOk(1)], FollowUpState.SENT, 2, 0),
    ([Later(0, "ConnectError")] * 50 + [SentOk(1)], FollowUpState.SENT, 51, 0),
    ([Later(30, "retry after 30"), SentOk(1)], FollowUpState.SENT, 2, 0),
    ([Ambiguous("ReadTimeout"), SentOk(1)], FollowUpState.SENT, 2, 1),
    ([Ambiguous("ReadTimeout"), Ambiguous("502")], FollowUpState.UNCONFIRMED, 2, 2),
    ([Ambiguous("502"), Later(0, "PoolTimeout"), Ambiguous("502")], FollowUpState.UNCONFIRMED, 3, 2),
    ([Gone("Forbidden: bot was blocked by the user")], FollowUpState.UNREACHABLE, 1, 0),
    ([Refused("message text is empty")], FollowUpState.REFUSED, 1, 0),
    ([Moved(-100123)], FollowUpState.REFUSED, 1, 0),
    ([Ambiguous("502"), Gone("blocked")], FollowUpState.UNREACHABLE, 2, 1),
]


@pytest.mark.parametrize(("answers", "state", "attempts", "ambiguous"), OUTCOMES)
async def test_every_way_a_send_can_end_has_its_state(
    store: Store, answers: Sequence[Delivery], state: FollowUpState, attempts: int, ambiguous: int
) -> None:
    rounds = await due_now(store, messenger=FakeMessenger(answers))
    await rounds.until_nothing_is_due()

    (follow_up,) = await store.transact(ANNA.id, lambda tx: tx.people.follow_ups(ANNA.id, "e1"))
    assert (follow_up.state, follow_up.ambiguous) == (state, ambiguous)
    assert len(rounds.messenger.attempts) == attempts
    person = await store.transact(ANNA.id, lambda tx: tx.people.person(ANNA.id))
    assert person is not None
    assert person.paused is (state is FollowUpState.UNREACHABLE)


async def test_nothing_is_sent_before_telegrams_retry_after(store: Store) -> None:
    rounds = await due_now(store, messenger=FakeMessenger([Later(30, "retry after 30")]))
    await planned(store, ANNA, follow_up_of(ANNA, "f2"))
    await rounds.courier.run_once()
    rounds.clock.push(30 * SECOND - MS)
    assert not (await rounds.courier.run_once())[SendOutcome.SENT]
    rounds.clock.push(MS)

    assert (await rounds.courier.run_once())[SendOutcome.SENT] == 1


async def test_a_429_of_one_chat_holds_up_nobody_elses_check_in_and_a_second_one_does(store: Store) -> None:
    answers: list[Delivery] = [Later(30, "retry after 30"), SentOk(1), Later(20, "retry after 20")]
    rounds = await due_now(store, messenger=FakeMessenger(answers))
    await rounds.courier.run_once()
    await planned(store, BEN, follow_up_of(BEN, "f2", episode="e2"))
    assert (await rounds.courier.run_once())[SendOutcome.SENT] == 1

    await planned(store, BEN, follow_up_of(BEN, "f3", episode="e2"))
    rounds.clock.push(2 * SECOND)
    assert (await rounds.courier.run_once())[SendOutcome.LATER] == 1
    assert rounds.rate_limiter.paused_for() == 20
    assert await store.operate(lambda tx: tx.operations.flood_pause()) is not None, (
        "and it outlives a restart"
    )


async def test_a_restart_does_not_shorten_telegrams_retry_after(store: Store) -> None:
    first = await due_now(store, messenger=FakeMessenger([Later(30, "retry after 30")]))
    await first.courier.run_once()
    restarted = Rounds(store, clock=first.clock)
    await recall_pause(store, restarted.clock, restarted.rate_limiter)
    first.clock.push(30 * SECOND - MS)
    assert await restarted.courier.run_once() == {}
    first.clock.push(MS)

    assert await restarted.courier.run_once() == {SendOutcome.SENT: 1}


async def test_a_clock_set_back_does_not_lengthen_telegrams_retry_after(store: Store) -> None:
    first = await due_now(store, messenger=FakeMessenger())
    await remember_pause(store, first.clock, 30)
    first.clock.push(-HOUR)
    restarted = Rounds(store, clock=first.clock)
    await recall_pause(store, restarted.clock, restarted.rate_limiter)

    assert restarted.rate_limiter.paused_for() == 30


async def test_one_chat_gets_one_follow_up_a_second(store: Store) -> None:
    rounds = await due_now(store)
    await planned(store, ANNA, follow_up_of(ANNA, "f2"))

    assert await rounds.courier.run_once() == {SendOutcome.SENT: 1}
    assert await rounds.courier.run_once() == {SendOutcome.LATER: 1}
    rounds.clock.push(SECOND)
    assert await rounds.courier.run_once() == {}
    rounds.clock.push(50 * MS)
    assert await rounds.courier.run_once() == {SendOutcome.SENT: 1}
    assert (await store.transact(ANNA.id, lambda tx: tx.people.follow_ups(ANNA.id, "e1")))[1].ambiguous == 0


async def test_twenty_five_a_second_over_all_and_never_more_than_thirty(store: Store) -> None:
    await people(store, 100)
    rounds = Rounds(store, pace=Pace())
    rounds.clock.push(DUE - rounds.clock.now())
    sent_at: list[float] = []
    while len(sent_at) < 100:
        report = await rounds.courier.run_once()
        sent_at += [rounds.clock.monotonic()] * report[SendOutcome.SENT]
        rounds.clock.push(timedelta(seconds=rounds.rate_limiter.next_take_in()))

    fullest = max(sum(1 for at in sent_at if start <= at < start + 1) for start in sent_at)
    assert fullest <= 30
    assert sent_at[-1] - sent_at[0] == pytest.approx(100 / 25, abs=0.5)


async def test_after_a_hundred_hours_of_outage_each_of_a_thousand_is_sent_once_and_known_to_be_late(
    store: Store,
) -> None:
    crowd = await people(store, 1_000)
    rounds = Rounds(store)
    rounds.clock.push(DUE - rounds.clock.now() + 100 * HOUR)
    total = await rounds.until_nothing_is_due()

    assert total == {SendOutcome.SENT: 1_000}
    assert sorted(rounds.messenger.delivered) == [person.id for person in crowd]
    assert min(rounds.late) >= 100 * HOUR


@pytest.mark.parametrize(
    ("late", "came"), [(timedelta(days=7), SendOutcome.SENT), (timedelta(days=7) + MS, SendOutcome.EXPIRED)]
)
async def test_seven_days_late_is_sent_and_later_expires(
    store: Store, late: timedelta, came: SendOutcome
) -> None:
    rounds = await due_now(store)
    rounds.clock.push(late)

    assert await rounds.courier.run_once() == {came: 1}
    assert await states(store) == [FollowUpState(came.value)]
    assert len(rounds.messenger.attempts) == (came is SendOutcome.SENT)


async def test_an_hours_jump_of_the_clock_either_way_sends_nothing_early_or_twice(store: Store) -> None:
    rounds = await due_now(store)
    rounds.clock.push(-HOUR)
    assert await rounds.courier.run_once() == {}
    rounds.clock.push(2 * HOUR)
    assert await rounds.courier.run_once() == {SendOutcome.SENT: 1}
    rounds.clock.push(-2 * HOUR)
    assert await rounds.courier.run_once() == {}
    rounds.clock.push(2 * HOUR)

    assert await rounds.courier.run_once() == {}


async def test_what_its_composer_withdraws_is_not_sent(store: Store) -> None:
    rounds = await due_now(store, withdraw=DoNotSend())

    assert await rounds.courier.run_once() == {SendOutcome.WITHDRAWN: 1}
    assert await states(store) == [FollowUpState.CANCELLED]
    assert rounds.messenger.attempts == []


async def test_a_killed_send_is_made_once_more_and_then_reported(store: Store) -> None:
    """A task that is cancelled in the send stands for a process that is killed in it."""
    forever = asyncio.Event()
    rounds = await due_now(store)
    for _ in range(2):
        started = asyncio.Event()

        async def hang(started: asyncio.Event = started) -> None:
            started.set()
            await forever.wait()

        rounds.messenger = FakeMessenger(during=hang)
        killed = asyncio.create_task(rounds.another().run_once())
        await started.wait()
        killed.cancel()
        await asyncio.gather(killed, return_exceptions=True)
        rounds.clock.push(rounds.limits.lease)
    rounds.messenger = FakeMessenger()

    assert await rounds.another().run_once() == {SendOutcome.UNCONFIRMED: 1}
    assert rounds.messenger.attempts == []


async def test_a_kill_after_the_claim_costs_no_attempt(store: Store) -> None:
    rounds = await due_now(store)
    for _ in range(5):
        now = rounds.clock.now()
        claimed = await store.operate(lambda tx, now=now: tx.queue.claim_due("dead", now, now + SECOND, 1))  # type: ignore[misc]
        assert len(claimed) == 1
        rounds.clock.push(SECOND)

    assert await rounds.courier.run_once() == {SendOutcome.SENT: 1}


async def test_a_sender_frozen_past_its_lease_settles_nothing(store: Store) -> None:
    rounds = await due_now(store)
    other = Rounds(store, clock=rounds.clock)

    async def freeze() -> None:
        rounds.clock.push(rounds.limits.lease)
        assert await other.courier.run_once() == {SendOutcome.SENT: 1}

    rounds.messenger = FakeMessenger(during=freeze)
    assert await rounds.another().run_once() == {SendOutcome.LEASE_LOST: 1}
    (follow_up,) = await store.transact(ANNA.id, lambda tx: tx.people.follow_ups(ANNA.id, "e1"))
    assert follow_up.ambiguous == 1, "the frozen send may have arrived as well"


async def test_a_lease_with_too_little_left_is_not_used(store: Store) -> None:
    async def is_slow() -> None:
        rounds.clock.push(timedelta(seconds=next(waits, 0)))

    await planned(store)
    waits = iter((0, 41))  # before the claim, and between it and the look at what was claimed
    rounds = Rounds(MeddledStore(store, is_slow))
    rounds.clock.push(DUE - rounds.clock.now())

    assert await rounds.courier.run_once() == {SendOutcome.LATER: 1}
    assert rounds.messenger.attempts == []


def test_a_lease_that_does_not_outlive_a_send_is_refused() -> None:
    with pytest.raises(ValueError, match="does not outlive"):
        Limits(lease=timedelta(seconds=30), send=timedelta(seconds=20))


async def test_one_follow_ups_fault_does_not_stop_the_others(store: Store) -> None:
    crowd = await people(store, 3)
    rounds = Rounds(store)
    rounds.clock.push(DUE - rounds.clock.now())
    compose = rounds.compose

    async def broken_for_one(tx: Transaction, lease, person, now):  # type: ignore[no-untyped-def]
        if lease.follow_up.person_id == crowd[1].id:
            raise KeyError("a step that is not in the protocol")
        return await compose(tx, lease, person, now)

    rounds.compose = broken_for_one  # type: ignore[method-assign]
    assert await rounds.another().run_once() == {SendOutcome.SENT: 2, SendOutcome.FAILED: 1}

    rounds.compose = compose  # type: ignore[method-assign]
    assert await rounds.another().run_once() == {}
    rounds.clock.push(rounds.limits.fault)
    assert await rounds.another().run_once() == {SendOutcome.SENT: 1}


async def turns_of_the_loop(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)  # noqa: TID251 – lets others run; no time passes


@pytest.mark.parametrize("erase", [False, True], ids=["cancel", "erase"])
async def test_cancelling_or_erasing_may_race_delivery_a_thousand_times(store: Store, erase: bool) -> None:
    """Who commits first wins, and the loser changes nothing. Stops come before, in and after every step: on a
    server that waits for its disk one of the orders is rare, and two hundred times were too few."""
    dice = random.Random(7)
    crowd = await people(store, 1_000)
    stopped_before_sending = 0

    async def stop_somebody() -> None:
        """Somebody whose turn was just before, is now, or comes just after."""
        person = crowd[(len(rounds.messenger.attempts) + dice.randrange(-3, 4)) % len(crowd)]

        async def work(tx: Transaction) -> None:
            follow_up = await tx.people.follow_up(person.id, f"f{person.id}")
            if erase:
                await tx.people.forget(person.id, DUE)
            elif follow_up and follow_up.state is FollowUpState.PLANNED:
                await tx.people.save_follow_up(replace(follow_up, state=FollowUpState.CANCELLED))

        await store.transact(person.id, work)
        nonlocal stopped_before_sending
        stopped_before_sending += person.id not in rounds.messenger.attempts

    meddled = MeddledStore(store, stop_somebody)
    messenger = FakeMessenger(during=stop_somebody)
    rounds = Rounds(meddled, messenger=messenger, limits=replace(LIMITS, in_flight=3))
    rounds.clock.push(DUE - rounds.clock.now())
    total = await rounds.until_nothing_is_due()
    rounds.clock.push(rounds.limits.lease)
    assert await rounds.courier.run_once() == {}, "nothing is left over"

    for person in crowd:
        found = await states(store, person, f"e{person.id}")
        sent = rounds.messenger.delivered.count(person.id)
        assert sent <= 1
        if FollowUpState.SENT in found:
            assert sent == 1
        else:
            assert found == ([] if erase else [FollowUpState.CANCELLED])
    assert min(total[SendOutcome.SENT], total[SendOutcome.LEASE_LOST], stopped_before_sending) > 0, (
        "every order happened"
    )


async def test_whoever_is_paused_between_the_claim_and_the_send_gets_nothing_and_loses_nothing(
    store: Store,
) -> None:
    """The second transaction of a round is that of the send: the first has claimed."""
    await planned(store)
    transactions = 0

    async def pause() -> None:
        nonlocal transactions
        transactions += 1
        if transactions == 2:
            await store.transact(ANNA.id, lambda tx: tx.people.save_person(replace(ANNA, paused=True)))

    rounds = Rounds(MeddledStore(store, pause))
    rounds.clock.push(DUE - rounds.clock.now())
    await rounds.courier.run_once()
    assert transactions >= 2
    assert rounds.messenger.attempts == []
    assert await rounds.courier.run_once() == {}

    await store.transact(ANNA.id, lambda tx: tx.people.save_person(ANNA))
    rounds.clock.push(rounds.limits.lease)
    await rounds.until_nothing_is_due()

    assert rounds.messenger.delivered == [ANNA.id]
    assert await states(store) == [FollowUpState.SENT]
