"""Long polling: one of the two ways in which updates come (the other is the webhook).

Each poll acknowledges what is finished below the first unfinished update. A poll returns at most 100 updates
from there on: 100 unfinished updates of one person would block everybody, which is why lanes let a flood go.
"""

import asyncio
from collections.abc import Callable

import structlog
from aiohttp import ClientTimeout
from telegram import Update as TelegramUpdate
from telegram.error import Conflict, InvalidToken, NetworkError, TelegramError

from tgbot.chat.lanes import Lanes
from tgbot.chat.startup import TokenRefusedError
from tgbot.chat.telegram_connection import Bot, connection_of
from tgbot.chat.updates import Json, ReadsUpdates, number_of
from tgbot.chat.webhook import host_of
from tgbot.followup.times import backoff
from tgbot.service.ports import Clock

log = structlog.get_logger(__name__)

POLL_SECONDS = 20
MOMENT = 0.1  # how long the rest of a batch may take before its first unfinished one is waited for
AGAIN = 0.15  # how long no poll is made for an unfinished one: somebody else may have written
CROWD = 80  # updates in one poll, from the first unfinished one on: soon it would show nobody else
BRIEF = 0.03  # how long a crowd's updates may take until their replies are no longer waited for
RELIEF = 0.5  # how long it may take to write down what they are owed
MOST_REFUSALS = 5  # 401s in a row: one happens, five mean that the token is gone


async def fetch(
    bot: Bot, offset: int | None, seconds: int, *, limit: int = 100, patience: float = 10.0
) -> list[Json]:
    """One poll: acknowledges what is below `offset`, waits `seconds` for updates and `patience` more for the
    answer and between two pieces of it: a hundred long messages may come slowly. Raises TelegramError.

    Raw, as PTB reads a whole batch or nothing, and logs people's words when it cannot read one.
    """
    wanted: dict[str, object] = {
        "timeout": seconds,
        "limit": limit,
        "allowed_updates": TelegramUpdate.ALL_TYPES,
    }
    if offset is not None:
        wanted["offset"] = offset
    within = ClientTimeout(
        total=seconds + 5 * patience, connect=patience, sock_connect=patience, sock_read=seconds + patience
    )
    updates = await connection_of(bot).call(f"{bot.base_url}/getUpdates", wanted, within)
    try:
        return sorted((dict(update) for update in updates), key=number_of)
    except (ValueError, KeyError, TypeError):
        raise NetworkError("getUpdates was answered with something else") from None


class Polling:
    def __init__(
        self,
        bot: Bot,
        reader: ReadsUpdates,
        lanes: Lanes,
        clock: Clock,
        alive: Callable[[], None],
        others: Callable[[], str] = lambda: "",
    ) -> None:
        """`others` names who else works with the same database."""
        self._bot = bot
        self._reader = reader
        self._lanes = lanes
        self._clock = clock
        self._alive = alive
        self._others = others
        self._next: int | None = None  # the offset to come, until a poll has said it
        self._said: tuple[int | None, float] = (None, 0.0)

    async def run(self) -> None:
        """Poll until cancelled; then finish what was begun, within the grace, and acknowledge it.

        Raises TokenRefusedError when Telegram does not know the token any more.
        """
        failures = 0
        try:
            while True:
                try:
                    updates = await self._poll()
                except TelegramError as error:
                    failures += 1
                    await self._after_failure(error, failures)
                    continue
                failures = 0
                self._alive()
                for raw in updates:
                    self._next = max(number_of(raw) + 1, self._next or 0)
                    self._lanes.take(self._reader.read(raw))
                await self._glance(crowd=len(updates) >= CROWD)
        finally:
            await self._lanes.drain()
            await self._acknowledge()

    async def _glance(self, *, crowd: bool) -> None:
        """Let the quick ones finish, then wait a little for the oldest: once it is done the offset moves."""
        unfinished = self._lanes.unfinished
        if unfinished and crowd:
            await asyncio.wait(unfinished.values(), timeout=BRIEF)
            await asyncio.wait([self._lanes.relieve()], timeout=RELIEF)
            return
        if unfinished:
            await asyncio.wait(unfinished.values(), timeout=MOMENT)
        if unfinished:
            await asyncio.wait([unfinished[min(unfinished)]], timeout=AGAIN - MOMENT)

    async def _acknowledge(self) -> None:
        """Say what is finished, unless the poll that was cancelled has carried the same for a second."""
        offset, at = self._said
        said = offset == self._offset() and self._clock.monotonic() - at > 1.0
        if self._next is None or said:
            return
        try:  # to say it is enough: Telegram may take three seconds to answer a repeated offset
            await fetch(self._bot, self._offset(), 0, limit=1, patience=0.3)
        except TelegramError as error:
            log.info("acknowledgement_unanswered", error=type(error).__name__)

    async def _poll(self) -> list[Json]:
        """One getUpdates. Without anything to acknowledge it names no offset: after a quiet week ids restart
        anywhere, and an old offset would throw away new updates. Nor does it say the same twice in a row: to
        whoever repeats an offset within half a second Telegram shows one update only."""
        offset = self._offset()
        if self._lanes.unfinished and offset == self._said[0]:
            offset = None
        self._said = (offset, self._clock.monotonic())
        updates = await fetch(self._bot, offset, 0 if self._lanes.unfinished else POLL_SECONDS)
        if offset == self._next:
            self._next = None
        return updates

    def _offset(self) -> int | None:
        return min(self._lanes.unfinished, default=self._next)

    async def _after_failure(self, error: TelegramError, failures: int) -> None:
        """Wait and poll again; the missing sign of life is what liveness sees."""
        if isinstance(error, InvalidToken) and failures >= MOST_REFUSALS:
            raise TokenRefusedError from None
        seconds = backoff(failures - 1, self._clock.draw(), longest=15.0)
        again_in = round(seconds, 1)
        if not isinstance(error, Conflict):
            log.warning("poll_failed", error=type(error).__name__, again_in=again_in)
        elif host := await self._webhook_host():
            log.error("webhook_is_set", host=host, mend="backcheck webhook delete", again_in=again_in)
        else:
            log.error("another_instance_polls", others=self._others() or "unknown", again_in=again_in)
        await self._clock.sleep(seconds)

    async def _webhook_host(self) -> str:
        """Whom Telegram posts updates to instead of letting us poll; "" when it is another poller."""
        try:
            return host_of((await self._bot.get_webhook_info()).url)
        except TelegramError:
            return ""
