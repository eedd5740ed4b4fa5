"""Telegram's rules for keyboards under a message."""

import re

from tgbot.simulator.clock_port import JsonObject
from tgbot.simulator.refusals import bad_request

MAX_ROW = 8
MAX_BUTTONS = 100
MAX_CALLBACK_DATA = 64
MAX_COPY_TEXT = 256
_ACTIONS = {
    "url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay",
}  # fmt: skip
_LINK = re.compile(
    r"(https?://|tg://)?[\w-]+(\.[\w-]+)+(:\d+)?([/?#]\S*)?|(tg|ton|tonsite)://\S+|https?://localhost\S*"
)


def checked(markup: JsonObject | None) -> JsonObject | None:
    """The keyboard as the message will have it; None when nothing is left. Raises `Refusal`."""
    if markup is None:
        return None
    if "inline_keyboard" in markup:
        return _inline(markup["inline_keyboard"])
    if "keyboard" in markup:
        _reply(markup["keyboard"])
    if len(markup.get("input_field_placeholder", "")) > 64:
        raise bad_request("input field placeholder is too long")
    return markup


def only_inline(markup: JsonObject | None) -> JsonObject | None:
    """For edits and inline results, which may have no other keyboard."""
    if markup is not None and "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")
    return checked(markup)


def _inline(rows: list[list[JsonObject]]) -> JsonObject | None:
    rows = [row for row in rows if row]
    _sizes(rows)
    for row in rows:
        for button in row:
            _inline_button(button)
    return {"inline_keyboard": rows} if rows else None


def _sizes(rows: list[list[JsonObject]]) -> None:
    if sum(map(len, rows)) > MAX_BUTTONS or any(len(row) > MAX_ROW for row in rows):
        raise bad_request("REPLY_MARKUP_TOO_LONG")


def _inline_button(button: JsonObject) -> None:
    if not button["text"].strip():
        raise bad_request(
            "can't parse inline keyboard button: Text of an inline keyboard button can't be empty"
        )
    actions = _ACTIONS & set(button)
    if not actions:
        raise bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    if len(actions) > 1:
        raise bad_request("can't parse inline keyboard button: exactly one optional field must be used")
    if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= MAX_CALLBACK_DATA:
        raise bad_request("BUTTON_DATA_INVALID")
    if "url" in button and not _LINK.fullmatch(button["url"]):
        raise bad_request(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")
    if "copy_text" in button and not 1 <= len(button["copy_text"]["text"]) <= MAX_COPY_TEXT:
        raise bad_request("BUTTON_COPY_TEXT_INVALID")


def _reply(rows: list[list[JsonObject]]) -> None:
    _sizes(rows)
    if any(not button["text"].strip() for row in rows for button in row):
        raise bad_request("can't parse keyboard button: Text of a keyboard button can't be empty")
