"""What the bot says of itself: commands by scope and language, name, descriptions, menu button; getMe."""

import re
from collections.abc import Callable

from tgbot.simulator.clock_port import JsonObject
from tgbot.simulator.files import Uploads
from tgbot.simulator.profile import ScopeKey, localized
from tgbot.simulator.refusals import bad_request
from tgbot.simulator.telegram import Telegram

MAX_COMMANDS = 100
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LANGUAGE = re.compile(r"[a-z]{2}")


def get_me(tg: Telegram, p: JsonObject, uploads: Uploads) -> JsonObject:
    """The bot."""
    return {
        **tg.world.bot.as_json(),
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": True,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": False,
        "allows_users_to_create_topics": False,
        "can_manage_bots": False,
        "supports_guest_queries": False,
        "supports_join_request_queries": False,
    }


def _scope(tg: Telegram, p: JsonObject) -> ScopeKey:
    scope = p.get("scope", {"type": "default"})
    chat_id = tg.world.chat(scope["chat_id"]).id if "chat_id" in scope else 0
    return scope["type"], chat_id, scope.get("user_id", 0)


def _language(p: JsonObject) -> str:
    language: str = p.get("language_code", "")
    if language and not _LANGUAGE.fullmatch(language):
        raise bad_request("invalid language code specified")
    return language


def set_my_commands(tg: Telegram, p: JsonObject, uploads: Uploads) -> bool:
    """The /menu of a scope and a language."""
    key = _scope(tg, p), _language(p)
    commands = [{**c, "command": c["command"].removeprefix("/")} for c in p["commands"]]
    if len(commands) > MAX_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not _COMMAND.fullmatch(command["command"]):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(command["description"].strip()) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    tg.profile.commands[key] = commands
    if not commands:
        del tg.profile.commands[key]
    tg.events.publish("profile", {})
    return True


def get_my_commands(tg: Telegram, p: JsonObject, uploads: Uploads) -> list[JsonObject]:
    """The /menu of exactly this scope and language."""
    return tg.profile.commands.get((_scope(tg, p), _language(p)), [])


def delete_my_commands(tg: Telegram, p: JsonObject, uploads: Uploads) -> bool:
    """Let the wider scope show through."""
    tg.profile.commands.pop((_scope(tg, p), _language(p)), None)
    tg.events.publish("profile", {})
    return True


def _setter(key: str, field: str, most: int, words: str) -> Callable[[Telegram, JsonObject, Uploads], bool]:
    def set_text(tg: Telegram, p: JsonObject, uploads: Uploads) -> bool:
        text = p.get(key, "")
        if len(text) > most:
            raise bad_request(words)
        getattr(tg.profile, field)[_language(p)] = text
        tg.events.publish("profile", {})
        return True

    return set_text


def _getter(key: str, field: str) -> Callable[[Telegram, JsonObject, Uploads], JsonObject]:
    def get_text(tg: Telegram, p: JsonObject, uploads: Uploads) -> JsonObject:
        default = tg.world.bot.first_name if key == "name" else ""
        return {key: localized(getattr(tg.profile, field), _language(p), default)}

    return get_text


set_my_name = _setter("name", "names", 64, "BOT_TITLE_INVALID")
get_my_name = _getter("name", "names")
set_my_description = _setter("description", "descriptions", 512, "BOT_DESCRIPTION_TOO_LONG")
get_my_description = _getter("description", "descriptions")
set_my_short_description = _setter(
    "short_description", "short_descriptions", 120, "BOT_SHORT_DESCRIPTION_TOO_LONG"
)
get_my_short_description = _getter("short_description", "short_descriptions")


def set_chat_menu_button(tg: Telegram, p: JsonObject, uploads: Uploads) -> bool:
    """The button left of the input."""
    tg.profile.menu_buttons[p.get("chat_id", 0)] = p.get("menu_button", {"type": "default"})
    tg.events.publish("profile", {})
    return True


def get_chat_menu_button(tg: Telegram, p: JsonObject, uploads: Uploads) -> JsonObject:
    """The button left of the input."""
    buttons = tg.profile.menu_buttons
    return buttons.get(p.get("chat_id", 0)) or buttons.get(0) or {"type": "commands"}
