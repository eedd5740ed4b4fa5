"""A warning sign that nobody who types it would be understood with is an error."""

import re
import shutil
from pathlib import Path

from tests.content.finder import CONTENT
from tgbot.packs.checks import check_detection
from tgbot.packs.loader import open_pack


def test_a_sign_without_examples_fails_the_check_and_without_a_rule_too(tmp_path: Path) -> None:
    root = shutil.copytree(CONTENT, tmp_path / "content")
    assert not list(check_detection(root, open_pack(root)))

    for name, sign in (("alarms.yaml", "U13: |\n"), ("detection.yaml", "  U12:\n")):
        file = root / "en" / name
        file.write_text(
            re.sub(rf"^{re.escape(sign)}(?: +.*\n)+?(?=^ ? ?\S)", "", file.read_text(), flags=re.M)
        )

    told = [finding.sentence for finding in check_detection(root, open_pack(root))]
    assert any("`U13`" in sentence and "alarms.yaml" in sentence for sentence in told)
    assert any("`U12`" in sentence and "detection.yaml" in sentence for sentence in told)
