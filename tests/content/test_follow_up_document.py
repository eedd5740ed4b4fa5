"""docs/follow-up.md shows the plan that the bot follows. `make plan` writes its generated parts anew."""

import os
import re
from pathlib import Path

import pytest

from tgbot.packs.protocol_file import load_protocol
from tgbot.settings import shipped_content
from tools.plan_diagram import diagram, signs, standing, table

DOCUMENT = Path(__file__).parents[2] / "docs/follow-up.md"
PROTOCOL = load_protocol(shipped_content())
PARTS = {
    "diagram": diagram(PROTOCOL),
    "steps": table(PROTOCOL),
    "signs": signs(PROTOCOL),
    "standing": standing(PROTOCOL),
}


def part(name: str) -> re.Pattern[str]:
    return re.compile(rf"(<!-- {name}: generated from content/protocol.yaml -->\n).*?(\n<!-- end -->)", re.S)


@pytest.mark.parametrize("name", PARTS)
def test_the_document_shows_the_plan_that_the_bot_follows(name: str) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    if os.environ.get("BACKCHECK_WRITE_PLAN"):
        text = part(name).sub(lambda found: found[1] + PARTS[name] + found[2], text)
        DOCUMENT.write_text(text, encoding="utf-8")

    found = part(name).search(text)

    assert found is not None
    assert found[0] == found[1] + PARTS[name] + found[2], "run `make plan`"


def test_every_step_and_every_branch_stands_in_the_diagram() -> None:
    drawn = PARTS["diagram"]

    for step in PROTOCOL.steps.values():
        assert f'  {step.id}["' in drawn
        for branch in step.branches.values():
            target = "end_" if branch.next == "close" else branch.next
            assert re.search(rf"  {step.id} -- [^\n]* --> {target}\b", drawn)
