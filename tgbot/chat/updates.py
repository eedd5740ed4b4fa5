"""What Telegram brings, read once from the raw update into one frozen value of its kind.

Whoever brought it – a poll, the webhook, a test – reads it here, and nobody looks at the raw update again.
Only what is needed is read, and only its absence makes an update unreadable: a quote without a position or a
poll of an old shape beside the words must not silence a warning sign.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from tgbot.finder.finding import Finding, Foreign, Unknown, Urgent

Json = dict[str, Any]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# What a person can send that is not text. Everything else beside a text is a service message.
_CONTENT = [
    "animation",
    "audio",
    "checklist",
    "contact",
    "dice",
    "document",
    "game",
    "live_photo",
    "location",
    "paid_media",
    "photo",
    "poll",
    "rich_message",
    "sticker",
    "story",
    "venue",
    "video",
    "video_note",
    "voice",
]
_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,64})(?:@([A-Za-z0-9_]{3,32}))?(?![\w@/<>])", re.ASCII)


class TypedText:
    """What somebody typed, and what the finder makes of it: found once, when somebody first looks."""

    __slots__ = ("_find", "_finding", "text")

    def __init__(self, text: str = "", find: Callable[[str], Finding] = lambda _: Unknown()) -> None:
        self.text = text
        self._find = find
        self._finding: Finding | None = None

    @property
    def finding(self) -> Finding:
        if self._finding is None:
            self._finding = self._find(self.text)
        return self._finding

    @property
    def signs(self) -> tuple[str, ...]:
        """The warning signs in it; a bare score, as after /pain, holds none."""
        if not any(map(str.isalpha, self.text)):
            return ()
        match self.finding:
            case Urgent(signs=signs):
                return signs
            case Foreign(sign=str(sign)):
                return (sign,)
            case _:
                return ()


@dataclass(frozen=True, slots=True)
class RepliedTo:
    """The message that this one replies to. `ours` when the bot wrote it."""

    message_id: int
    text: str
    ours: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateBase:
    """`kind` is Telegram's name for it. `lane` is whose turn it takes: updates of one lane stay in order."""

    update_id: int
    kind: str
    lane: int

    @property
    def overtakes(self) -> bool:
        """Whether it is answered before what came earlier in its lane: an emergency is."""
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingMessage(UpdateBase):
    """A message, new or changed later (`edited`).

    `typed` is the text, or the caption, without our name; after a `command` of ours, what follows it.
    `unknown_command`: it begins with a slash, and with no command of ours. `addressed`: it is meant for us,
    as everything in a private chat is. `content` is what else there is in it: "photo", "voice"; "" for a text
    alone and for service messages. `album` is the same in all messages of an album. `topic` is the part of
    the chat in which it was written.
    """

    person_id: int
    chat_id: int
    private: bool
    message_id: int
    typed: TypedText = field(compare=False)
    edited: bool = False
    command: str = ""
    unknown_command: bool = False
    addressed: bool = True
    content: str = ""
    album: str = ""
    topic: int | None = None
    replied_to: RepliedTo | None = None

    @property
    def wordless(self) -> bool:
        """A picture, a voice message and the like, with nothing typed."""
        return bool(self.content) and not self.typed.text and not self.command

    @property
    def may_be_answered(self) -> bool:
        """A change is only answered in a private chat, and when a warning sign has come into it."""
        if self.edited:
            return self.private and bool(self.typed.text)
        return self.addressed

    @property
    def overtakes(self) -> bool:
        return self.may_be_answered and bool(self.typed.signs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tap(UpdateBase):
    """Somebody pressed a button. `message_id` is None under a message that was shared by inline mode."""

    query_id: str
    data: str
    person_id: int
    chat_id: int
    private: bool
    message_id: int | None
    topic: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InlineQuery(UpdateBase):
    """Somebody types `@bot words` in any chat."""

    query_id: str
    person_id: int
    typed: TypedText = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipChange(UpdateBase):
    """The bot was added, removed, blocked or let in again. `status` is what it is now."""

    person_id: int
    private: bool
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoredUpdate(UpdateBase):
    """A kind that is not answered, on purpose: channel posts, members coming and going, reactions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableUpdate(UpdateBase):
    """What a known kind cannot do without is not there; `error` names what."""

    error: str


Update = IncomingMessage | Tap | InlineQuery | MembershipChange | IgnoredUpdate | UnreadableUpdate


class ReadsUpdates(Protocol):
    """An UpdateReader, or whoever stands for the one in use."""

    def read(self, raw: Json) -> Update: ...


class UpdateSource(Protocol):
    """What brings the updates: polling, or the webhook."""

    async def run(self) -> None:
        """Until cancelled."""


def number_of(raw: Json) -> int:
    """The update's id. Raises KeyError, TypeError or ValueError for what is no update at all."""
    return int(raw["update_id"])


class UpdateReader:
    """Reads updates for the bot with this id and name, which knows these `commands`. `find` is the finder;
    `dated` is told when each new message was written, by Telegram's clock."""

    def __init__(
        self,
        bot_id: int,
        username: str,
        commands: Collection[str],
        find: Callable[[str], Finding],
        dated: Callable[[datetime], None] = lambda _: None,
    ) -> None:
        self._bot_id = bot_id
        self._username = username.lower()
        self._mention = re.compile(rf"(?<!\w)@{re.escape(username)}(?!\w)", re.IGNORECASE)
        self._commands = frozenset(commands)
        self._find = find
        self._dated = dated

    def read(self, raw: Json) -> Update:
        """Anything with an update id becomes a value. Raises as `number_of` for what has none."""
        number = number_of(raw)
        kind = next((name for name in raw if name != "update_id"), "")
        try:
            return self._read(number, kind, raw.get(kind))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            return UnreadableUpdate(
                update_id=number, kind=kind, lane=_lane(raw.get(kind)), error=type(error).__name__
            )

    def _read(self, number: int, kind: str, body: Any) -> Update:
        match kind:
            case "callback_query":
                return _tap(number, body)
            case "message" | "edited_message":
                return self._message(number, kind, body)
            case "inline_query":
                typed = TypedText(_text(body.get("query")), self._find)
                person_id = _whole(body["from"]["id"])
                return InlineQuery(
                    update_id=number,
                    kind=kind,
                    lane=person_id,
                    query_id=str(body["id"]),
                    person_id=person_id,
                    typed=typed,
                )
            case "my_chat_member":
                return MembershipChange(
                    update_id=number,
                    kind=kind,
                    lane=_whole(body["chat"]["id"]),
                    person_id=_whole(body["from"]["id"]),
                    private=body["chat"].get("type") == "private",
                    status=_text(body["new_chat_member"]["status"]),
                )
            case _:
                return IgnoredUpdate(update_id=number, kind=kind, lane=_lane(body))

    def _message(self, number: int, kind: str, body: Json) -> Update:
        chat_id = _whole(body["chat"]["id"])
        if kind == "message" and isinstance(body.get("date"), int):
            self._dated(_EPOCH + timedelta(seconds=body["date"]))
        if _object(body.get("via_bot")).get("id") == self._bot_id:  # our own answer, shared: no question
            return IgnoredUpdate(update_id=number, kind=kind, lane=chat_id)
        private = body["chat"].get("type") == "private"
        words = _text(body.get("text")) or _text(body.get("caption"))
        replied_to = self._replied_to(body)
        command, rest, for_us = self._command(words)
        named = bool(self._mention.search(words))
        if command:
            text = " ".join(rest.split())
        else:
            text = words if private else self._mention.sub(" ", words).strip()
        return IncomingMessage(
            update_id=number,
            kind=kind,
            lane=chat_id,
            person_id=_whole(_object(body.get("from")).get("id", chat_id)),
            chat_id=chat_id,
            private=private,
            message_id=_whole(body["message_id"]),
            typed=TypedText(text, self._find),
            edited=kind == "edited_message",
            command=command,
            unknown_command=for_us is not None and not command,
            addressed=private or bool(command) or named or (replied_to is not None and replied_to.ours),
            content=next((name for name in _CONTENT if name in body), ""),
            album=_text(body.get("media_group_id")),
            topic=_topic(body),
            replied_to=replied_to,
        )

    def _command(self, words: str) -> tuple[str, str, bool | None]:
        """The command of ours at the beginning, what follows it, and whether it is for us; None for none."""
        found = _COMMAND.match(words)
        if found is None:
            return "", "", None
        name, addressee = found[1].lower(), found[2]
        for_us = addressee is None or addressee.lower() == self._username
        return (name if for_us and name in self._commands else ""), words[found.end() :], for_us

    def _replied_to(self, body: Json) -> RepliedTo | None:
        message = _object(body.get("reply_to_message"))
        number = message.get("message_id")
        if not isinstance(number, int) or "forum_topic_created" in message:  # how a topic's messages begin
            return None
        text = _text(message.get("text")) or _text(message.get("caption"))
        return RepliedTo(number, text, _object(message.get("from")).get("id") == self._bot_id)


def _tap(number: int, body: Json) -> Tap:
    person_id = _whole(body["from"]["id"])
    message: Json = body.get("message") or {}
    chat: Json = message["chat"] if message else {"id": person_id, "type": ""}
    return Tap(
        update_id=number,
        kind="callback_query",
        lane=person_id,
        query_id=body["id"],
        data=body.get("data", ""),
        person_id=person_id,
        chat_id=chat["id"],
        private=chat["type"] == "private",
        message_id=message["message_id"] if message else None,
        topic=_topic(message),
    )


def _topic(message: Json) -> int | None:
    """Where an answer belongs. (Without the mark the number only says which thread of replies it is in.)"""
    thread = message.get("message_thread_id") if message.get("is_topic_message") else None
    return thread if isinstance(thread, int) else None


def _lane(body: object) -> int:
    """For what is not read: the chat's, else the person's, as far as they can be told."""
    content = _object(body)
    whose = _object(content.get("chat") or content.get("from") or content.get("user"))
    number = whose.get("id")
    return number if isinstance(number, int) else 0


def _object(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _whole(value: object) -> int:
    """Raises TypeError for what is no whole number."""
    if not isinstance(value, int):
        raise TypeError("not a whole number")
    return value
