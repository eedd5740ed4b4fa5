"""Two processes decide about one person at the same moment: one after the other, each on what is so."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from tests.conformance.people import ANNA, BEN, DUE, HOUR, NOW, entry_of, follow_up_of, planned
from tests.fakes.languages import english
from tgbot.clock import ManualClock
from tgbot.followup.episode import Consent, Course, FollowUpState, Person
from tgbot.followup.events import (
    Answered,
    CheckInAnswer,
    ExtraCheckInDropped,
    ExtraCheckInWanted,
    FollowUpEvent,
    OnsetChanged,
    Started,
    Stopped,
)
from tgbot.service.episodes import Episodes
from tgbot.service.store_port import Lease, SharedTransaction, Store, Transaction

PROTOCOL = english().protocol
AGREED = replace(ANNA, consent=Consent(PROTOCOL.consent, NOW))
Two = tuple[Store, Store]


def processes(two_stores: Two) -> tuple[ManualClock, Episodes, Episodes]:
    """Two bots with one clock. Each has its own dice."""
    clock, other = ManualClock(), ManualClock()
    for _ in range(500):
        other.new_id()
    clock.push(DUE - NOW)
    other.push(DUE - NOW)
    return clock, Episodes(two_stores[0], clock, PROTOCOL), Episodes(two_stores[1], other, PROTOCOL)


async def asked(store: Store, person: Person = AGREED) -> None:
    """A check-in that waits for its answer."""
    sent = replace(follow_up_of(person), step=PROTOCOL.main, state=FollowUpState.SENT, sent_at=DUE)
    await planned(store, person, sent)


async def course_of(episodes: Episodes, person_id: int = ANNA.id) -> Course:
    course = (await episodes.look(person_id)).course
    assert course is not None
    return course


async def test_a_double_tap_served_by_two_processes_leaves_one_planned_contact(two_stores: Two) -> None:
    await asked(two_stores[0])
    _, first, second = processes(two_stores)
    tap = Answered("f1", CheckInAnswer(sign="fever"))

    await asyncio.gather(*(each.act(n, ANNA.id, tap) for n, each in enumerate((first, second), 1)))

    course = await course_of(first)
    assert [each.step for each in course.follow_ups if each.state is FollowUpState.PLANNED] == [PROTOCOL.net]
    assert [entry.kind for entry in course.entries].count("safety") == 1


async def test_one_update_that_reaches_two_processes_happens_once(two_stores: Two) -> None:
    await asked(two_stores[0])
    _, first, second = processes(two_stores)

    await asyncio.gather(*(each.note(7, ANNA.id, "pain", "6") for each in (first, second)))

    assert [entry.value for entry in (await course_of(first)).entries] == ["6"]


async def test_a_check_in_that_is_wished_for_while_another_process_plans_stands_beside_the_plan_s(
    two_stores: Two,
) -> None:
    await asked(two_stores[0])
    clock, first, second = processes(two_stores)
    wish, tap = ExtraCheckInWanted(clock.now() + 5 * HOUR), Answered("f1", CheckInAnswer(sign="fever"))

    await asyncio.gather(first.act(1, ANNA.id, wish), second.act(2, ANNA.id, tap))
    await first.act(1, ANNA.id, wish)  # the same update again

    planned_now = [each.step for each in (await course_of(second)).planned]
    assert sorted(planned_now) == sorted([PROTOCOL.asked, PROTOCOL.net])
    (extra,) = [each for each in (await course_of(second)).planned if each.step == PROTOCOL.asked]
    await second.act(3, ANNA.id, ExtraCheckInDropped(extra.id))
    assert [each.step for each in (await course_of(first)).planned] == [PROTOCOL.net]


async def test_two_beginnings_make_one_episode(two_stores: Two) -> None:
    _, first, second = processes(two_stores)
    both = enumerate((first, second), 1)

    await asyncio.gather(*(each.begin(n, ANNA.id, NOW, Started(None, 6)) for n, each in both))

    assert len(await first.look_all(ANNA.id)) == 1


async def test_every_decision_raises_the_version(two_stores: Two) -> None:
    await asked(two_stores[0])
    _, first, second = processes(two_stores)
    events: list[FollowUpEvent] = [
        OnsetChanged(NOW - HOUR),
        Answered("f1", CheckInAnswer(sign="fever")),
        Stopped(),
    ]
    versions = [(await course_of(first)).episode.version]
    for number, event in enumerate(events, 1):
        await (first, second)[number % 2].act(number, ANNA.id, event)
        versions.append((await course_of(first)).episode.version)
    await first.note(9, ANNA.id, "pain", "6")
    versions.append((await course_of(first)).episode.version)

    assert versions == sorted(set(versions))


async def test_what_one_reads_stays_true_until_it_has_written(two_stores: Two) -> None:
    """Read and write back, twice at once: without the person's lock one of them would be lost."""
    _, first, _ = processes(two_stores)
    await asyncio.gather(*(two_stores[0].transact(who.id, _saved(who, "0")) for who in (ANNA, BEN)))

    async def add(person_id: int, tx: Transaction) -> None:
        person = await tx.people.person(person_id)
        assert person is not None
        await tx.operations.flood_pause()
        await tx.people.save_person(replace(person, country=str(int(person.country or 0) + 1)))

    works = [(two_stores[n % 2], (ANNA, BEN)[n // 2 % 2].id) for n in range(80)]
    await asyncio.gather(*(store.transact(who, partial(add, who)) for store, who in works))

    found = [(await first.look(who.id)).person for who in (ANNA, BEN)]
    assert [person and person.country for person in found] == ["40", "40"]


def _saved(person: Person, country: str) -> Callable[[Transaction], Awaitable[None]]:
    return lambda tx: tx.people.save_person(replace(person, consent=AGREED.consent, country=country))


async def test_two_couriers_share_what_is_due_and_none_has_what_the_other_holds(two_stores: Two) -> None:
    people = [replace(ANNA, id=ANNA.id + n) for n in range(40)]
    for n, person in enumerate(people):
        await planned(two_stores[0], person, follow_up_of(person, f"f{n}", episode=f"e{n}"))
    until = DUE + timedelta(seconds=60)

    async def claim(owner: str, tx: SharedTransaction) -> Sequence[Lease]:
        return await tx.queue.claim_due(owner, DUE, until, 5)

    claims = await asyncio.gather(
        *(two_stores[n % 2].operate(partial(claim, f"courier {n % 2}")) for n in range(8))
    )

    claimed = [lease.follow_up.id for leases in claims for lease in leases]
    assert len(claimed) == len(set(claimed)) <= 40
    rest = await two_stores[0].operate(lambda tx: tx.queue.claim_due("c2", DUE, until, 100))
    assert sorted([*claimed, *(lease.follow_up.id for lease in rest)]) == sorted(f"f{n}" for n in range(40))


async def test_an_erasure_and_a_note_at_once_leave_nothing_or_a_declined_note(two_stores: Two) -> None:
    await asked(two_stores[0])
    _, first, second = processes(two_stores)

    await asyncio.gather(
        first.note(1, ANNA.id, "pain", "6"),
        two_stores[1].transact(ANNA.id, lambda tx: tx.people.forget(ANNA.id, DUE)),
        second.note(2, ANNA.id, "pain", "7"),
    )

    left = await two_stores[0].transact(
        ANNA.id, lambda tx: tx.people.entries(ANNA.id, entry_of(ANNA).episode_id)
    )
    assert list(left) == []
