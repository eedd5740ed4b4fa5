"""The shipped pack and its index, loaded once for all tests that ask it something."""

import re
import shutil
from functools import cache
from pathlib import Path

from tgbot.content import ContentPack
from tgbot.finder.finding import Finding, Index, find
from tgbot.packs import finder_index, loader

CONTENT = Path(__file__).parents[2] / "content"


@cache
def pack() -> ContentPack:
    return loader.load(CONTENT)


@cache
def index() -> Index:
    return finder_index.load(CONTENT, pack())


def ask(text: str) -> Finding:
    return find(index(), text)


def thinned(content: Path, root: Path) -> Path:
    """A copy of the pack in `root`, with few examples of each kind: learned in a second."""
    shutil.copytree(content, root)
    for name in ("wordings.yaml", "alarms.yaml", "told.yaml"):
        file = root / "en" / name
        blocks = re.sub(
            r"((?:^ *\S+: \|\n(?:^ +.*\n){5}))(?:^ +(?! *\S+: \|)\S.*\n)*",
            r"\1",
            file.read_text(),
            flags=re.M,
        )
        file.write_text(blocks)
    return root
