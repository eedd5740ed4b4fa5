"""Photos, stickers, voice messages: whoever sends no words is told once that only text is read.

Said again only after words or a tap. An album comes as one update for each of its pictures, with the caption
on any of them: it is one message, and gets one answer. What is remembered here may be lost without harm.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from tgbot.chat.updates import IncomingMessage
from tgbot.service.ports import Clock

log = structlog.get_logger(__name__)

ALBUM_SECONDS = 1.5  # how long the caption of an album is waited for
_REMEMBERED = 10_000

K = TypeVar("K")
V = TypeVar("V")
TellSender = Callable[[], Awaitable[None]]


class WordlessMessages:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._told: OrderedDict[int, None] = OrderedDict()  # chats
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
        if chat_id not in self._told:
            await tell()
            _remember(self._told, chat_id, None)  # only now: what could not be sent is tried again


def _remember(known: OrderedDict[K, V], key: K, value: V) -> None:
    known[key] = value
    if len(known) > _REMEMBERED:
        known.popitem(last=False)
