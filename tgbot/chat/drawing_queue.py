"""Charts and cards on their way: drawn one at a time and sent when they are ready, outside of every lane.

What waits here is lost when the process ends: it changes nothing, and can be asked for again.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass
from itertools import count

import structlog
from telegram.error import TelegramError

from tgbot.chat.failures import Failure, failure_of
from tgbot.chat.request import DrawingJob, File, Reply, Request
from tgbot.chat.sending import call, place_of, send
from tgbot.chat.telegram_connection import Bot
from tgbot.followup.times import backoff
from tgbot.service.ports import Clock, PictureError

log = structlog.get_logger(__name__)

MOST_WAITING = 20
LONGEST_WAIT = 300.0  # seconds in the queue, after which it is given up
ACTION_SECONDS = 4.5  # Telegram shows an action for five
MOST_TRIES = 5  # to send one


@dataclass(frozen=True, slots=True)
class _Order:
    request: Request
    drawing: DrawingJob
    since: float


class DrawingQueue:
    def __init__(self, bot: Bot, clock: Clock) -> None:
        self._bot = bot
        self._clock = clock
        self._orders: dict[tuple[int, str], _Order] = {}  # by person and file, oldest first
        self._came = asyncio.Event()
        self.count = Counter(drawn=0, failed=0)  # since the start

    def put(self, request: Request, drawing: DrawingJob) -> bool:
        """Let it be drawn; False when too many wait. What the same person waits for already is drawn once."""
        key = (request.person_id, drawing.name)
        if key not in self._orders and len(self._orders) >= MOST_WAITING:
            return False
        self._orders.setdefault(key, _Order(request, drawing, self._clock.monotonic()))
        self._came.set()
        return True

    async def run(self) -> None:
        """Draw and send until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._draw_all())
            tasks.create_task(self._show_all())

    async def _draw_all(self) -> None:
        while True:
            await self._some()
            key, order = next(iter(self._orders.items()))
            try:
                await self._deliver(order)
            except TelegramError as error:
                log.error("picture_not_sent", error=type(error).__name__)
            finally:
                del self._orders[key]

    async def _show_all(self) -> None:
        """Whoever waits sees that something is on its way."""
        while True:
            await self._some()
            await asyncio.gather(*map(self._show, self._orders.values()))
            await self._clock.sleep(ACTION_SECONDS)

    async def _some(self) -> None:
        while not self._orders:
            self._came.clear()
            await self._came.wait()

    async def _show(self, order: _Order) -> None:
        action = "upload_photo" if order.drawing.picture else "upload_document"
        try:
            await call(self._bot, "sendChatAction", place_of(order.request) | {"action": action})
        except TelegramError as error:
            log.debug("action_not_shown", error=type(error).__name__)

    async def _deliver(self, order: _Order) -> None:
        """Send the file, or the sentence instead. Raises TelegramError."""
        drawing, reply = order.drawing, Reply(order.drawing.instead)
        try:
            if self._clock.monotonic() - order.since > LONGEST_WAIT:
                raise PictureError(f"It waited for more than {LONGEST_WAIT:.0f} s.")
            reply = Reply(file=File(drawing.name, await drawing.draw(), drawing.picture))
        except PictureError as error:
            log.error("picture_failed", error=str(error))
        except Exception as error:  # noqa: BLE001 – a bug must leave neither silence nor people's words in the log
            log.error("picture_failed", error=type(error).__name__)
        self.count["failed" if reply.file is None else "drawn"] += 1
        try:
            await self._send(order.request, reply)
        except TelegramError as error:
            if reply.file is None or failure_of(error) is not Failure.FINAL:
                raise
            log.error("picture_refused", error=type(error).__name__)
            await self._send(order.request, Reply(drawing.instead))

    async def _send(self, request: Request, reply: Reply) -> None:
        """Again while it surely was not sent; a doubtful one is not repeated. Raises TelegramError."""
        for attempt in count(1):
            try:
                await send(self._bot, request, reply)
                return
            except TelegramError as error:
                if failure_of(error) is not Failure.NOT_SENT or attempt == MOST_TRIES:
                    raise
                await self._clock.sleep(backoff(attempt, self._clock.draw()))
