"""How a person wants to be written to: zone, quiet hours, country, and whether at all."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from tgbot.followup.deciding import decide
from tgbot.followup.episode import WITHDRAWN, Consent, Person
from tgbot.followup.events import HoursChanged, Stopped
from tgbot.followup.times import QuietHours
from tgbot.service.episodes import Episodes, EpisodeView, load
from tgbot.service.ports import Clock
from tgbot.service.store_port import Store, Transaction


class Preferences:
    """Changes a person's row and moves what is planned, in one transaction. Nothing without consent."""

    def __init__(self, store: Store, clock: Clock, episodes: Episodes) -> None:
        self._store = store
        self._clock = clock
        self._episodes = episodes

    async def look(self, person_id: int) -> EpisodeView:
        """How the person is written to, and about which episode."""
        return await self._store.transact(person_id, lambda tx: self._episodes.agreed(tx, person_id))

    async def keeps(self, person_id: int) -> bool:
        """Whether anything is stored of this person, with consent or without."""
        return await self._store.transact(person_id, lambda tx: tx.people.person(person_id)) is not None

    async def zone(self, update_id: int, person_id: int, zone: str) -> EpisodeView:
        return await self._change(update_id, person_id, lambda person: replace(person, zone=zone))

    async def quiet(self, update_id: int, person_id: int, quiet: QuietHours | None) -> EpisodeView:
        return await self._change(update_id, person_id, lambda person: replace(person, quiet=quiet))

    async def country(self, update_id: int, person_id: int, iso: str) -> EpisodeView:
        return await self._change(update_id, person_id, lambda person: replace(person, country=iso))

    async def withdraw(self, person_id: int) -> bool:
        """Consent taken back: every planned contact is cancelled. False when there was none to take back."""
        now = self._clock.now()

        async def work(tx: Transaction) -> bool:
            person = await tx.people.person(person_id)
            if person is None or not person.consent.stands:
                return False
            for episode in await tx.people.episodes(person_id):
                course = await load(tx, person, episode)
                decision = decide(self._episodes.protocol, course, Stopped(), now)
                await self._episodes.store(tx, course, decision, now)
            await tx.people.save_person(replace(person, consent=Consent(WITHDRAWN, now)))
            return True

        return await self._store.transact(person_id, work)

    async def _change(
        self, update_id: int, person_id: int, change: Callable[[Person], Person]
    ) -> EpisodeView:
        now = self._clock.now()

        async def work(tx: Transaction) -> EpisodeView:
            seen = await self._episodes.agreed(tx, person_id)
            if seen.person is None or not await tx.operations.first_time(update_id, now):
                return seen
            person = change(seen.person)
            await tx.people.save_person(person)
            await self._move(tx, person, now)
            return await self._episodes.agreed(tx, person_id)

        return await self._store.transact(person_id, work)

    async def _move(self, tx: Transaction, person: Person, now: datetime) -> None:
        for episode in await tx.people.episodes(person.id):
            course = await load(tx, person, episode)
            decision = decide(self._episodes.protocol, course, HoursChanged(), now)
            await self._episodes.store(tx, course, decision, now)
