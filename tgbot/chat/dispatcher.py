"""An update becomes a request, its handler answers in the words that are in use, the reply goes out."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar, assert_never

import structlog

from tgbot.chat.drawing_queue import DrawingQueue
from tgbot.chat.failures import can_be_told
from tgbot.chat.lanes import mark_handled
from tgbot.chat.request import Reply, Request
from tgbot.chat.routes import Routes
from tgbot.chat.sending import answer_inline, answer_tap, send
from tgbot.chat.telegram_connection import Bot
from tgbot.chat.updates import (
    IgnoredUpdate,
    IncomingMessage,
    InlineQuery,
    Json,
    MembershipChange,
    Tap,
    UnreadableUpdate,
    Update,
    UpdateReader,
)
from tgbot.followup.episode import FollowUp, Person
from tgbot.screens.buttons import UnknownButton, unpack
from tgbot.screens.screen import Screen
from tgbot.screens.voice import Voice
from tgbot.service.courier import DoNotSend
from tgbot.service.follow_up import FollowUps
from tgbot.service.ports import Clock
from tgbot.service.store_port import Lease, Transaction

log = structlog.get_logger(__name__)

ALBUM_SECONDS = 1.5  # how long the caption of an album is waited for
TOLD_AGAIN_AFTER = timedelta(minutes=2)  # a sticker right after a photo needs no answer of its own
_REMEMBERED = 10_000

K = TypeVar("K")
V = TypeVar("V")
TellSender = Callable[[], Awaitable[None]]


class Dispatcher:
    """Knows Telegram and the routes, and nothing of what is said."""

    def __init__(self, bot: Bot, routes: Routes, clock: Clock, drawings: DrawingQueue) -> None:
        self._bot = bot
        self._routes = routes
        self._faq = routes.on.faq
        self._clock = clock
        self._drawings = drawings
        self._wordless = WordlessMessages(clock)

    async def handle(self, update: Update) -> None:
        """Answer it, if it is to be answered. Raises what went wrong."""
        match update:
            case Tap():
                request = self._request(update)
                self._wordless.heard(update.chat_id)
                show = partial(answer_tap, self._bot, update, request)
                await self._answered(request, self._pressed(request, unpack(update.data)), show)
            case IncomingMessage():
                await self._message(update)
            case InlineQuery():
                await answer_inline(self._bot, update.query_id, self._faq.inline(update.typed))
            case MembershipChange():
                if update.private and update.status == "member":  # somebody blocked it, and lets it in again
                    await self._routes.on.episodes.came_back(update.person_id)
            case IgnoredUpdate() | UnreadableUpdate():
                log.debug("update_ignored", update_id=update.update_id)
            case _:
                assert_never(update)

    async def could_not(self, update: Update) -> None:
        """The tries are used up: say that it was not done."""
        if isinstance(update, IncomingMessage | Tap):
            request = self._request(update)
            await send(self._bot, request, await self._faq.failed(request))

    async def interrupted(self, chat_id: int) -> None:
        """To whoever waits for a reply that was cut off. Raises TelegramError."""
        request = Request(0, chat_id, chat_id, chat_id > 0, self._clock.now())
        await send(self._bot, request, await self._faq.interrupted(request))

    async def too_fast(self, update: Update) -> None:
        """The one answer to a flood; in a group the others would have to read it too."""
        if isinstance(update, IncomingMessage | Tap) and update.private:
            request = self._request(update)
            await send(self._bot, request, await self._faq.too_fast(request))

    async def _message(self, message: IncomingMessage) -> None:
        handler = self._routes.of_message(message)
        if handler is None:
            return
        request = self._request(message)

        async def reply() -> None:
            await self._answered(request, handler(request), partial(send, self._bot, request))

        if message.wordless:
            await self._wordless.came(message, reply)
        elif not self._wordless.repeats(message):
            self._wordless.heard(message.chat_id)
            await reply()

    async def _answered(
        self, request: Request, replying: Awaitable[Reply], show: Callable[[Reply], Awaitable[None]]
    ) -> None:
        """Show the reply. What fails is tried again, and then means the same: the last turn is as it was."""
        recent = self._routes.recent
        turn, before = recent.saved(request.person_id), recent.of(request.person_id)
        try:
            reply = self._handled(request, await replying)
            if not request.private:
                recent.untouched(request.person_id, before)
            await show(reply)
        except Exception as error:
            recent.put_back(request.person_id, turn)
            if can_be_told(error):
                await show(await self._faq.failed(request))
            raise
        await self._ask_missed(request, reply)

    async def _ask_missed(self, request: Request, reply: Reply) -> None:
        """After the reply, in a message of its own, what could not be asked in time. It never costs the
        reply: where it fails, the check-in waits in /episode."""
        expected = request.person_id in self._routes.on.episodes.missed
        if not expected or not self._routes.is_visit(request, reply):
            return
        try:
            missed = await self._routes.on.episode.missed(request)
            if missed is not None:
                await send(self._bot, request, missed)
        except Exception:
            log.exception("missed_check_in_not_asked", update_id=request.update_id)

    def _handled(self, request: Request, reply: Reply) -> Reply:
        """What is to be sent now. A drawing is put into its queue; when that is full, the sentence instead is
        the reply."""
        mark_handled()
        if reply.drawing is None or self._drawings.put(request, reply.drawing):
            return reply
        return Reply(reply.drawing.instead, fresh=True)

    async def _pressed(self, request: Request, button: Any) -> Reply:
        pressed = self._routes.presses.get(type(button))
        if pressed is None or isinstance(button, UnknownButton):
            return await self._faq.unknown_button(request)
        if not request.private and type(button) in self._routes.personal:
            return await self._faq.private_only(request)
        self._routes.recent.heard(request.person_id)  # a tap is no answer to what was asked before it
        return await pressed(request, button)

    def _request(self, update: IncomingMessage | Tap) -> Request:
        request = Request(
            update.update_id,
            update.person_id,
            update.chat_id,
            update.private,
            self._clock.now(),
            topic=update.topic,
        )
        if isinstance(update, Tap):
            return request
        return replace(request, typed=update.typed, content=update.content, replied_to=update.replied_to)


class WordlessMessages:
    """Photos, stickers, voice messages: whoever sends no words is told that only text is read, and again
    after words, a tap or some minutes.

    An album comes as one update for each of its pictures, with the caption on any of them: it is one message,
    and gets one answer. What is remembered here may be lost without harm.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._told: OrderedDict[int, datetime] = OrderedDict()  # when, by chat
        self._albums: OrderedDict[tuple[int, str], int] = OrderedDict()  # the update that had words
        self._waiting: set[asyncio.Task[None]] = set()

    def heard(self, chat_id: int) -> None:
        """Words or a tap came from this chat."""
        self._told.pop(chat_id, None)

    def repeats(self, message: IncomingMessage) -> bool:
        """Whether another picture of its album had words before, and has its answer. A warning sign never
        repeats."""
        if not message.album:
            return False
        album = (message.chat_id, message.album)
        first = self._albums.get(album, 0) or message.update_id
        _remember(self._albums, album, first)
        return first != message.update_id and not message.typed.signs

    async def came(self, message: IncomingMessage, tell: TellSender) -> None:
        """Something without words came: `tell`, unless this chat has just been told. For an album later, and
        outside of the lane, unless words come with another of its pictures."""
        if not message.album:
            await self._tell(message.chat_id, tell)
            return
        album = (message.chat_id, message.album)
        if album not in self._albums:
            _remember(self._albums, album, 0)
            task = asyncio.create_task(self._after_the_album(album, tell))
            self._waiting.add(task)
            task.add_done_callback(self._waiting.discard)

    async def _after_the_album(self, album: tuple[int, str], tell: TellSender) -> None:
        await self._clock.sleep(ALBUM_SECONDS)
        if self._albums.get(album):
            return
        try:
            await self._tell(album[0], tell)
        except Exception as error:  # noqa: BLE001 – a courtesy, for which nobody tries twice
            log.info("album_unanswered", error=type(error).__name__)

    async def _tell(self, chat_id: int, tell: TellSender) -> None:
        if not self._just_told(chat_id):
            await tell()
            now = self._clock.now()  # only now: what could not be sent is tried again
            _remember(self._told, chat_id, now)

    def _just_told(self, chat_id: int) -> bool:
        told, now = self._told.get(chat_id), self._clock.now()
        return told is not None and told <= now < told + TOLD_AGAIN_AFTER  # a clock set back silences nobody


def _remember(known: OrderedDict[K, V], key: K, value: V) -> None:
    known[key] = value
    if len(known) > _REMEMBERED:
        known.popitem(last=False)


@dataclass(frozen=True, slots=True)
class Edition:
    """Everything that is made of one pack: a voice, and who answers with it."""

    voice: Voice
    routes: Routes
    reader: UpdateReader
    dispatcher: Dispatcher
    follow_ups: FollowUps


class CurrentEdition:
    """Stands where an edition is used; `replace` puts another behind it, while people write.

    What has begun ends with the words it began with: an update that was read with the old ones is answered by
    them, so no answer mixes two packs.
    """

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
