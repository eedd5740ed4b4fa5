"""What people do: each deed changes the world and queues the update that the bot gets."""

from tgbot.simulator.clock_port import JsonObject
from tgbot.simulator.entities import typed
from tgbot.simulator.queries import Query
from tgbot.simulator.telegram import Telegram
from tgbot.simulator.world import Chat, Message, User


class Impossible(Exception):  # noqa: N818 – it is no error of ours
    """A person cannot do that; the words say why. The control API answers 409."""


def lane(chat: Chat) -> str:
    """Webhooks keep the order of one chat's messages."""
    return f"chat:{chat.id}"


def say(
    tg: Telegram, person: User, chat: Chat, content: JsonObject, reply_to: int | None = None
) -> JsonObject:
    """Send a message of this content (posts.py). The message, and the update's id (0: the bot gets none)."""
    able(person, chat)
    if chat.type == "private":
        person.started = True
    if "text" in content:
        text, entities = typed(content["text"])
        if not text:
            raise Impossible("an empty message cannot be sent")
        content = {"text": text, **({"entities": entities} if entities else {})}
    if reply_to is not None and (message := chat.alive(reply_to)):
        content["reply_to_message"] = {k: v for k, v in message.body.items() if k != "reply_to_message"}
    sent = tg.send(chat, person, content)
    update_id = tg.updates.add("message", sent.body, lane(chat)) if _reaches_bot(tg, chat, sent.body) else 0
    return {"message": sent.body, "update_id": update_id}


def able(person: User, chat: Chat) -> None:
    """Raises `Impossible` when the person cannot write there."""
    if person.deactivated:
        raise Impossible(f"{person.first_name}'s account is deleted")
    if chat.type == "private" and chat.id != person.id:
        raise Impossible(f"{person.first_name} is not in this chat")
    if chat.type == "private" and person.blocked:
        raise Impossible(f"{person.first_name} has blocked the bot")
    if chat.moved_to is not None or chat.deleted:
        raise Impossible("this group is no more")
    if chat.type != "private" and not chat.has(person.id):
        raise Impossible(f"{person.first_name} is not in this group")


def _reaches_bot(tg: Telegram, chat: Chat, body: JsonObject) -> bool:
    """In groups a bot sees commands, mentions of itself and answers to itself (privacy mode)."""
    if chat.type == "private":
        return True
    if not chat.has(tg.world.bot.id):
        return False
    text: str = body.get("text") or body.get("caption") or ""
    command = text.split(maxsplit=1)[0] if text.startswith("/") else ""
    if "@" in command:
        return command.lower().endswith(f"@{tg.world.bot.username}".lower())
    answered = body.get("reply_to_message", {}).get("from", {}).get("id") == tg.world.bot.id
    return bool(command) or answered or f"@{tg.world.bot.username}" in text


def edit(tg: Telegram, person: User, chat: Chat, message_id: int, text: str) -> JsonObject:
    """Change one's own message."""
    message = chat.alive(message_id)
    if message is None or message.body["from"]["id"] != person.id or "text" not in message.body:
        raise Impossible("only one's own text messages can be edited")
    new, entities = typed(text)
    body = {k: v for k, v in message.body.items() if k not in ("text", "entities")} | {"text": new}
    if entities:
        body["entities"] = entities
    tg.world.edit(chat, message, tg.clock.now(), body)
    tg.tell("edited", chat, message)
    heard = _reaches_bot(tg, chat, message.body)
    update_id = tg.updates.add("edited_message", message.body, lane(chat)) if heard else 0
    return {"message": message.body, "update_id": update_id}


def tap(tg: Telegram, person: User, chat: Chat, message_id: int, data: str) -> Query:
    """Tap an inline button. Nobody checks the data: an old or a forged one arrives as well."""
    able(person, chat)
    message = chat.messages.get(message_id)
    if message is None:
        raise Impossible("there is no such message")
    body: JsonObject = {"from": person.as_json(), "chat_instance": f"{chat.id}{person.id}", "data": data}
    inline_id = _inline_id(tg, chat, message)
    if inline_id is not None:
        body["inline_message_id"] = inline_id
    elif message.deleted:
        body["message"] = {"chat": chat.as_json(), "message_id": message.id, "date": 0}
    else:
        body["message"] = message.body
    query = Query(
        f"{person.id}{tg.world.serial():010d}", person.id, tg.clock.now(), chat.id, message.id, inline_id
    )
    query.update_id = tg.updates.add("callback_query", {"id": query.id, **body}, f"person:{person.id}")
    return tg.taps.ask(query)


def _inline_id(tg: Telegram, chat: Chat, message: Message) -> str | None:
    return next((k for k, where in tg.inline_messages.items() if where == (chat.id, message.id)), None)


def set_blocked(tg: Telegram, person: User, *, blocked: bool) -> int:
    """Block the bot, or let it in again. The update's id."""
    if person.blocked == blocked:
        return 0
    chat = tg.world.chats[person.id]
    person.blocked = blocked
    tg.events.publish("person", {"person_id": person.id})
    return _bot_member_changed(
        tg, chat, person, "kicked" if not blocked else "member", "kicked" if blocked else "member"
    )


def _bot_member_changed(tg: Telegram, chat: Chat, by: User, old: str, new: str) -> int:
    def as_member(status: str) -> JsonObject:
        extra: JsonObject = {"until_date": 0} if status == "kicked" else {}
        return {"user": tg.world.bot.as_json(), "status": status, **extra}

    body = {
        "chat": chat.as_json(),
        "from": by.as_json(),
        "date": int(tg.clock.now().timestamp()),
        "old_chat_member": as_member(old),
        "new_chat_member": as_member(new),
    }
    return tg.updates.add("my_chat_member", body, lane(chat))


def set_bot_in_group(tg: Telegram, person: User, chat: Chat, *, status: str) -> int:
    """Add the bot ("member"), make it "administrator", remove it ("left") or ban it ("kicked")."""
    old = chat.members.get(tg.world.bot.id, "left")
    chat.members[tg.world.bot.id] = status
    chat.revision += 1
    tg.events.publish("chat", {"chat_id": chat.id})
    if status == "administrator" or old == "administrator":
        return 0  # no rights are modelled, so none are reported
    return _bot_member_changed(tg, chat, person, old, status)


def leave(tg: Telegram, person: User, chat: Chat) -> int:
    """Leave a group."""
    able(person, chat)
    chat.members[person.id] = "left"
    update_id = _service(tg, person, chat, {"left_chat_member": person.as_json()})
    tg.events.publish("chat", {"chat_id": chat.id})
    return update_id


def join(tg: Telegram, person: User, chat: Chat) -> int:
    """Come into a group."""
    chat.members[person.id] = "member"
    update_id = _service(tg, person, chat, {"new_chat_members": [person.as_json()]})
    tg.events.publish("chat", {"chat_id": chat.id})
    return update_id


def migrate(tg: Telegram, person: User, chat: Chat) -> tuple[Chat, int]:
    """The group becomes a supergroup, and both say so; the new one, and the last update's id."""
    if chat.type != "group" or chat.moved_to is not None:
        raise Impossible("only a basic group can become a supergroup")
    new = tg.world.migrate(chat)
    _service(tg, person, chat, {"migrate_to_chat_id": new.id})
    update_id = _service(tg, person, new, {"migrate_from_chat_id": chat.id})
    tg.events.publish("chat", {"chat_id": chat.id})
    return new, update_id


def _service(tg: Telegram, person: User, chat: Chat, content: JsonObject) -> int:
    sent = tg.send(chat, person, content)
    if not chat.has(tg.world.bot.id):
        return 0
    return tg.updates.add("message", sent.body, lane(chat))
