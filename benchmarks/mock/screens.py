"""The screens that every bot shows: real ones of the pack, as plain data, so that all say the same."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FIRST_PERSON = 1_000_000
_PERSON, _NUMBER = 987_654_321, 123_456_789  # stand in the templates where ids go
_WORD = re.compile(r"[a-z]{6,}")  # no encoding changes it
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """A screen as Telegram's JSON: the tap that wants it, and the message that shows it."""

    marker: bytes  # stands in an edit that shows this screen, and in no other, however it is encoded
    _update: bytes
    _message: bytes

    def update(self, number: int, person: int) -> bytes:
        return self._update % {b"number": number, b"person": person}

    def message(self, person: int) -> bytes:
        return self._message % {b"person": person}


def read(file: Path) -> dict[str, Shown]:
    """What `write` of benchmarks/talk.py wrote, by callback data."""
    return shown(json.loads(file.read_text(encoding="utf-8")))


def shown(screens: dict[str, Json]) -> dict[str, Shown]:
    """Screens as {"text": …, "rows": [[{"text": …, "callback_data": …}]]}, by callback data."""
    return {
        data: Shown(
            _marker(data, screens),
            _template(_tap(data, next(other for name, other in screens.items() if name != data))),
            _template({"ok": True, "result": _message(screen)}),
        )
        for data, screen in screens.items()
    }


def _marker(data: str, screens: dict[str, Json]) -> bytes:
    """A word of this screen that no other screen has."""
    others = "".join(str(screen) for name, screen in screens.items() if name != data)
    words: list[str] = _WORD.findall(str(screens[data]))
    return next(word for word in words if word not in others).encode()


def _message(screen: Json) -> Json:
    return {
        "message_id": 7,
        "from": {"id": 1, "is_bot": True, "first_name": "Backcheck", "username": "backcheck_bot"},
        "chat": {"id": _PERSON, "first_name": "Ada", "type": "private"},
        "date": 1_795_000_000,
        "edit_date": 1_795_000_001,
        "text": re.sub("<[^>]+>", "", screen["text"]),
        "reply_markup": {"inline_keyboard": screen["rows"]},
    }


def _tap(data: str, seen: Json) -> Json:
    person = {"id": _PERSON, "is_bot": False, "first_name": "Ada", "language_code": "en"}
    query = {
        "id": str(_NUMBER),
        "from": person,
        "message": _message(seen),
        "chat_instance": "42",
        "data": data,
    }
    return {"update_id": _NUMBER, "callback_query": query}


def _template(json_of: Json) -> bytes:
    text = json.dumps(json_of, ensure_ascii=False, separators=(",", ":")).replace("%", "%%")
    return text.replace(str(_PERSON), "%(person)d").replace(str(_NUMBER), "%(number)d").encode()
