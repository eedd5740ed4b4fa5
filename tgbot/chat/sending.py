"""Screens and files as Telegram takes them: the one place that turns our plain data into its arguments."""

from typing import TypedDict

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.constants import ParseMode

from tgbot.render.buttons import pack
from tgbot.render.screen import Key, Link, Screen

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class Message(TypedDict):
    """The arguments that sending and editing a text share."""

    text: str
    parse_mode: str
    reply_markup: InlineKeyboardMarkup | None
    link_preview_options: LinkPreviewOptions


def message_of(screen: Screen) -> Message:
    """The arguments of sendMessage and editMessageText for this screen."""
    return {
        "text": screen.text,
        "parse_mode": ParseMode.HTML,
        "reply_markup": markup_of(screen),
        "link_preview_options": _NO_PREVIEW,
    }


def markup_of(screen: Screen) -> InlineKeyboardMarkup | None:
    """The screen's buttons as an inline keyboard; none for a screen without buttons."""
    rows = [[_button(key) for key in row] for row in screen.rows if row]
    return InlineKeyboardMarkup(rows) if rows else None


def _button(key: Key | Link) -> InlineKeyboardButton:
    if isinstance(key, Link):
        return InlineKeyboardButton(key.text, url=key.url)
    return InlineKeyboardButton(key.text, callback_data=pack(key.press))
