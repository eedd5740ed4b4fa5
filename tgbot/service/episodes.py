"""Episodes as use cases: load a course, decide, store what was decided – one transaction each.

An update that comes twice finds its work done: its id is recorded with the change it made.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar, assert_never

from tgbot.followup.deciding import decide
from tgbot.followup.episode import (
    Consent,
    Course,
    Entry,
    EntryKind,
    Episode,
    EpisodeState,
    FollowUp,
    FollowUpState,
    Person,
)
from tgbot.followup.events import (
    Amend,
    AskNow,
    Decision,
    Declined,
    Effect,
    FollowUpEvent,
    MissedAsked,
    Plan,
    PlanChanged,
    Record,
    Remove,
    Started,
    Superseded,
)
from tgbot.followup.planning import missed
from tgbot.followup.protocol import Protocol, plan_mark
from tgbot.service.hints import MissedCheckIns, Recent
from tgbot.service.ports import Clock
from tgbot.service.store_port import Store, Transaction

T = TypeVar("T")
A_TAP = timedelta(seconds=10)  # the same thing noted again so soon is a double tap


@dataclass(frozen=True, slots=True)
class EpisodeView:
    """How things stand for a person. Without consent there is nobody; without an episode no course.

    If consent is to an older text, `course` is set and `person` is None: what was agreed to goes on, and who
    begins something new is asked anew.

    `advice` names the words for an answer; `declined` says why nothing changed; `asked` is the check-in
    that happens at once, in place of the one that was `missed`.
    """

    person: Person | None = None
    course: Course | None = None
    advice: str | None = None
    declined: Declined | None = None
    asked: str | None = None
    missed: FollowUp | None = None


class Episodes:
    """What people do with their episodes. Every read carries the person's id."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        protocol: Protocol,
        recent: Recent | None = None,
        missed: MissedCheckIns | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self.protocol = protocol
        self.plan = plan_mark(protocol)
        self.missed = missed or MissedCheckIns()
        self._recent = recent or Recent(clock)  # hears whether somebody's episode is open

    async def look(self, person_id: int, episode_id: str = "") -> EpisodeView:
        """The named episode, or the open one, or the newest."""
        return await self._store.transact(person_id, lambda tx: self.seen(tx, person_id, episode_id))

    async def seen(self, tx: Transaction, person_id: int, episode_id: str = "") -> EpisodeView:
        """How things stand, read in this transaction; the person only by consent to the words of today."""
        seen = await self.agreed(tx, person_id, episode_id)
        if seen.person is None or seen.person.consent.version == self.protocol.consent:
            return seen
        return replace(seen, person=None)

    async def agreed(self, tx: Transaction, person_id: int, episode_id: str = "") -> EpisodeView:
        """How things stand for somebody whose consent stands, to whichever text."""
        person = await self._agreed(tx, person_id)
        if person is None:
            return EpisodeView()
        episode = await self._episode(tx, person_id, episode_id)
        if not episode_id:
            has_open = episode is not None and episode.state is EpisodeState.OPEN
            self._recent.looked(person_id, has_open=has_open)
        return EpisodeView(person, await load(tx, person, episode) if episode else None)

    async def came_back(self, person_id: int) -> None:
        """The person let the bot in again: what is due may be sent."""
        await self._store.transact(person_id, lambda tx: self._agreed(tx, person_id))

    async def look_all(self, person_id: int) -> tuple[EpisodeView, ...]:
        """Every episode, newest first; also of somebody who withdrew consent: it is theirs."""

        async def work(tx: Transaction) -> tuple[EpisodeView, ...]:
            person = await self._agreed(tx, person_id) or await tx.people.person(person_id)
            if person is None:
                return ()
            found = await tx.people.episodes(person_id)
            return tuple([EpisodeView(person, await load(tx, person, episode)) for episode in found])

        return await self._store.transact(person_id, work)

    async def look_at(self, person_id: int, follow_up_id: str) -> EpisodeView:
        """The episode that a check-in belongs to."""

        async def work(tx: Transaction) -> EpisodeView:
            person, one = (
                await tx.people.person(person_id),
                await tx.people.follow_up(person_id, follow_up_id),
            )
            episode = await tx.people.episode(person_id, one.episode_id) if one else None
            if person is None or episode is None:
                return EpisodeView(person, declined=Declined.UNKNOWN)
            return EpisodeView(person, await load(tx, person, episode))

        return await self._store.transact(person_id, work)

    async def begin(
        self,
        update_id: int,
        person_id: int,
        onset: datetime,
        said: Started,
        *,
        supersedes: str = "",
        zone: str = "",
        country: str = "",
    ) -> EpisodeView:
        """Consent and a new episode. An open one goes on instead, unless it is the one to be superseded.

        `zone` and `country` were told before there was consent to keep them.
        A second tap on the same button finds the new episode open, and changes nothing.
        """
        now = self._clock.now()

        async def work(tx: Transaction) -> EpisodeView:
            if not await tx.operations.first_time(update_id, now):
                seen = await self.seen(tx, person_id)
                return replace(seen, asked=_asked_by(seen.course))
            person = await self._consented(tx, person_id, zone, country, now)
            opened = await tx.people.open_episode(person_id)
            if opened is not None and opened.id != supersedes:
                course = await load(tx, person, opened)
                return EpisodeView(person, course, asked=_asked_by(course) if opened.onset == onset else None)
            episode = Episode(self._clock.new_id(), person_id, onset, now, plan=self.plan)
            course = Course(episode, zone=person.zone, quiet=person.quiet)
            decision = decide(self.protocol, course, said, now)
            if decision.declined:
                return EpisodeView(person, declined=decision.declined)
            if opened is not None:
                old = await load(tx, person, opened)
                await self.store(tx, old, decide(self.protocol, old, Superseded(), now), now)
            return await self._stored(tx, person, course, decision, now)

        return await self._store.transact(person_id, work)

    async def act(
        self, update_id: int, person_id: int, event: FollowUpEvent, episode_id: str = ""
    ) -> EpisodeView:
        """Something happened to the named episode, or to the open or newest one."""

        async def find(tx: Transaction) -> Episode | None:
            return await self._episode(tx, person_id, episode_id)

        return await self._acted(update_id, person_id, event, find)

    async def act_on(
        self, update_id: int, person_id: int, event: FollowUpEvent, follow_up_id: str
    ) -> EpisodeView:
        """Something happened to a check-in."""

        async def find(tx: Transaction) -> Episode | None:
            one = await tx.people.follow_up(person_id, follow_up_id)
            return await tx.people.episode(person_id, one.episode_id) if one else None

        return await self._acted(update_id, person_id, event, find)

    async def _acted(
        self,
        update_id: int,
        person_id: int,
        event: FollowUpEvent,
        find: Callable[[Transaction], Awaitable[Episode | None]],
    ) -> EpisodeView:
        now = self._clock.now()

        async def work(tx: Transaction) -> EpisodeView:
            person = await self._agreed(tx, person_id)
            episode = await find(tx)
            if person is None or episode is None:
                return EpisodeView(person, declined=Declined.UNKNOWN)
            course = await load(tx, person, episode)
            if not await tx.operations.first_time(update_id, now):
                return EpisodeView(person, course, asked=_asked_by(course))
            decision = decide(self.protocol, course, event, now)
            if await self._second_open(tx, decision.episode):
                return EpisodeView(person, course, declined=Declined.NEWER_OPEN)
            return await self._stored(tx, person, course, decision, now)

        return await self._store.transact(person_id, work)

    async def take_over(self, person_id: int) -> bool:
        """The person's open episode goes on under this plan; whether a planned step is another one now."""
        now = self._clock.now()

        async def work(tx: Transaction) -> bool:
            person, episode = await tx.people.person(person_id), await tx.people.open_episode(person_id)
            if person is None or episode is None or episode.plan == self.plan:
                return False
            course = await load(tx, person, episode)
            decision = decide(self.protocol, course, PlanChanged(), now)
            taken = replace(decision, episode=replace(decision.episode, plan=self.plan))
            await self.store(tx, course, taken, now)
            return bool(decision.effects)

        return await self._store.transact(person_id, work)

    async def ask_missed(self, person_id: int) -> EpisodeView:
        """What could not be asked in time is asked now; once, however often this is called."""
        now = self._clock.now()

        async def work(tx: Transaction) -> EpisodeView:
            person = await self._agreed(tx, person_id)
            episode = await self._episode(tx, person_id, "")
            if person is None or episode is None:
                return EpisodeView(person)
            course = await load(tx, person, episode)
            lost = missed(self.protocol, course, now)
            decision = decide(self.protocol, course, MissedAsked(), now)
            if lost is None or await self._second_open(tx, decision.episode):
                return EpisodeView(person, course)
            return replace(await self._stored(tx, person, course, decision, now), missed=lost)

        seen = await self._store.transact(person_id, work)
        self.missed.asked(person_id)
        return seen

    async def note(self, update_id: int, person_id: int, kind: str, value: str) -> EpisodeView:
        """A line of the diary, in the open or newest episode."""
        now = self._clock.now()

        async def work(tx: Transaction) -> EpisodeView:
            person = await self._agreed(tx, person_id)
            episode = await self._episode(tx, person_id, "")
            if person is None or episode is None:
                return EpisodeView(person, declined=Declined.UNKNOWN)
            said = await tx.people.entries(person_id, episode.id)
            if await tx.operations.first_time(update_id, now) and not _double_tap(said, kind, value, now):
                episode = await tx.people.save_episode(episode)
                await tx.people.add_entry(
                    Entry(self._clock.new_id(), episode.id, person_id, now, kind, value)
                )
            return EpisodeView(person, await load(tx, person, episode))

        return await self._store.transact(person_id, work)

    async def _stored(
        self, tx: Transaction, person: Person, course: Course, decision: Decision, now: datetime
    ) -> EpisodeView:
        asked = await self.store(tx, course, decision, now)
        after = await tx.people.episode(person.id, course.episode.id)
        fresh = await load(tx, person, after) if after else course
        self._recent.looked(person.id, has_open=fresh.episode.state is EpisodeState.OPEN)
        return EpisodeView(person, fresh, decision.advice, decision.declined, asked)

    async def store(self, tx: Transaction, course: Course, decision: Decision, now: datetime) -> str | None:
        """Write a decision down; returns the id of a check-in that is asked at once.

        The episode's version rises with every decision that changes anything: one made on what is no longer
        so is refused.
        """
        if decision.effects or decision.episode != course.episode or course.episode.version == 0:
            await tx.people.save_episode(decision.episode)
        asked = None
        for effect in decision.effects:
            asked = await self._apply(tx, decision.episode, effect, now) or asked
        return asked

    async def _apply(self, tx: Transaction, episode: Episode, effect: Effect, now: datetime) -> str | None:
        new = self._clock.new_id
        match effect:
            case Plan(step, due_at, send_at, reminder):
                await tx.people.save_follow_up(
                    FollowUp(new(), episode.id, episode.person_id, step, due_at, send_at, reminder)
                )
            case AskNow(step, due_at):
                asked = FollowUp(new(), episode.id, episode.person_id, step, due_at, send_at=now)
                await tx.people.save_follow_up(replace(asked, state=FollowUpState.SENT, sent_at=now))
                return asked.id
            case Amend(follow_up):
                await tx.people.save_follow_up(follow_up)
            case Record(kind, value, step):
                await tx.people.add_entry(Entry(new(), episode.id, episode.person_id, now, kind, value, step))
            case Remove(entry):
                await tx.people.remove_entry(episode.person_id, entry)
            case _:
                assert_never(effect)
        return None

    async def _agreed(self, tx: Transaction, person_id: int) -> Person | None:
        """The person, if their consent stands. Whoever had blocked the bot is back: they act."""
        person = await tx.people.person(person_id)
        if person is None or not person.consent.stands:
            return None
        if person.paused:
            person = replace(person, paused=False)
            await tx.people.save_person(person)
        return person

    async def _consented(
        self, tx: Transaction, person_id: int, zone: str, country: str, now: datetime
    ) -> Person:
        """The person, with consent to the words of today; one who agreed before keeps that time.

        A `zone` is kept where none was known; a `country` is the newest, if one was told.
        """
        known = await tx.people.person(person_id)
        consent = Consent(self.protocol.consent, now)
        if known is not None and known.consent.version == consent.version and not known.paused:
            consent = known.consent
        person = known or Person(person_id, consent)
        person = replace(
            person,
            consent=consent,
            paused=False,
            zone=person.zone or zone or None,
            country=country or person.country,
        )
        if person != known:
            await tx.people.save_person(person)
        return person

    async def _episode(self, tx: Transaction, person_id: int, episode_id: str) -> Episode | None:
        if episode_id:
            return await tx.people.episode(person_id, episode_id)
        opened = await tx.people.open_episode(person_id)
        return opened or next(iter(await tx.people.episodes(person_id)), None)

    async def _second_open(self, tx: Transaction, episode: Episode) -> bool:
        opened = await tx.people.open_episode(episode.person_id)
        return episode.state is EpisodeState.OPEN and opened is not None and opened.id != episode.id


async def load(tx: Transaction, person: Person, episode: Episode) -> Course:
    """An episode with all that is stored of it. Copies of service messages are no part of its course."""
    return Course(
        episode,
        tuple(one for one in await tx.people.follow_ups(person.id, episode.id) if one.service is None),
        tuple(await tx.people.entries(person.id, episode.id)),
        person.zone,
        person.quiet,
    )


def _double_tap(said: Sequence[Entry], kind: str, value: str, now: datetime) -> bool:
    """Whether the newest of its kind says the same and is this fresh: 5, 8, 5 are three scores, as the third
    corrects the second. What helped and notes are no single value that is replaced: any may be the same."""
    alike = [entry for entry in said if entry.kind == kind]
    compared = alike[-1:] if kind == EntryKind.PAIN else alike
    return any(entry.value == value and now - entry.at < A_TAP for entry in compared)


def _asked_by(course: Course | None) -> str | None:
    """The check-in that waits for an answer."""
    return course.waiting.id if course and course.waiting else None
