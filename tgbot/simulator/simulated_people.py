"""People for tests: `ada = sim.person("Ada")`, `await ada.send("/start")`, `await ada.tap("Back")`.

A deed returns when the bot has confirmed the update. What the person then sees is `ada.screen`.
"""

import asyncio
import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from tgbot.simulator.clock_port import JsonObject

PATIENCE = 30.0  # seconds that a person waits for the bot: it costs only whoever waits in vain


@dataclass(frozen=True)
class ShownButton:
    """An inline button."""

    text: str
    data: str | None
    url: str | None


@dataclass(frozen=True)
class ShownScreen:
    """A message of the bot, as a person sees it."""

    message_id: int
    text: str
    entities: list[JsonObject]
    buttons: list[list[ShownButton]]
    message: JsonObject
    edits: int

    @property
    def labels(self) -> list[str]:
        """What stands on the buttons, in reading order."""
        return [button.text for row in self.buttons for button in row]

    def button(self, text: str) -> ShownButton:
        """The button with exactly this text, else the only one that contains it. Raises `LookupError`."""
        every = [button for row in self.buttons for button in row]
        found = [b for b in every if b.text == text] or [b for b in every if text.lower() in b.text.lower()]
        if len(found) != 1:
            raise LookupError(f"{len(found)} buttons match {text!r}; there are {self.labels}")
        return found[0]


def screen_of(message: JsonObject, edits: int = 0) -> ShownScreen:
    """The message as a screen."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return ShownScreen(
        message["message_id"],
        message.get("text") or message.get("caption") or "",
        message.get("entities") or message.get("caption_entities") or [],
        [[ShownButton(b["text"], b.get("callback_data"), b.get("url")) for b in row] for row in rows],
        message,
        edits,
    )


class Impatient(AssertionError):  # noqa: N818 – a test failed, the code did not
    """What was waited for did not come; the words say what the person saw instead."""


class SimulatedPerson:
    """Somebody with a phone. Works over HTTP, so the simulator may be in another process.

    `http` tells the client that all people of a simulator share; without it each request has its own.
    """

    def __init__(
        self, url: str, name: str, http: Callable[[], httpx.AsyncClient] | None = None, **about: str
    ) -> None:
        self._url = url
        self._http = http
        self.name = name
        self._about = about
        self._id: int | None = None
        self._asked = ""
        self._view: JsonObject = {"messages": [], "revision": 0}

    @property
    def id(self) -> int:
        """The Telegram id; known after the first deed (or `await arrives()`)."""
        assert self._id is not None, f"{self.name} has not done anything yet"
        return self._id

    async def arrives(self) -> "SimulatedPerson":
        """Be there, without having done anything."""
        if self._id is None:
            self._id = (await self._post("/control/people", {"name": self.name, **self._about}))["id"]
        return self

    async def send(
        self, text: str, *, chat_id: int | None = None, reply_to: int | None = None, wait: float = PATIENCE
    ) -> None:
        """Type a message and send it. `wait=0` does not wait for the bot."""
        await self._do("send", {"text": text, "chat_id": chat_id, "reply_to": reply_to, "wait": wait})

    async def edit(
        self, message_id: int, text: str, *, chat_id: int | None = None, wait: float = PATIENCE
    ) -> None:
        """Change a message of one's own."""
        await self._do("edit", {"message_id": message_id, "text": text, "chat_id": chat_id, "wait": wait})

    async def tap(
        self, text: str, *, on: ShownScreen | None = None, chat_id: int | None = None, wait: float = PATIENCE
    ) -> JsonObject | None:
        """Tap the button with this text, on the last message or `on` another. The bot's answer, if any."""
        if on is None:
            await self.look(chat_id)
        screen = on or self.screen
        button = screen.button(text)
        assert button.data is not None, f"{text!r} is no button that tells the bot"
        return await self.tap_data(button.data, screen.message_id, chat_id=chat_id, wait=wait)

    async def tap_data(
        self, data: str, message_id: int, *, chat_id: int | None = None, wait: float = PATIENCE
    ) -> JsonObject | None:
        """Send a tap with any data on any message, as old clients and attackers do."""
        body = {"message_id": message_id, "data": data, "chat_id": chat_id, "wait": wait}
        answer: JsonObject | None = (await self._do("tap", body))["answer"]
        return answer

    async def posts(
        self,
        kind: str,
        *,
        chat_id: int | None = None,
        content: bytes | None = None,
        wait: float = PATIENCE,
        **more: Any,
    ) -> None:
        """Send something else than text: "photo", "document", "voice", "sticker", "location", "contact" …"""
        body = {"kind": kind, "chat_id": chat_id, "wait": wait, **more}
        if content is not None:
            body["content"] = base64.b64encode(content).decode()
        await self._do("send", body)

    async def asks_inline(
        self, query: str, *, chat_id: int | None = None, wait: float = PATIENCE
    ) -> list[JsonObject]:
        """Type `@bot query` in a chat; the results that the bot offers."""
        done = await self._do("inline", {"query": query, "chat_id": chat_id, "wait": wait})
        self._asked = done["query_id"]
        results: list[JsonObject] = (done["answer"] or {}).get("results", [])
        return results

    async def chooses(self, result_id: str, *, chat_id: int | None = None, wait: float = PATIENCE) -> None:
        """Send one of the results of the last `asks_inline`."""
        body = {"query_id": self._asked, "result_id": result_id, "chat_id": chat_id, "wait": wait}
        await self._do("choose", body)

    async def founds_group(
        self, title: str, *others: "SimulatedPerson", supergroup: bool = False, wait: float = PATIENCE
    ) -> int:
        """Make a group with the bot and these people in it; its chat id."""
        members = [(await other.arrives()).id for other in others]
        body = {"title": title, "members": members, "supergroup": supergroup, "wait": wait}
        chat_id: int = (await self._do("groups", body))["chat"]["id"]
        return chat_id

    async def leaves(self, chat_id: int, *, wait: float = PATIENCE) -> None:
        """Leave a group."""
        await self._do("leave", {"chat_id": chat_id, "wait": wait})

    async def joins(self, chat_id: int, *, wait: float = PATIENCE) -> None:
        """Come into a group."""
        await self._do("join", {"chat_id": chat_id, "wait": wait})

    async def sets_bot(self, status: str, chat_id: int, *, wait: float = PATIENCE) -> None:
        """Make the bot "member", "administrator", "left" or "kicked" in a group."""
        await self._do("bot", {"chat_id": chat_id, "status": status, "wait": wait})

    async def migrates(self, chat_id: int, *, wait: float = PATIENCE) -> int:
        """Turn a group into a supergroup; its new chat id."""
        chat: JsonObject = (await self._do("migrate", {"chat_id": chat_id, "wait": wait}))["chat"]
        return int(chat["id"])

    async def deletes_account(self) -> None:
        """Be gone for good."""
        await self._do("delete-account", {})

    async def block(self, *, wait: float = PATIENCE) -> None:
        """Block the bot."""
        await self._do("block", {"wait": wait})

    async def unblock(self, *, wait: float = PATIENCE) -> None:
        """Let it in again."""
        await self._do("unblock", {"wait": wait})

    @property
    def messages(self) -> list[JsonObject]:
        """What is to be seen in the chat since the last deed or look, oldest first."""
        return [seen["message"] for seen in self._view["messages"] if not seen["deleted"]]

    @property
    def commands(self) -> list[JsonObject]:
        """The /menu that the person sees."""
        commands: list[JsonObject] = self._view.get("commands", [])
        return commands

    @property
    def screens(self) -> list[ShownScreen]:
        """The bot's messages, oldest first."""
        return [
            screen_of(seen["message"], seen["edits"]) for seen in self._view["messages"] if _is_screen(seen)
        ]

    @property
    def screen(self) -> ShownScreen:
        """The bot's last message. Raises `LookupError` when there is none."""
        last = next(filter(_is_screen, reversed(self._view["messages"])), None)
        if last is None:
            raise LookupError(f"the bot has not written to {self.name}")
        return screen_of(last["message"], last["edits"])

    async def look(self, chat_id: int | None = None) -> "SimulatedPerson":
        """Look at the chat anew."""
        await self._look({} if chat_id is None else {"chat_id": chat_id})
        return self

    async def waits_for(
        self,
        what: str | Callable[[ShownScreen], bool],
        *,
        chat_id: int | None = None,
        seconds: float = PATIENCE,
    ) -> ShownScreen:
        """Wait, in real time, until the last message contains the text or fits. Raises `Impatient`."""
        where = {} if chat_id is None else {"chat_id": chat_id}
        await self._look(where)
        try:
            async with asyncio.timeout(seconds):
                while not (self.screens and _fits(self.screen, what)):
                    await self._look({**where, "after": self._view["revision"], "wait": seconds})
        except TimeoutError:
            raise Impatient(
                f"{self.name} waited {seconds} s for {what!r} and saw:\n{self._transcript()}"
            ) from None
        return self.screen

    def _transcript(self) -> str:
        lines = [
            f"  {m['from']['first_name']}: {m.get('text', m.get('caption', '…'))}" for m in self.messages
        ]
        return "\n".join(lines[-6:]) or "  nothing"

    async def _look(self, query: dict[str, Any]) -> None:
        await self.arrives()
        self._view = await self._request("GET", f"/control/people/{self.id}/view", params=query)

    async def _do(self, deed: str, body: JsonObject) -> JsonObject:
        await self.arrives()
        done = await self._post(f"/control/people/{self.id}/{deed}", body)
        await self.look(body.get("chat_id"))
        return done

    async def _post(self, path: str, body: JsonObject) -> JsonObject:
        return await self._request("POST", path, json=body)

    async def _request(self, method: str, path: str, **rest: Any) -> JsonObject:
        if self._http:
            answer = await self._http().request(method, self._url + path, **rest)
        else:
            async with people_client() as client:
                answer = await client.request(method, self._url + path, **rest)
        read: JsonObject = answer.json()
        if answer.status_code == 409:
            raise Impatient(f"{self.name}: {read['error']}")
        answer.raise_for_status()
        return read


def people_client() -> httpx.AsyncClient:
    """What people's phones speak HTTP with: without certificates to read, proxies to look for, or a limit."""
    plain = httpx.AsyncHTTPTransport(
        verify=False, limits=httpx.Limits(max_connections=None, max_keepalive_connections=20)
    )
    return httpx.AsyncClient(timeout=70, transport=plain)


def _is_screen(seen: JsonObject) -> bool:
    return bool(seen["from_bot"] and not seen["deleted"])


def _fits(screen: ShownScreen, what: str | Callable[[ShownScreen], bool]) -> bool:
    return what in screen.text if isinstance(what, str) else what(screen)
