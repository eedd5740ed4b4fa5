"""Writes tgbot/simulator/botapi.json anew from a machine-readable copy of the Bot API's documentation.

`python -m tests.botapi_table api.json`, where api.json is the published description (methods and types with
their fields). Only what the simulator serves is kept, one line a method, so that a change of Telegram's shows
as a small diff. A type ends in "!" when the field is required and is "=word" when it must be that word.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

TABLE = Path(__file__).parent.parent / "tgbot" / "simulator" / "botapi.json"
SERVED = [
    "getMe", "logOut", "close", "getUpdates", "setWebhook", "deleteWebhook", "getWebhookInfo",
    "sendMessage", "sendPhoto", "sendDocument", "sendMediaGroup", "sendChatAction", "copyMessage",
    "forwardMessage", "editMessageText", "editMessageCaption", "editMessageMedia",
    "editMessageReplyMarkup", "deleteMessage", "deleteMessages", "answerCallbackQuery",
    "answerInlineQuery", "setMyCommands", "getMyCommands", "deleteMyCommands", "setMyName", "getMyName",
    "setMyDescription", "getMyDescription", "setMyShortDescription", "getMyShortDescription",
    "setChatMenuButton", "getChatMenuButton", "getChat", "getChatMember", "getChatMemberCount",
    "getChatAdministrators", "leaveChat", "pinChatMessage", "unpinChatMessage", "unpinAllChatMessages",
    "getFile", "getUserProfilePhotos",
]  # fmt: skip


def _kind(field: dict[str, Any]) -> str:
    if field["name"] in ("type", "source") and (
        word := re.search(r"must be “?(\w+)”?$", field["description"])
    ):
        return "=" + word[1] + "!"
    return "|".join(field["types"]) + ("!" if field["required"] else "")


def _fields(fields: list[dict[str, Any]]) -> dict[str, str]:
    return {field["name"]: _kind(field) for field in fields}


def table(api: dict[str, Any]) -> dict[str, Any]:
    """The methods we serve, and every type their parameters need."""
    types: dict[str, Any] = {}

    def need(name: str) -> None:
        name = name.removeprefix("Array of ").removeprefix("Array of ")
        if name in types or name not in api["types"]:
            return
        described = api["types"][name]
        subtypes = described.get("subtypes", [])
        types[name] = subtypes or _fields(described.get("fields", []))
        for needed in [*subtypes, *(kind for f in described.get("fields", []) for kind in f["types"])]:
            need(needed)

    methods = {name: _fields(api["methods"][name].get("fields", [])) for name in SERVED}
    for name in SERVED:
        for field in api["methods"][name].get("fields", []):
            for kind in field["types"]:
                need(kind)
    types["InputFile"] = {}
    return {"version": api["version"], "methods": methods, "types": dict(sorted(types.items()))}


def text(content: dict[str, Any]) -> str:
    """One line a method and one line a type."""

    def block(name: str) -> str:
        lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in content[name].items())
        return f'"{name}": {{\n{lines}\n}}'

    return f'{{"version": {json.dumps(content["version"])},\n{block("methods")},\n{block("types")}}}\n'


if __name__ == "__main__":
    TABLE.write_text(text(table(json.loads(Path(sys.argv[1]).read_text()))))
