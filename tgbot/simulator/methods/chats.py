"""getChat and its kin, leaveChat, pinning."""

from tgbot.simulator.clock_port import JsonObject
from tgbot.simulator.files import Uploads
from tgbot.simulator.refusals import bad_request
from tgbot.simulator.telegram import Telegram
from tgbot.simulator.world import Chat, User

_GIFTS = {
    "unlimited_gifts": True,
    "limited_gifts": True,
    "unique_gifts": True,
    "premium_subscription": True,
    "gifts_from_channels": True,
}
_PERMISSIONS = (
    "can_send_messages", "can_send_audios", "can_send_documents", "can_send_photos", "can_send_videos",
    "can_send_video_notes", "can_send_voice_notes", "can_send_polls", "can_send_other_messages",
    "can_add_web_page_previews", "can_change_info", "can_invite_users", "can_pin_messages",
    "can_manage_topics",
)  # fmt: skip
_RIGHTS = (
    "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats",
    "can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users",
    "can_post_stories", "can_edit_stories",
    "can_delete_stories",
)  # fmt: skip


def get_chat(tg: Telegram, p: JsonObject, uploads: Uploads) -> JsonObject:
    """A chat with all there is to know."""
    chat = tg.world.chat(p["chat_id"])
    full: JsonObject = {
        **chat.as_json(),
        "accent_color_id": abs(chat.id) % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": _GIFTS,
    }
    if chat.person is not None and chat.person.username:
        full["active_usernames"] = [chat.person.username]
    if chat.type != "private":
        full["permissions"] = dict.fromkeys(_PERMISSIONS, True)
    if chat.pinned and (message := chat.alive(chat.pinned[-1])):
        full["pinned_message"] = message.body
    return full


def _user(tg: Telegram, user_id: int) -> User:
    user = tg.world.bot if user_id == tg.world.bot.id else tg.world.people.get(user_id)
    if user is None:
        raise bad_request("user not found")
    return user


def member(tg: Telegram, chat: Chat, user_id: int) -> JsonObject:
    """A `ChatMember`."""
    user = _user(tg, user_id).as_json()
    status = "member" if chat.type == "private" else chat.members.get(user_id, "left")
    match status:
        case "creator":
            return {"status": status, "user": user, "is_anonymous": False}
        case "administrator":
            rights = {**dict.fromkeys(_RIGHTS, True), "is_anonymous": False}
            return {"status": status, "user": user, "can_be_edited": False, **rights}
        case "kicked":
            return {"status": status, "user": user, "until_date": 0}
        case _:
            return {"status": status, "user": user}


def get_chat_member(tg: Telegram, p: JsonObject, uploads: Uploads) -> JsonObject:
    """What somebody is in a chat."""
    chat = tg.world.chat(p["chat_id"])
    if chat.type == "private" and p["user_id"] not in (chat.id, tg.world.bot.id):
        raise bad_request("user not found")
    return member(tg, chat, p["user_id"])


def get_chat_member_count(tg: Telegram, p: JsonObject, uploads: Uploads) -> int:
    """How many are in a chat, the bot counted."""
    chat = tg.world.chat(p["chat_id"])
    if chat.type == "private":
        return 2
    return sum(map(chat.has, chat.members))


def get_chat_administrators(tg: Telegram, p: JsonObject, uploads: Uploads) -> list[JsonObject]:
    """Who runs a group."""
    chat = tg.world.chat(p["chat_id"])
    if chat.type == "private":
        raise bad_request("there are no administrators in the private chat")
    return [
        member(tg, chat, user_id)
        for user_id, status in chat.members.items()
        if status in ("creator", "administrator") and (user_id != tg.world.bot.id or p.get("return_bots"))
    ]


def leave_chat(tg: Telegram, p: JsonObject, uploads: Uploads) -> bool:
    """The bot goes."""
    chat = tg.world.writable(p["chat_id"])
    if chat.type == "private":
        raise bad_request("chat member status can't be changed in private chats")
    chat.members[tg.world.bot.id] = "left"
    chat.revision += 1
    tg.events.publish("chat", {"chat_id": chat.id})
    return True


def pin_chat_message(tg: Telegram, p: JsonObject, uploads: Uploads) -> bool:
    """Pin a message."""
    chat = tg.world.writable(p["chat_id"])
    message = chat.alive(p["message_id"])
    if message is None:
        raise bad_request("message to pin not found")
    chat.pinned.append(message.id)
    tg.events.publish("chat", {"chat_id": chat.id})
    return True


def unpin_chat_message(tg: Telegram, p: JsonObject, uploads: Uploads) -> bool:
    """Unpin one message, or the last that was pinned."""
    chat = tg.world.writable(p["chat_id"])
    number = p.get("message_id", chat.pinned[-1] if chat.pinned else 0)
    if number not in chat.pinned:
        raise bad_request("message to unpin not found")
    chat.pinned.remove(number)
    tg.events.publish("chat", {"chat_id": chat.id})
    return True


def unpin_all_chat_messages(tg: Telegram, p: JsonObject, uploads: Uploads) -> bool:
    """Unpin everything."""
    chat = tg.world.writable(p["chat_id"])
    chat.pinned.clear()
    tg.events.publish("chat", {"chat_id": chat.id})
    return True
