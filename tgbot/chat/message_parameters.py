"""Screens as Telegram takes them: the one place that turns our plain data into its parameters."""

from functools import lru_cache

import orjson

from tgbot.chat.request import Request
from tgbot.screens.buttons import pack
from tgbot.screens.screen import Key, KeyRow, Link, Screen

KEYBOARDS = 1_000  # kept ready: all of the pack's, and some of people's own

Parameters = dict[str, object]


def place_of(request: Request) -> Parameters:
    """Where a reply belongs: the chat, and the topic in which it was asked for."""
    place: Parameters = {"chat_id": request.chat_id}
    if request.topic is not None:
        place["message_thread_id"] = request.topic
    return place


def message_of(screen: Screen) -> Parameters:
    """What sendMessage and editMessageText say of this screen."""
    message: Parameters = {
        "text": screen.text,
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }
    if any(screen.rows):
        message["reply_markup"] = keyboard_of(screen.rows)
    elif screen.placeholder:
        message["reply_markup"] = {"force_reply": True, "input_field_placeholder": screen.placeholder}
    return message


@lru_cache(maxsize=KEYBOARDS)
def keyboard_of(rows: tuple[KeyRow, ...]) -> orjson.Fragment:
    """An inline keyboard as JSON. The pack's screens never change: each of theirs is made once."""
    keys = [[_button(key) for key in row] for row in rows if row]
    return orjson.Fragment(orjson.dumps({"inline_keyboard": keys}))


def _button(key: Key | Link) -> dict[str, str]:
    if isinstance(key, Link):
        return {"text": key.text, "url": key.url}
    return {"text": key.text, "callback_data": pack(key.press)}
