"""Who is there and what was said: people, chats, messages. No network, no time of its own."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from tgbot.simulator.clock_port import JsonObject
from tgbot.simulator.refusals import bad_request, forbidden, migrated

ChatType = Literal["private", "group", "supergroup"]


@dataclass
class User:
    """A person, or the bot."""

    id: int
    first_name: str
    username: str | None = None
    language_code: str | None = None
    is_bot: bool = False
    started: bool = False
    blocked: bool = False
    deactivated: bool = False

    def as_json(self) -> JsonObject:
        """A `User` as updates carry it."""
        user: JsonObject = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name}
        if self.username:
            user["username"] = self.username
        if self.language_code and not self.is_bot:
            user["language_code"] = self.language_code
        return user


@dataclass
class Message:
    """A message: what it is now, and what was delivered when it was sent."""

    id: int
    chat_id: int
    from_bot: bool
    body: JsonObject
    delivered: JsonObject
    edits: int = 0
    deleted: bool = False
    sent_at: datetime | None = None


@dataclass
class Chat:
    """A chat. In a private one `id` is the person's."""

    id: int
    type: ChatType
    person: User | None = None
    title: str = ""
    members: dict[int, str] = field(default_factory=dict)  # user id → status; the bot is one of them
    messages: dict[int, Message] = field(default_factory=dict)
    keyboard: JsonObject | None = None  # the reply keyboard under the input
    pinned: list[int] = field(default_factory=list)
    moved_to: int | None = None
    deleted: bool = False
    last_id: int = 0
    revision: int = 0  # grows with everything that a member can see

    def as_json(self) -> JsonObject:
        """A `Chat` as messages carry it."""
        if self.person is None:
            return {"id": self.id, "type": self.type, "title": self.title}
        chat: JsonObject = {"id": self.id, "type": "private", "first_name": self.person.first_name}
        if self.person.username:
            chat["username"] = self.person.username
        return chat

    def has(self, user_id: int) -> bool:
        """Whether somebody, or the bot, is in this group."""
        return self.members.get(user_id, "left") not in ("left", "kicked")

    def alive(self, message_id: int) -> Message | None:
        """The message, unless it never was or is deleted."""
        message = self.messages.get(message_id)
        return None if message is None or message.deleted else message


class World:
    """Everything there is. Ids come from counters, so that a run can be repeated."""

    def __init__(self, bot: User) -> None:
        self.bot = bot
        self.people: dict[int, User] = {}
        self.chats: dict[int, Chat] = {}
        self._last_person = 1000
        self._last_group = 500
        self._last_message = 0
        self._last_serial = 0

    def serial(self) -> int:
        """The next number for whatever needs one (queries, files, albums)."""
        self._last_serial += 1
        return self._last_serial

    def person(self, name: str, *, language_code: str = "en", username: str | None = None) -> User:
        """The person of that name, who arrives now if nobody is called that."""
        for person in self.people.values():
            if person.first_name == name:
                return person
        self._last_person += 1
        person = User(self._last_person, name, username or _username(name), language_code)
        self.people[person.id] = person
        self.chats[person.id] = Chat(person.id, "private", person)
        return person

    def group(self, title: str, members: list[int], *, supergroup: bool = False) -> Chat:
        """A new group with the bot and these people in it; the first of them owns it."""
        self._last_group += 1
        kind: ChatType = "supergroup" if supergroup else "group"
        chat = Chat(-1_000_000_000_000 - self._last_group if supergroup else -self._last_group, kind)
        chat.title = title
        chat.members = {who: "creator" if i == 0 else "member" for i, who in enumerate(members)}
        chat.members[self.bot.id] = "member"
        self.chats[chat.id] = chat
        return chat

    def migrate(self, old: Chat) -> Chat:
        """The supergroup that the group becomes; its members come along, its messages stay behind."""
        self._last_group += 1
        new = Chat(-1_000_000_000_000 - self._last_group, "supergroup", title=old.title)
        new.members = dict(old.members)
        self.chats[new.id] = new
        old.moved_to = new.id
        return new

    def chat(self, chat_id: int | str) -> Chat:
        """The chat by its id or @username. Raises `Refusal`."""
        if isinstance(chat_id, str) and chat_id.startswith("@"):
            found = [p.id for p in self.people.values() if p.username == chat_id[1:]]
            chat_id = found[0] if found else 0
        chat = self.chats.get(int(chat_id)) if str(chat_id).lstrip("-").isdigit() else None
        if chat is None:
            raise bad_request("chat not found")
        return chat

    def writable(self, chat_id: int | str) -> Chat:
        """The chat, if the bot may write there. Raises `Refusal` with Telegram's reason when it may not."""
        chat = self.chat(chat_id)
        if chat.moved_to is not None:
            raise migrated(chat.moved_to)
        if chat.deleted:
            raise forbidden("the group chat was deleted")
        person = chat.person
        if person is None:
            self._may_write_to_group(chat)
        elif person.deactivated:
            raise forbidden("user is deactivated")
        elif person.blocked:
            raise forbidden("bot was blocked by the user")
        elif not person.started:
            raise forbidden("bot can't initiate conversation with a user")
        return chat

    def _may_write_to_group(self, chat: Chat) -> None:
        status = chat.members.get(self.bot.id)
        if status == "kicked":
            raise forbidden(f"bot was kicked from the {chat.type} chat")
        if status is None or status == "left":
            raise forbidden(f"bot is not a member of the {chat.type} chat")

    def add(self, chat: Chat, sender: User, now: datetime, content: JsonObject) -> Message:
        """Put a message into the chat."""
        if chat.type == "supergroup":
            chat.last_id += 1
            number = chat.last_id
        else:
            self._last_message += 1
            number = self._last_message
        body: JsonObject = {
            "message_id": number,
            "from": sender.as_json(),
            "chat": chat.as_json(),
            "date": int(now.timestamp()),
            **content,
        }
        message = Message(number, chat.id, sender.id == self.bot.id, body, body, sent_at=now)
        chat.messages[number] = message
        chat.revision += 1
        return message

    def edit(self, chat: Chat, message: Message, now: datetime, body: JsonObject) -> None:
        """Give the message another body."""
        message.body = {**body, "edit_date": int(now.timestamp())}
        message.edits += 1
        chat.revision += 1

    def delete(self, chat: Chat, message: Message) -> None:
        """Take the message away; what was delivered stays on record."""
        message.deleted = True
        chat.revision += 1

    def everything(self) -> Iterator[Message]:
        """Every message, chat by chat."""
        for chat in self.chats.values():
            yield from chat.messages.values()


def _username(name: str) -> str:
    plain = "".join(c for c in name.lower() if c.isascii() and c.isalnum())
    return f"{plain or 'person'}_sim"
