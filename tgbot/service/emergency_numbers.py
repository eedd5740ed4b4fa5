"""Whose emergency number is shown to whom: a person's own choice, kept with consent, else for a while."""

import asyncio

import structlog

from tgbot.content import ContentPack, Country
from tgbot.service.hints import Recent
from tgbot.service.preferences import Preferences
from tgbot.service.store_port import Store, StoreError, Transaction

log = structlog.get_logger(__name__)

LONGEST = 0.5  # seconds that a card waits for the store


class EmergencyNumbers:
    """A warning sign never waits for the store: when it fails, what this process remembers is shown."""

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
