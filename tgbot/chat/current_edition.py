"""The words that are in use, and how others take their place while people write.

An edition is everything that is made of one pack: a voice, and who answers with it. What has begun ends with
the words it began with: an update that was read with the old ones is answered by them, so no answer mixes two
packs.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from tgbot.chat.dispatcher import Dispatcher
from tgbot.chat.routes import Routes
from tgbot.chat.updates import Json, Update, UpdateReader
from tgbot.followup.episode import FollowUp, Person
from tgbot.screens.screen import Screen
from tgbot.screens.voice import Voice
from tgbot.service.courier_settings import DoNotSend
from tgbot.service.follow_up import FollowUps
from tgbot.service.ports import Lease, Transaction


@dataclass(frozen=True, slots=True)
class Edition:
    voice: Voice
    routes: Routes
    reader: UpdateReader
    dispatcher: Dispatcher
    follow_ups: FollowUps


class CurrentEdition:
    """Stands where an edition is used; `replace` puts another behind it."""

    def __init__(self, edition: Edition) -> None:
        self.now = edition
        self._earlier: dict[int, Edition] = {}  # by the number of an update that began with it

    def replace(self, edition: Edition, in_process: Collection[int]) -> None:
        """From the next update on. Those `in_process` keep the edition that they began with."""
        self._earlier = {number: self._earlier.get(number, self.now) for number in in_process}
        self.now = edition

    def read(self, raw: Json) -> Update:
        return self.now.reader.read(raw)

    async def handle(self, update: Update) -> None:
        await self._of(update).dispatcher.handle(update)

    async def too_fast(self, update: Update) -> None:
        await self._of(update).dispatcher.too_fast(update)

    async def could_not(self, update: Update) -> None:
        await self._of(update).dispatcher.could_not(update)

    async def interrupted(self, chat_id: int) -> None:
        await self.now.dispatcher.interrupted(chat_id)

    async def compose(
        self, tx: Transaction, lease: Lease, person: Person, now: datetime
    ) -> Screen | DoNotSend:
        return await self.now.follow_ups.compose(tx, lease, person, now)

    async def after(self, tx: Transaction, follow_up: FollowUp, now: datetime) -> None:
        await self.now.follow_ups.after(tx, follow_up, now)

    def _of(self, update: Update) -> Edition:
        return self._earlier.get(update.update_id, self.now)
