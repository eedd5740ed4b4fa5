"""editMessageText, …Caption, …ReplyMarkup: what may be edited, and what counts as a change."""

from tgbot.simulator.clock_port import JsonObject
from tgbot.simulator.files import Uploads
from tgbot.simulator.keyboards import only_inline
from tgbot.simulator.refusals import bad_request
from tgbot.simulator.telegram import Telegram
from tgbot.simulator.world import Chat, Message

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


def target(tg: Telegram, p: JsonObject) -> tuple[Chat, Message]:
    """The message that is to be edited, if the bot may. Raises `Refusal`."""
    if "inline_message_id" in p:
        where = tg.inline_messages.get(p["inline_message_id"])
        if where is None:
            raise bad_request("MESSAGE_ID_INVALID")
        chat = tg.world.chats[where[0]]
        return chat, chat.messages[where[1]]
    if "chat_id" not in p:
        raise bad_request("chat_id is empty")
    if "message_id" not in p:
        raise bad_request("message identifier is not specified")
    chat = tg.world.writable(p["chat_id"])
    message = chat.alive(p["message_id"])
    if message is None:
        raise bad_request("message to edit not found")
    if not message.from_bot:
        raise bad_request("message can't be edited")
    return chat, message


def change(
    tg: Telegram, p: JsonObject, chat: Chat, message: Message, changes: JsonObject
) -> JsonObject | bool:
    """Apply the changes (None takes a field away), if there are any. Raises `Refusal` when there are none."""
    body = {k: v for k, v in message.body.items() if k not in changes}
    body |= {k: v for k, v in changes.items() if v is not None}
    if body == message.body:
        raise bad_request(NOT_MODIFIED)
    tg.world.edit(chat, message, tg.clock.now(), body)
    tg.tell("edited", chat, message)
    return True if "inline_message_id" in p else message.body


def edit_message_text(tg: Telegram, p: JsonObject, uploads: Uploads) -> JsonObject | bool:
    """Another text; without `reply_markup` the keyboard goes, as on Telegram."""
    text, entities = tg.formatted(p.get("text", ""), p.get("parse_mode"), p.get("entities"))
    markup = only_inline(p.get("reply_markup"))
    chat, message = target(tg, p)
    if "text" not in message.body:
        raise bad_request("there is no text in the message to edit")
    changes = {
        "text": text,
        "entities": entities or None,
        "reply_markup": markup,
        "link_preview_options": p.get("link_preview_options"),
    }
    return change(tg, p, chat, message, changes)


def edit_message_caption(tg: Telegram, p: JsonObject, uploads: Uploads) -> JsonObject | bool:
    """Another caption, or none."""
    text, entities = tg.formatted(
        p.get("caption", ""), p.get("parse_mode"), p.get("caption_entities"), caption=True
    )
    markup = only_inline(p.get("reply_markup"))
    chat, message = target(tg, p)
    if not {"photo", "document"} & set(message.body):
        raise bad_request("there is no caption in the message to edit")
    changes = {
        "caption": text or None,
        "caption_entities": entities or None,
        "reply_markup": markup,
        "show_caption_above_media": p.get("show_caption_above_media"),
    }
    return change(tg, p, chat, message, changes)


def edit_message_reply_markup(tg: Telegram, p: JsonObject, uploads: Uploads) -> JsonObject | bool:
    """Another keyboard, or none."""
    chat, message = target(tg, p)
    return change(tg, p, chat, message, {"reply_markup": only_inline(p.get("reply_markup"))})
