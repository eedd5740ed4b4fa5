"""Their data is theirs: reading all of it, and erasing it, is one transaction each."""

from datetime import datetime

from tgbot.service.personal_data import PersonalData, collect
from tgbot.service.store_port import Erased, Store


class Privacy:
    """What a person may do with what is stored about them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def collect(self, person_id: int) -> PersonalData | None:
        """Everything that is stored about this person; None when that is nothing."""
        return await self._store.transact(person_id, lambda tx: collect(tx, person_id))

    async def forget(self, person_id: int, at: datetime) -> Erased:
        """Erase everything about this person and say how much it was. Doing it twice changes nothing more."""
        return await self._store.transact(person_id, lambda tx: tx.people.forget(person_id, at))
