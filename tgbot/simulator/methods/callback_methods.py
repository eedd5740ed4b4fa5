"""answerCallbackQuery."""

from tgbot.simulator.clock_port import JsonObject
from tgbot.simulator.files import Uploads
from tgbot.simulator.formatting import utf16_length
from tgbot.simulator.refusals import bad_request
from tgbot.simulator.telegram import Telegram

MAX_ANSWER = 200


def answer_callback_query(tg: Telegram, p: JsonObject, uploads: Uploads) -> bool:
    """End a tap's waiting, with or without a word."""
    text = p.get("text", "")
    if utf16_length(text) > MAX_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    query = tg.taps.answer(
        p["callback_query_id"],
        {"text": text, "show_alert": p.get("show_alert", False), "url": p.get("url", "")},
    )
    chat = tg.world.chats.get(query.chat_id or 0)
    if chat is not None:
        chat.revision += 1
    tg.events.publish(
        "answered",
        {
            "query_id": query.id,
            "chat_id": query.chat_id,
            "person_id": query.person_id,
            **(query.answer or {}),
        },
    )
    return True
