"""getUpdates, raw: PTB reads a whole batch or nothing, and logs people's words when it cannot read one."""

from dataclasses import dataclass
from typing import Any, Self

from aiohttp import ClientTimeout
from telegram import Update
from telegram.error import NetworkError

from tgbot.chat.calls import Bot, line_of

KINDS = frozenset(Update.ALL_TYPES)
Json = dict[str, Any]
Raw = Json


async def fetch(
    bot: Bot, offset: int | None, seconds: int, *, limit: int = 100, patience: float = 10.0
) -> list[Raw]:
    """One poll: acknowledges what is below `offset`, waits `seconds` for updates and `patience` more for the
    answer and between two pieces of it: a hundred long messages may come slowly. Raises TelegramError."""
    wanted: dict[str, object] = {"timeout": seconds, "limit": limit, "allowed_updates": Update.ALL_TYPES}
    if offset is not None:
        wanted["offset"] = offset
    within = ClientTimeout(
        total=seconds + 5 * patience, connect=patience, sock_connect=patience, sock_read=seconds + patience
    )
    updates = await line_of(bot).call(f"{bot.base_url}/getUpdates", wanted, within)
    try:
        return sorted((dict(update) for update in updates), key=number_of)
    except (ValueError, KeyError, TypeError):
        raise NetworkError("getUpdates was answered with something else") from None


@dataclass(frozen=True, slots=True)
class Tap:
    """Somebody pressed a button. `message_id` is None under a message that was shared by inline mode."""

    query_id: str
    data: str
    person_id: int
    chat_id: int
    private: bool
    message_id: int | None
    topic: int | None = None

    @classmethod
    def read(cls, query: Json) -> Self:
        """The callback query, as it came. Raises KeyError or TypeError for what is none."""
        person_id = query["from"]["id"]
        message = query.get("message") or {}
        chat = message["chat"] if message else {"id": person_id, "type": ""}
        return cls(
            query["id"],
            query.get("data", ""),
            person_id,
            chat["id"],
            chat["type"] == "private",
            message["message_id"] if message else None,
            message.get("message_thread_id") if message.get("is_topic_message") else None,
        )


def number_of(raw: Raw) -> int:
    """The update's id. Raises KeyError for what is no update at all."""
    return int(raw["update_id"])


def kind_of(raw: Raw) -> str:
    """What kind of update it is: "message", "callback_query" and so on."""
    return next((name for name in raw if name in KINDS), "unknown")


def lane(raw: Raw) -> int:
    """Whose turn it takes: the person's, except in groups, where it is the chat's. (Taps: the person's.)"""
    content = raw.get(kind_of(raw))
    if not isinstance(content, dict):
        return 0
    whose = content.get("chat") or content.get("from") or content.get("user")
    number = whose.get("id") if isinstance(whose, dict) else None
    return number if isinstance(number, int) else 0


def words_of(message: Json) -> str:
    """What somebody wrote, be it a text or under a picture."""
    words = message.get("text") or message.get("caption")
    return words if isinstance(words, str) else ""
