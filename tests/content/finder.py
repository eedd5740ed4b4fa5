"""The shipped pack and its index, loaded once for all tests that ask it something."""

from functools import cache
from pathlib import Path

from tgbot.content import ContentPack
from tgbot.finder.finding import Finding, Index, find
from tgbot.packs import finder_files, loader

CONTENT = Path(__file__).parents[2] / "content"


@cache
def pack() -> ContentPack:
    return loader.load(CONTENT)


@cache
def index() -> Index:
    return finder_files.load(CONTENT, pack())


def ask(text: str) -> Finding:
    return find(index(), text)
