"""Their data is theirs: erasing it is one transaction."""

from datetime import datetime

from tgbot.service.ports import Erased, Store


class Privacy:
    """What a person may do with what is stored about them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def forget(self, person_id: int, at: datetime) -> Erased:
        """Erase everything about this person and say how much it was. Doing it twice changes nothing more."""
        return await self._store.transact(person_id, lambda tx: tx.people.forget(person_id, at))
