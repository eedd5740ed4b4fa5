"""The control API's half about people: who they are, what they do, what they see."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tgbot.simulator import actions, inline_results
from tgbot.simulator.actions import Impossible
from tgbot.simulator.bodies import (
    Action,
    Arrival,
    BotStatus,
    Chosen,
    Edited,
    Founded,
    InGroup,
    Posted,
    RequestBody,
    Tapped,
    ViewWanted,
    read_body,
    read_query,
)
from tgbot.simulator.clock_port import JsonObject
from tgbot.simulator.control import answering, chat_json, until
from tgbot.simulator.posts import post
from tgbot.simulator.refusals import Refusal
from tgbot.simulator.telegram import Telegram
from tgbot.simulator.world import Chat, User


class PeopleControl:
    """`POST /control/people/{id}/<action>`; `wait`: answer when the bot has confirmed the update."""

    def __init__(self, tg: Telegram) -> None:
        self.tg = tg

    def routes(self) -> list[Route]:
        """Where they are."""
        deeds = {
            "send": self.send,
            "edit": self.edit,
            "tap": self.tap,
            "block": self.block,
            "unblock": self.unblock,
            "inline": self.inline,
            "choose": self.choose,
            "leave": self.leave,
            "join": self.join,
            "groups": self.found_group,
            "bot": self.set_bot,
            "migrate": self.migrate,
            "delete-account": self.delete_account,
        }
        return [
            Route("/control/people", answering(self.arrive), methods=["POST"]),
            Route("/control/people/{id:int}/view", answering(self.view)),
            *[
                Route(f"/control/people/{{id:int}}/{name}", answering(deed), methods=["POST"])
                for name, deed in deeds.items()
            ],
        ]

    def _person(self, request: Request) -> User:
        person = self.tg.world.people.get(request.path_params["id"])
        if person is None:
            raise Impossible("there is no such person")
        return person

    def _chat(self, person: User, chat_id: int | None) -> Chat:
        chat = self.tg.world.chats.get(person.id if chat_id is None else chat_id)
        if chat is None:
            raise Impossible("there is no such chat")
        return chat

    async def _done(self, done: JsonObject, wanted: Action) -> Response:
        update_id, wait = done["update_id"], wanted.wait
        if wait and not await until(self.tg, lambda: not self.tg.updates.is_pending(update_id), wait):
            raise Impossible(f"the bot did not confirm the update within {wait} s")
        return JSONResponse(done)

    async def arrive(self, request: Request) -> Response:
        """Somebody: {"name", "language_code"?, "username"?}; the same name is the same person."""
        wanted = await read_body(request, Arrival)
        person = self.tg.world.person(
            wanted.name, language_code=wanted.language_code, username=wanted.username
        )
        self.tg.events.publish("person", {"person_id": person.id})
        return JSONResponse(person.as_json())

    async def send(self, request: Request) -> Response:
        """{"text", "chat_id"?, "reply_to"?}, or {"kind": "photo", …} as in posts.py."""
        person, wanted = self._person(request), await read_body(request, Posted)
        chat = self._chat(person, wanted.chat_id)
        done = actions.say(self.tg, person, chat, self._content(person, wanted.given()), wanted.reply_to)
        return await self._done(done, wanted)

    def _content(self, person: User, wanted: JsonObject) -> JsonObject:
        try:
            return post(self.tg.files, person, wanted)
        except Refusal as refusal:
            raise Impossible(refusal.description) from refusal
        except ValueError as error:
            raise Impossible(str(error)) from error

    async def edit(self, request: Request) -> Response:
        """{"message_id", "text", "chat_id"?}"""
        person, wanted = self._person(request), await read_body(request, Edited)
        chat = self._chat(person, wanted.chat_id)
        done = actions.edit(self.tg, person, chat, wanted.message_id, wanted.text)
        return await self._done(done, wanted)

    async def tap(self, request: Request) -> Response:
        """{"message_id", "data", "chat_id"?}; the bot's answer, if it came while we waited."""
        person, wanted = self._person(request), await read_body(request, Tapped)
        chat = self._chat(person, wanted.chat_id)
        query = actions.tap(self.tg, person, chat, wanted.message_id, wanted.data)
        await self._done({"update_id": query.update_id}, wanted)
        return JSONResponse({"query_id": query.id, "update_id": query.update_id, "answer": query.answer})

    async def block(self, request: Request) -> Response:
        """Block the bot."""
        return await self._set_blocked(request, blocked=True)

    async def unblock(self, request: Request) -> Response:
        """Let it in again."""
        return await self._set_blocked(request, blocked=False)

    async def _set_blocked(self, request: Request, *, blocked: bool) -> Response:
        person, wanted = self._person(request), await read_body(request, Action)
        update_id = actions.set_blocked(self.tg, person, blocked=blocked)
        return await self._done({"update_id": update_id}, wanted)

    async def inline(self, request: Request) -> Response:
        """{"query", "offset"?, "chat_id"?}: type `@bot query`; the results, if they came while we waited."""
        person, wanted = self._person(request), await read_body(request, RequestBody)
        chat = self._chat(person, wanted.chat_id)
        query = inline_results.ask(self.tg, person, chat, wanted.query, wanted.offset)
        await self._done({"update_id": query.update_id}, wanted)
        return JSONResponse({"query_id": query.id, "update_id": query.update_id, "answer": query.answer})

    async def choose(self, request: Request) -> Response:
        """{"query_id", "result_id", "chat_id"?}"""
        person, wanted = self._person(request), await read_body(request, Chosen)
        chat = self._chat(person, wanted.chat_id)
        done = inline_results.choose(self.tg, person, chat, wanted.query_id, wanted.result_id)
        return await self._done(done, wanted)

    async def found_group(self, request: Request) -> Response:
        """{"title", "members"?: [ids], "supergroup"?}: a group with the bot in it; its chat."""
        person, wanted = self._person(request), await read_body(request, Founded)
        others = [who for who in wanted.members if who != person.id]
        chat = self.tg.world.group(wanted.title, [person.id, *others], supergroup=wanted.supergroup)
        update_id = actions.set_bot_in_group(self.tg, person, chat, status="member")
        return await self._done({"chat": chat.as_json(), "update_id": update_id}, wanted)

    async def leave(self, request: Request) -> Response:
        """{"chat_id"}"""
        person, wanted = self._person(request), await read_body(request, InGroup)
        chat = self._chat(person, wanted.chat_id)
        return await self._done({"update_id": actions.leave(self.tg, person, chat)}, wanted)

    async def join(self, request: Request) -> Response:
        """{"chat_id"}"""
        person, wanted = self._person(request), await read_body(request, InGroup)
        chat = self._chat(person, wanted.chat_id)
        return await self._done({"update_id": actions.join(self.tg, person, chat)}, wanted)

    async def set_bot(self, request: Request) -> Response:
        """{"chat_id", "status"}: "member", "administrator", "left" or "kicked"."""
        person, wanted = self._person(request), await read_body(request, BotStatus)
        chat = self._chat(person, wanted.chat_id)
        update_id = actions.set_bot_in_group(self.tg, person, chat, status=wanted.status)
        return await self._done({"update_id": update_id}, wanted)

    async def migrate(self, request: Request) -> Response:
        """{"chat_id"}: the group becomes a supergroup; its new chat."""
        person, wanted = self._person(request), await read_body(request, InGroup)
        new, update_id = actions.migrate(self.tg, person, self._chat(person, wanted.chat_id))
        return await self._done({"chat": new.as_json(), "update_id": update_id}, wanted)

    async def delete_account(self, request: Request) -> Response:
        """Be gone for good."""
        self._person(request).deactivated = True
        return JSONResponse({"update_id": 0})

    async def view(self, request: Request) -> Response:
        """A chat as it is; `?after=<revision>&wait=<seconds>` waits until something has changed since."""
        person, wanted = self._person(request), read_query(request, ViewWanted)
        chat, after = self._chat(person, wanted.chat_id), wanted.after
        if after is not None:
            await until(self.tg, lambda: chat.revision > after, wanted.wait)
        commands = self.tg.profile.commands_for(person, chat)
        return JSONResponse({**chat_json(self.tg, chat), "commands": commands})
