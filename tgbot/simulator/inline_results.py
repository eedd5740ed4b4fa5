"""Inline mode from the person's side: asking `@bot …` in any chat, and choosing one of the results."""

from tgbot.simulator.actions import Impossible, able, lane
from tgbot.simulator.clock_port import JsonObject
from tgbot.simulator.methods.inline_methods import content_of
from tgbot.simulator.queries import Query
from tgbot.simulator.telegram import Telegram
from tgbot.simulator.world import Chat, User

MAX_QUERY = 256
_CHAT_TYPES = {"private": "sender", "group": "group", "supergroup": "supergroup"}


def ask(tg: Telegram, person: User, chat: Chat, text: str, offset: str = "") -> Query:
    """Type `@bot text`."""
    query = Query(
        f"{person.id}{tg.world.serial():010d}", person.id, tg.clock.now(), chat.id, text=text[:MAX_QUERY]
    )
    body = {
        "id": query.id,
        "from": person.as_json(),
        "query": query.text,
        "offset": offset,
        "chat_type": _CHAT_TYPES[chat.type],
    }
    query.update_id = tg.updates.add("inline_query", body, f"inline:{person.id}")
    return tg.inline.ask(query)


def choose(tg: Telegram, person: User, chat: Chat, query_id: str, result_id: str) -> JsonObject:
    """Send one of the results; the bot hears which it was, and may edit the message by its inline id."""
    able(person, chat)
    query = tg.inline.asked.get(query_id)
    results = (query.answer or {}).get("results", []) if query is not None else []
    chosen = next((result for result in results if result["id"] == result_id), None)
    if query is None or query.person_id != person.id or chosen is None:
        raise Impossible("there is no such result")
    sent = tg.send(chat, person, {**content_of(tg, chosen), "via_bot": tg.world.bot.as_json()})
    body: JsonObject = {"result_id": result_id, "from": person.as_json(), "query": query.text}
    if "reply_markup" in sent.body:
        body["inline_message_id"] = f"AgAA{chat.id}_{sent.id}"
        tg.inline_messages[body["inline_message_id"]] = (chat.id, sent.id)
    update_id = tg.updates.add("chosen_inline_result", body, f"inline:{person.id}")
    if chat.type == "private":
        person.started = True
        update_id = tg.updates.add("message", sent.body, lane(chat)) or update_id
    return {"message": sent.body, "update_id": update_id}
