"""sendMessage, sendChatAction, deleteMessage(s), copyMessage, forwardMessage."""

from tgbot.simulator.clock_port import JsonObject
from tgbot.simulator.files import Uploads
from tgbot.simulator.keyboards import checked
from tgbot.simulator.refusals import bad_request
from tgbot.simulator.telegram import Telegram
from tgbot.simulator.world import Chat, Message

ACTIONS = {
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice",
    "upload_document", "choose_sticker", "find_location", "record_video_note", "upload_video_note",
}  # fmt: skip
DELETABLE_SECONDS = 48 * 3600
_OWN = ("message_id", "from", "chat", "date", "edit_date", "reply_to_message", "reply_markup", "via_bot")


def with_markup(content: JsonObject, markup: JsonObject | None) -> JsonObject:
    """The content with its inline keyboard: other keyboards are not part of the message's JSON."""
    if markup is not None and "inline_keyboard" in markup:
        return {**content, "reply_markup": markup}
    return content


def send_message(tg: Telegram, p: JsonObject, uploads: Uploads) -> JsonObject:
    """A text message."""
    text, entities = tg.formatted(p["text"], p.get("parse_mode"), p.get("entities"))
    markup = checked(p.get("reply_markup"))
    content: JsonObject = {"text": text}
    if entities:
        content["entities"] = entities
    if p.get("link_preview_options"):
        content["link_preview_options"] = p["link_preview_options"]
    body = tg.deliver(p, with_markup(content, markup))
    show_keyboard(tg, p, markup)
    return body


def show_keyboard(tg: Telegram, p: JsonObject, markup: JsonObject | None) -> None:
    """A reply keyboard belongs to the chat and not to the message; the page shows it under the input."""
    if markup is not None and "inline_keyboard" not in markup:
        chat = tg.world.chat(p["chat_id"])
        chat.keyboard = None if markup.get("remove_keyboard") else markup
        tg.events.publish("keyboard", {"chat_id": chat.id, "keyboard": chat.keyboard})


def send_chat_action(tg: Telegram, p: JsonObject, uploads: Uploads) -> bool:
    """ "… is typing"."""
    if p["action"].lower() not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat = tg.world.writable(p["chat_id"])
    tg.events.publish("action", {"chat_id": chat.id, "action": p["action"]})
    return True


def delete_message(tg: Telegram, p: JsonObject, uploads: Uploads) -> bool:
    """Take a message away: any of a private chat, its own in a group; for 48 hours."""
    chat = tg.world.writable(p["chat_id"])
    message = chat.alive(p["message_id"])
    if message is None:
        raise bad_request("message to delete not found")
    if not _deletable(tg, chat, message):
        raise bad_request("message can't be deleted")
    tg.world.delete(chat, message)
    tg.tell("deleted", chat, message)
    return True


def delete_messages(tg: Telegram, p: JsonObject, uploads: Uploads) -> bool:
    """Take 1 to 100 messages away; those that cannot be found are passed over."""
    chat = tg.world.writable(p["chat_id"])
    if not 1 <= len(p["message_ids"]) <= 100:
        raise bad_request("message identifiers are not specified" if not p["message_ids"] else "too many")
    for number in p["message_ids"]:
        message = chat.alive(number)
        if message is not None and _deletable(tg, chat, message):
            tg.world.delete(chat, message)
            tg.tell("deleted", chat, message)
    return True


def _deletable(tg: Telegram, chat: Chat, message: Message) -> bool:
    if tg.clock.now().timestamp() - message.body["date"] >= DELETABLE_SECONDS:
        return False
    admin = chat.members.get(tg.world.bot.id) in ("administrator", "creator")
    return chat.type == "private" or message.from_bot or admin


def _source(tg: Telegram, p: JsonObject, words: str) -> Message:
    message = tg.world.chat(p["from_chat_id"]).alive(p["message_id"])
    if message is None:
        raise bad_request(f"message to {words} not found")
    return message


def copy_message(tg: Telegram, p: JsonObject, uploads: Uploads) -> JsonObject:
    """The same content as a message of the bot's own; the answer is only its id."""
    source = _source(tg, p, "copy")
    content = {k: v for k, v in source.body.items() if k not in _OWN}
    if "caption" in p and "text" not in content:
        text, entities = tg.formatted(
            p["caption"], p.get("parse_mode"), p.get("caption_entities"), caption=True
        )
        content |= {"caption": text, "caption_entities": entities}
    markup = checked(p.get("reply_markup"))
    return {"message_id": tg.deliver(p, with_markup(content, markup))["message_id"]}


def forward_message(tg: Telegram, p: JsonObject, uploads: Uploads) -> JsonObject:
    """The same content with its origin."""
    source = _source(tg, p, "forward")
    if source.body.get("has_protected_content"):
        raise bad_request("message has protected content and can't be forwarded")
    content = {k: v for k, v in source.body.items() if k not in _OWN}
    origin = {"type": "user", "sender_user": source.body["from"], "date": source.body["date"]}
    return tg.deliver(p, {**content, "forward_origin": origin})
