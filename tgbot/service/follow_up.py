"""What becomes of follow-ups without the person: the courier asks whether one may still be sent, with which
words, and what comes after; the operator decides about those that a restored backup holds back; and after a
start or a reload with another plan, open episodes are taken over to it.

The courier's questions run inside its transaction. What happened between planning and sending – a tap,
/cancel, a new zone, an outage – is found here, at the last moment.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

import structlog

from tgbot.errors import BackcheckError
from tgbot.followup.deciding import decide
from tgbot.followup.episode import EpisodeState, FollowUp, FollowUpState, Person
from tgbot.followup.events import CheckInDelivered, Doubted, Undeliverable
from tgbot.followup.planning import NOT_SENT, is_extra
from tgbot.followup.protocol import Protocol
from tgbot.followup.times import after_quiet_hours
from tgbot.screens.check_screens import CheckScreens
from tgbot.screens.screen import Screen
from tgbot.service.courier import DoNotSend
from tgbot.service.episodes import Episodes, load
from tgbot.service.ports import Clock
from tgbot.service.service_messages import compose_copy
from tgbot.service.store_port import Lease, Store, StoreError, Transaction

log = structlog.get_logger(__name__)

PEOPLE_AT_ONCE = 50  # people, between two pauses
PAUSE = 0.05  # seconds, so that whoever writes meanwhile does not wait
AGAIN = 60.0  # seconds after the store failed


@dataclass(frozen=True, slots=True)
class FollowUps:
    """Composes check-ins and plans what follows their delivery."""

    episodes: Episodes
    screens: CheckScreens

    async def compose(
        self, tx: Transaction, lease: Lease, person: Person, now: datetime
    ) -> Screen | DoNotSend:
        """The message for a follow-up leased from this person, or why it is not sent."""
        one = lease.follow_up
        if one.service is not None:
            return await compose_copy(tx, one, person, now, (self.screens.last_row(),))
        episode = await tx.people.episode(one.person_id, one.episode_id)
        protocol = self.episodes.protocol
        if episode is None or not person.consent.stands:
            return DoNotSend(FollowUpState.CANCELLED)
        course = await load(tx, person, episode)
        if episode.state is EpisodeState.CLOSED and one.step != protocol.safe:
            return DoNotSend(FollowUpState.CANCELLED)
        if now - one.send_at > protocol.rules.expires_after:
            return DoNotSend(FollowUpState.EXPIRED)
        due = [other for other in course.planned if other.send_at <= now and not other.reminder]
        if any(_asks_instead(protocol, other, one) for other in due):
            return DoNotSend()  # after an outage one message asks, the newest
        awake = after_quiet_hours(now, person.zone, person.quiet)
        if awake > now:  # saved anew, it is out of the courier's hands until then
            await tx.people.save_follow_up(replace(one, send_at=awake))
            return DoNotSend()
        return self.screens.notice(course, one, now)

    async def after(self, tx: Transaction, one: FollowUp, now: datetime) -> None:
        await plan_on(self.episodes, tx, one, now)


def _asks_instead(protocol: Protocol, other: FollowUp, one: FollowUp) -> bool:
    """Of two that are due, whether the other is sent: the newer, but the plan's before an extra one."""
    if is_extra(protocol, other) != is_extra(protocol, one):
        return is_extra(protocol, one)
    return other.due_at > one.due_at


async def plan_on(episodes: Episodes, tx: Transaction, one: FollowUp, now: datetime) -> None:
    """What follows a delivery: the one reminder. A loss: the next step of the plan. A doubt: both. Nothing
    follows a copy of a service message."""
    if one.service is not None:
        return
    person, episode = (
        await tx.people.person(one.person_id),
        await tx.people.episode(one.person_id, one.episode_id),
    )
    if person is None or episode is None:
        return
    event = _EVENTS.get(one.state)
    if event is not None:
        course = await load(tx, person, episode)
        decision = decide(episodes.protocol, course, event(one.id), now)
        if one.state in NOT_SENT:
            episodes.missed.add(one.person_id)
        await episodes.store(tx, course, decision, now)


_EVENTS: dict[FollowUpState, type[CheckInDelivered | Doubted | Undeliverable]] = {
    FollowUpState.SENT: CheckInDelivered,
    FollowUpState.UNCONFIRMED: Doubted,
    FollowUpState.EXPIRED: Undeliverable,
    FollowUpState.UNREACHABLE: Undeliverable,
    FollowUpState.REFUSED: Undeliverable,
}


class UndecidedError(BackcheckError):
    """Something is held, and the operator has not said what is to become of it."""

    def __init__(self, due: int, to_come: int) -> None:
        super().__init__(
            f"Held follow-ups: {due + to_come}. Of these fell due since: {due}. Still to come: {to_come}. "
            "None is sent before you decide.",
            "`backcheck release --send` sends those that fell due, at most seven days late and saying so. "
            "Some people may get one twice.",
            "`backcheck release --cancel` gives those up; each plan goes on with its next step.",
            "Those still to come are sent at their time either way.",
        )


@dataclass(frozen=True, slots=True)
class Released:
    """How many will be sent, at once or at their time; and how many were given up."""

    to_send: int
    given_up: int


async def release(store: Store, episodes: Episodes, now: datetime, *, send: bool) -> Released:
    """Let go what is held, one person after the other: interrupted, it goes on with the rest.

    Unless `send`, what is due by now counts as lost: the plan goes on with its next step. What is not due
    yet is sent at its time either way: nobody can have had it.
    """

    total = Released(0, 0)
    for person_id in await store.operate(lambda tx: tx.queue.holding()):
        done = await store.transact(person_id, partial(_let_go, person_id, episodes, now, send))
        total = Released(total.to_send + done.to_send, total.given_up + done.given_up)
    return total


async def _let_go(person_id: int, episodes: Episodes, now: datetime, send: bool, tx: Transaction) -> Released:
    released = await tx.queue.release(person_id)
    let_go = [each for each in released if each.state is FollowUpState.PLANNED]
    if send:
        return Released(len(let_go), 0)
    lost = [replace(each, state=FollowUpState.EXPIRED) for each in let_go if each.send_at <= now]
    for each in lost:
        await tx.people.save_follow_up(each)
    for each in lost:  # when all are lost, so that none counts as still to come
        await plan_on(episodes, tx, each, now)
    return Released(len(let_go) - len(lost), len(lost))


@dataclass(slots=True)
class PlanChanges:
    """Takes people over to another plan, one after the other. `episodes` are those of the plan in use now;
    `wanted` is set when that may be another one."""

    store: Store
    clock: Clock
    episodes: Callable[[], Episodes]
    wanted: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Once, and again whenever it is wanted, until cancelled."""
        self.wanted.set()
        while True:
            await self.wanted.wait()
            self.wanted.clear()
            try:
                await self.take_over()
            except StoreError as error:
                log.warning("plan_not_taken_over", error=str(error))
                self.wanted.set()
                await self.clock.sleep(AGAIN)

    async def take_over(self) -> None:
        """Raises StoreError; what was done before stays done."""
        episodes, taken, moved = self.episodes(), 0, 0
        while people := await self.store.operate(
            lambda tx: tx.operations.on_other_plans(episodes.plan, PEOPLE_AT_ONCE)
        ):
            for person_id in people:
                moved += await episodes.take_over(person_id)
            taken += len(people)
            await self.clock.sleep(PAUSE)
        if taken:
            log.info("plan_taken_over", plan=episodes.plan, episodes=taken, with_other_steps=moved)
