"""What the bot says of itself: name, descriptions, commands by scope and language, the menu button."""

from dataclasses import dataclass, field

from tgbot.simulator.clock_port import JsonObject
from tgbot.simulator.world import Chat, User

ScopeKey = tuple[str, int, int]
"""Kind, chat id, user id."""


@dataclass
class Profile:
    """The bot's face, per language; "" is the language of everybody who has none of their own."""

    names: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    short_descriptions: dict[str, str] = field(default_factory=dict)
    commands: dict[tuple[ScopeKey, str], list[JsonObject]] = field(default_factory=dict)
    menu_buttons: dict[int, JsonObject] = field(default_factory=dict)

    def commands_for(self, person: User, chat: Chat) -> list[JsonObject]:
        """The menu that this person sees in this chat: the narrowest scope that has one wins."""
        status = chat.members.get(person.id)
        admin = status in ("creator", "administrator")
        if chat.type == "private":
            scopes: list[ScopeKey] = [("chat", chat.id, 0), ("all_private_chats", 0, 0)]
        else:
            scopes = [("chat_member", chat.id, person.id)]
            scopes += [("chat_administrators", chat.id, 0)] if admin else []
            scopes += [("chat", chat.id, 0)]
            scopes += [("all_chat_administrators", 0, 0)] if admin else []
            scopes += [("all_group_chats", 0, 0)]
        scopes.append(("default", 0, 0))
        for scope in scopes:
            for language in ((person.language_code or "").split("-")[0], ""):
                if (scope, language) in self.commands:
                    return self.commands[scope, language]
        return []


def localized(texts: dict[str, str], language: str | None, default: str = "") -> str:
    """The text in that language, else the general one."""
    return texts.get(language or "") or texts.get("") or default
