"""What people choose: how they want to be written to (zone, quiet hours, whether at all), and the country
whose emergency number they are shown."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import structlog

from tgbot.content import ContentPack, Country
from tgbot.followup.deciding import decide
from tgbot.followup.episode import WITHDRAWN, Consent, Person
from tgbot.followup.events import HoursChanged, Stopped
from tgbot.followup.times import QuietHours
from tgbot.service.episodes import Episodes, EpisodeView, load
from tgbot.service.hints import Recent
from tgbot.service.ports import Clock
from tgbot.service.store_port import Store, StoreError, Transaction

log = structlog.get_logger(__name__)

LONGEST = 0.5  # seconds that a card waits for the store


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


class EmergencyNumbers:
    """Whose number is shown to whom: a person's own choice, kept with consent, else for a while. A warning
    sign never waits for the store: when it fails, what this process remembers is shown."""

    def __init__(self, pack: ContentPack, store: Store, preferences: Preferences, recent: Recent) -> None:
        self._pack = pack
        self._store = store
        self._preferences = preferences
        self._recent = recent

    async def country_of(self, person_id: int) -> Country | None:
        """The country that this person picked; None for nobody's, where the operator's may stand in."""

        async def read(tx: Transaction) -> str | None:
            person = await tx.people.person(person_id)
            return person.country if person else None

        try:
            async with asyncio.timeout(LONGEST):
                iso = await self._store.transact(person_id, read)
        except (StoreError, TimeoutError) as error:
            log.error("country_not_read", error=str(error) or "the store takes too long")
            iso = None
        return self._pack.countries.get(iso or self._recent.of(person_id).country)

    async def pick(self, update_id: int, person_id: int, iso: str, *, keep: bool) -> Country | None:
        """Show this country's number from now on; with `keep` it is stored, if the person agreed to that.
        None for a country that is not in the pack."""
        country = self._pack.countries.get(iso)
        if country is None:
            return None
        self._recent.picked(person_id, country=iso)
        if keep:
            try:
                await self._preferences.country(update_id, person_id, iso)
            except StoreError as error:
                log.error("country_not_kept", error=str(error))
        return country
