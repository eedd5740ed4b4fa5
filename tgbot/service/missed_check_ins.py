"""Whose check-in could not be sent in time: they are asked at their next visit.

Kept in memory, so that a visit costs no reading; whether there is something to ask is decided on what is
stored.
"""

from tgbot.followup.missed import LATEST
from tgbot.service.ports import Clock
from tgbot.service.store_port import Store

EVERY = 600.0  # seconds: on a shared database another process may have let one expire


class MissedCheckIns:
    def __init__(self) -> None:
        self._people: set[int] = set()
        self._recalled_at: float | None = None

    def add(self, person_id: int) -> None:
        self._people.add(person_id)

    def __contains__(self, person_id: int) -> bool:
        return person_id in self._people

    def asked(self, person_id: int) -> None:
        """Nothing more is to be asked of them."""
        self._people.discard(person_id)

    async def recall(self, store: Store, clock: Clock) -> None:
        """Read whose they are, now and then. Raises StoreError."""
        steady = clock.monotonic()
        if self._recalled_at is not None and steady - self._recalled_at < EVERY:
            return
        since = clock.now() - LATEST
        self._people |= set(await store.operate(lambda tx: tx.queue.missed(since)))
        self._recalled_at = steady
