"""The control API: what the page and the tests use to see and to move the simulated Telegram.

JSON in, JSON out, under /control. What cannot be read is answered 400 and what cannot be done 409, with
{"error": words}.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tgbot.simulator.actions import Impossible
from tgbot.simulator.bodies import (
    FAULT,
    BodyLimits,
    FaultNumber,
    MessagesWanted,
    NextDueAt,
    Push,
    UnreadableError,
    read_body,
    read_query,
)
from tgbot.simulator.clock_port import JsonObject, TravellingClock
from tgbot.simulator.limits import TELEGRAMS
from tgbot.simulator.telegram import Telegram, seen
from tgbot.simulator.world import Chat

NextDue = Callable[[], Awaitable[datetime | None]]
Endpoint = Callable[[Request], Awaitable[Response]]


def answering(endpoint: Endpoint) -> Endpoint:
    """What a person cannot do is an answer and no crash."""

    async def answered(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Impossible as impossible:
            return JSONResponse({"error": str(impossible)}, 409)
        except UnreadableError as unreadable:
            return JSONResponse({"error": str(unreadable)}, 400)

    return answered


class Control:
    """The endpoints about the whole: state, events, clock, messages, calls, faults, limits."""

    def __init__(self, tg: Telegram, next_due: NextDue | None) -> None:
        self.tg = tg
        self._ask_next_due = next_due
        self._next_due: datetime | None = None

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route("/control/state", self.state),
            Route("/control/events", self.events),
            Route("/control/clock", self.clock, methods=["GET"]),
            Route("/control/clock", answering(self.push_clock), methods=["POST"]),
            Route("/control/next-due", answering(self.set_next_due), methods=["PUT"]),
            Route("/control/messages", answering(self.messages)),
            Route("/control/calls", self.calls, methods=["GET", "DELETE"]),
            Route("/control/faults", answering(self.faults), methods=["GET", "POST", "DELETE"]),
            Route("/control/limits", answering(self.limits), methods=["GET", "PUT"]),
            Route("/control/files/{file_id}", self.file),
        ]

    async def state(self, request: Request) -> Response:
        """Everything, for a page that has just been opened."""
        tg = self.tg
        await self._learn_next_due()
        return JSONResponse(
            {
                "event": tg.events.last,
                "bot": {**tg.world.bot.as_json(), "about": self._about()},
                "clock": self.clock_json(),
                "people": [_person_json(tg, chat) for chat in tg.world.chats.values() if chat.person],
                "chats": [chat_json(tg, chat) for chat in tg.world.chats.values()],
                "calls": [call.as_json() for call in list(tg.journal.calls)[-200:]],
                "faults": tg.faults.as_json(),
                "limits": vars(tg.limits.rates),
            }
        )

    def _about(self) -> JsonObject:
        return {
            "name": self.tg.profile.names.get("") or self.tg.world.bot.first_name,
            "description": self.tg.profile.descriptions.get("", ""),
            "short_description": self.tg.profile.short_descriptions.get("", ""),
        }

    async def events(self, request: Request) -> Response:
        """Server-sent events: everything from now on."""
        return StreamingResponse(
            self._stream(), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )

    async def _stream(self) -> AsyncIterator[str]:
        queue = self.tg.events.subscribe()
        try:
            yield "event: hello\ndata: {}\n\n"
            while (event := await queue.get()) is not None:
                number, kind, content = event
                yield f"id: {number}\nevent: {kind}\ndata: {json.dumps(content, ensure_ascii=False)}\n\n"
        finally:
            self.tg.events.unsubscribe(queue)

    async def _learn_next_due(self) -> None:
        """What is planned now, where it can be asked for: what was told may be a moment behind."""
        if self._ask_next_due is not None:
            self._next_due = await self._ask_next_due()

    def clock_json(self) -> JsonObject:
        """The clock, and when something is due next, as far as anybody has told."""
        clock, due = self.tg.clock, self._next_due
        travels = isinstance(clock, TravellingClock)
        return {
            "now": clock.now().isoformat(),
            "travels": travels,
            "offset_seconds": clock.offset.total_seconds() if isinstance(clock, TravellingClock) else 0,
            "next_due": due.isoformat() if due is not None else None,
        }

    async def clock(self, request: Request) -> Response:
        """The clock; a bot in another process follows it."""
        await self._learn_next_due()
        return JSONResponse(self.clock_json())

    async def push_clock(self, request: Request) -> Response:
        """Push it: `push_seconds`, or `to_next_due`: to what is planned now, whatever was shown."""
        clock, wanted = self.tg.clock, await read_body(request, Push)
        if not isinstance(clock, TravellingClock):
            raise Impossible("this simulator's clock cannot be pushed")
        by = timedelta(seconds=wanted.push_seconds)
        if wanted.to_next_due:
            await self._learn_next_due()
            if self._next_due is None:
                raise Impossible("nothing is planned to come")
            by = max(self._next_due - clock.now(), timedelta())
        try:
            clock.push(by)
        except OverflowError as error:
            raise Impossible("the clock cannot go that far") from error
        self.clock_moved()
        return JSONResponse(self.clock_json())

    def clock_moved(self) -> None:
        """Tell the page: the clock was pushed, or something else is due next."""
        self.tg.events.publish("clock", self.clock_json())

    async def set_next_due(self, request: Request) -> Response:
        """A bot elsewhere tells when its next message is due: {"at": "2026-11-26T09:10:00Z"} or null."""
        due = (await read_body(request, NextDueAt)).at
        self.due_next(due.astimezone(UTC) if due is not None else None)
        return JSONResponse(self.clock_json())

    def due_next(self, at: datetime | None) -> None:
        """Show this one on the page."""
        if at != self._next_due:
            self._next_due = at
            self.clock_moved()

    async def messages(self, request: Request) -> Response:
        """Every message, as it was delivered and as it is now: the only oracle of delivery."""
        wanted = read_query(request, MessagesWanted)
        listed = [
            {"chat_id": message.chat_id, **seen(message)}
            for message in self.tg.world.everything()
            if wanted.chat_id in (None, str(message.chat_id)) and wanted.from_bot in (None, message.from_bot)
        ]
        return JSONResponse(listed)

    async def calls(self, request: Request) -> Response:
        """Every call of the Bot API, oldest first; `?method=sendMessage` only those. DELETE forgets them."""
        if request.method == "DELETE":
            self.tg.journal.calls.clear()
        wanted = request.query_params.get("method", "").lower()
        return JSONResponse(
            [call.as_json() for call in self.tg.journal.calls if not wanted or call.method.lower() == wanted]
        )

    async def faults(self, request: Request) -> Response:
        """The faults that wait; POST adds one, DELETE takes all away (or `?number=`)."""
        if request.method == "POST":
            self.tg.faults.add(await read_body(request, FAULT))
        elif request.method == "DELETE":
            self.tg.faults.remove(read_query(request, FaultNumber).number)
        self.tg.events.publish("faults", {"faults": self.tg.faults.as_json()})
        return JSONResponse(self.tg.faults.as_json())

    async def limits(self, request: Request) -> Response:
        """The flood limits; PUT {"telegram": true} for Telegram's own, or numbers of your own, or {}."""
        if request.method == "PUT":
            wanted = await read_body(request, BodyLimits)
            self.tg.limits.rates = TELEGRAMS if wanted.telegram else wanted.rates()
            self.tg.events.publish("limits", vars(self.tg.limits.rates))
        return JSONResponse(vars(self.tg.limits.rates))

    async def file(self, request: Request) -> Response:
        """What somebody sent, for the page to show."""
        file = self.tg.files.by_id.get(request.path_params["file_id"])
        if file is None:
            return JSONResponse({"error": "no such file"}, 404)
        shown = file.mime_type.startswith("image/") and "svg" not in file.mime_type
        return Response(
            file.content,
            media_type=file.mime_type if shown else "application/octet-stream",
            headers={} if shown else {"Content-Disposition": "attachment"},
        )


def _person_json(tg: Telegram, chat: Chat) -> JsonObject:
    person = chat.person
    assert person is not None
    return {
        **person.as_json(),
        "started": person.started,
        "blocked": person.blocked,
        "commands": tg.profile.commands_for(person, chat),
    }


def chat_json(tg: Telegram, chat: Chat) -> JsonObject:
    """A chat with its messages."""
    return {
        **chat.as_json(),
        "revision": chat.revision,
        "keyboard": chat.keyboard,
        "pinned": chat.pinned,
        "members": {str(who): status for who, status in chat.members.items()},
        "moved_to": chat.moved_to,
        "messages": [seen(message) for message in chat.messages.values()],
    }


async def until(tg: Telegram, done: Callable[[], bool], seconds: float) -> bool:
    """Wait, in real time, until it is so; False when it did not come true in so many seconds."""
    queue = tg.events.subscribe()
    try:
        async with asyncio.timeout(seconds):
            while not done() and await queue.get() is not None:
                pass
    except TimeoutError:
        return done()
    finally:
        tg.events.unsubscribe(queue)
    return done()
