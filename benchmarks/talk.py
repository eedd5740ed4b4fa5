"""What is said in the benchmark: an answer, a topic with six buttons, the warning signs."""

import json
from pathlib import Path
from typing import Any

from tgbot.packs.whole import load_whole
from tgbot.screens.buttons import ShowAnswer, ShowTopic, ShowUrgent, pack
from tgbot.screens.faq_screens import Screens
from tgbot.screens.screen import Key, Link, Screen
from tgbot.settings import shipped_content

URGENT = pack(ShowUrgent())  # goes the common road, as everything does that may need the database


def write(file: Path) -> tuple[str, ...]:
    """The screens by the button that shows them; returns the two buttons that are tapped by turns."""
    screens = Screens(load_whole(shipped_content()).pack)
    answer, topic = screens.answer("q-neck"), screens.topics["symptoms", 0]
    assert answer
    shown = {
        pack(ShowAnswer("q-neck")): answer,
        pack(ShowTopic("symptoms")): topic,
        URGENT: screens.warnings.urgent(None),
    }
    plain = {data: _plain(screen) for data, screen in shown.items()}
    file.write_text(json.dumps(plain, ensure_ascii=False), encoding="utf-8")
    first, second, _ = plain
    return first, second


def _plain(screen: Screen) -> dict[str, Any]:
    return {"text": screen.text, "rows": [[_button(key) for key in row] for row in screen.rows if row]}


def _button(key: Key | Link) -> dict[str, str]:
    where = {"url": key.url} if isinstance(key, Link) else {"callback_data": pack(key.press)}
    return {"text": key.text, **where}
