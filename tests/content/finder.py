"""The shipped pack and its index, loaded once for all tests that ask it something."""

from functools import cache
from pathlib import Path

from tgbot.domain.content import ContentPack
from tgbot.domain.finding import Finding, Index, find
from tgbot.packs import finder, loader

CONTENT = Path(__file__).parents[2] / "content"


@cache
def pack() -> ContentPack:
    return loader.load(CONTENT)


@cache
def index() -> Index:
    return finder.load(CONTENT, pack())


def ask(text: str) -> Finding:
    return find(index(), text)
