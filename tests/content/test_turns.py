"""Two-turn conversations: what was shown, what is typed then, what must come. One a line in turns.jsonl.

`shown` are the steps that bring the first screen: what is typed, or in brackets the key that is tapped. `who`
has an open episode if it is "open". `comes` and `keys` must be in what comes (a key by a part of its words),
`never` must not.
"""

import json
from pathlib import Path

import pytest

from tests.fakes.phone import Phone, begun
from tgbot.screens.markup import plain

TURNS = [
    json.loads(line)
    for line in (Path(__file__).parent / "turns.jsonl").read_text(encoding="utf-8").splitlines()
]


def test_there_are_fifty() -> None:
    assert len(TURNS) >= 50


@pytest.mark.parametrize("turn", TURNS, ids=lambda turn: f"{'; '.join(turn['shown'])} → {turn['typed']}")
async def test_the_second_turn_is_understood(turn: dict[str, object]) -> None:
    phone = await begun(faq=True) if turn.get("who") == "open" else Phone(faq=True)
    for step in turn["shown"]:  # type: ignore[attr-defined]
        await (phone.taps(step[1:-1]) if step.startswith("[") else phone.writes(step))
    screen = await phone.writes(str(turn["typed"]))
    shown = plain(screen.text)
    keys = [key.text for row in screen.rows for key in row]

    assert str(turn.get("comes", "")) in shown
    for key in turn.get("keys", []):  # type: ignore[attr-defined]
        assert any(key in label for label in keys), (key, keys)
    assert not turn.get("never") or str(turn["never"]) not in shown
    assert len(screen.rows) <= 5
