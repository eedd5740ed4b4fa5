"""A service message: one text of the operator to everybody who has an open episode.

Each copy is a row that the courier delivers by the rules of check-ins: paced, at most two copies after a
crash, not in quiet hours, not to whoever has blocked the bot, stopped the episode or withdrawn consent.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from tgbot.followup.episode import EpisodeState, FollowUp, FollowUpState, Person
from tgbot.followup.times import after_quiet_hours, is_quiet, quiet_began
from tgbot.screens.screen import KeyRow, Screen
from tgbot.service.courier import DoNotSend
from tgbot.service.ports import Clock
from tgbot.service.store_port import ServiceMessage, Store, StoreError, Transaction

log = structlog.get_logger(__name__)

LATEST = timedelta(hours=24)  # later than that it is no news: the copy is given up and counted
OVER = timedelta(days=3)  # what is still planned then cannot be sent: somebody has blocked the bot meanwhile
SHARE = 0.5  # of the sending rate; check-ins that fall due meanwhile have the rest
LOOK_SECONDS = 5.0
CAME = {  # states of copies → what an admin reads
    "planned": "still to come",
    "sent": "sent",
    "unconfirmed": "sent twice at most, and perhaps not arrived",
    "cancelled": "not sent: stopped, or not followed up any more",
    "expired": "not sent: a day late, as in long quiet hours",
    "unreachable": "not sent: the bot is blocked",
    "refused": "refused by Telegram",
}


@dataclass(frozen=True, slots=True)
class ServiceMessages:
    """`per_second` is the whole sending rate."""

    store: Store
    clock: Clock
    per_second: float

    async def newest(self) -> tuple[ServiceMessage, Mapping[str, int]] | None:
        """The newest one and its copies by state."""
        message = await self.store.operate(lambda tx: tx.operations.service_message())
        if message is None:
            return None
        return message, await self.store.operate(lambda tx: tx.operations.service_copies(message.number))

    async def reached(self) -> int:
        return await self.store.operate(lambda tx: tx.operations.reached())

    async def begin(self, number: int, words: str) -> int | None:
        """How many copies are planned; None when it was begun before, or another is on its way."""
        message = ServiceMessage(number, words, self.clock.now())
        apart = timedelta(seconds=1 / (self.per_second * SHARE))
        copies = await self.store.operate(lambda tx: tx.operations.begin_service_message(message, apart))
        if copies is not None:
            log.info("service_message_begun", number=number, copies=copies)
        return copies

    async def stop(self, number: int) -> bool:
        """False when it had ended."""
        stopped = await self.store.operate(lambda tx: tx.operations.stop_service_message(number))
        log.info("service_message_stopped", number=number, was_on_its_way=stopped)
        return stopped

    async def ended(self) -> tuple[ServiceMessage, Mapping[str, int]] | None:
        """The newest, when it has ended just now, and nobody else has seen that."""
        found = await self.newest()
        if found is None or found[0].ended_at is not None:
            return None
        (message, copies), now = found, self.clock.now()
        if copies.get("planned") and now - message.started_at < OVER:
            return None
        if not await self.store.operate(lambda tx: tx.operations.end_service_message(message.number, now)):
            return None
        return message, await self.store.operate(lambda tx: tx.operations.service_copies(message.number))


async def compose_copy(
    tx: Transaction, copy: FollowUp, person: Person, now: datetime, rows: tuple[KeyRow, ...]
) -> Screen | DoNotSend:
    """A copy as it is sent, or why it is not. In quiet hours it is put off until they end, as far from the
    others of that night as before."""
    message = await tx.operations.service_message(copy.service)
    episode = await tx.people.episode(copy.person_id, copy.episode_id)
    wanted = episode is not None and episode.state is EpisodeState.OPEN and person.consent.stands
    if message is None or message.stopped or not wanted:
        return DoNotSend(FollowUpState.CANCELLED)
    if now - copy.due_at > LATEST:
        return DoNotSend(FollowUpState.EXPIRED)
    began = quiet_began(now, person.zone, person.quiet)
    if began is not None:  # saved anew, it is out of the courier's hands until then
        awake = after_quiet_hours(now, person.zone, person.quiet)
        wanted_at = awake + (now - began)
        if is_quiet(wanted_at, person.zone, person.quiet):  # of more than half a day
            wanted_at = awake
        await tx.people.save_follow_up(replace(copy, send_at=wanted_at))
        return DoNotSend()
    return Screen(message.words, rows)


def result_text(message: ServiceMessage, copies: Mapping[str, int]) -> str:
    """What became of it, in lines."""
    if message.ended_at is not None:
        head = f"Service message {message.number} has ended."
    elif message.stopped:
        head = f"Service message {message.number} was stopped; what is under way still arrives."
    else:
        head = f"Service message {message.number} is on its way."
    counts = [f"{copies[state]} {came}" for state, came in CAME.items() if copies.get(state)]
    return "\n".join([head, *(counts or ["It went to nobody: nobody has an open episode."])])


@dataclass(frozen=True, slots=True)
class ServiceMessageResults:
    """Tells the admins what became of a service message, once, whichever replica sees its end."""

    messages: ServiceMessages
    admins: Collection[int]
    tell: Callable[[int, str], Awaitable[None]]

    async def run(self) -> None:
        """Look now and then until cancelled."""
        while True:
            try:
                await self.look_once()
            except StoreError as error:
                log.warning("service_message_not_looked_at", error=str(error))
            await self.messages.clock.sleep(LOOK_SECONDS)

    async def look_once(self) -> None:
        found = await self.messages.ended()
        if found is None:
            return
        message, copies = replace(found[0], ended_at=self.messages.clock.now()), found[1]
        log.info("service_message_ended", number=message.number, **copies)
        for admin in self.admins:
            await self.tell(admin, result_text(message, copies))
