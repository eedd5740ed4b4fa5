"""The pack's files and their Markdown, parsed once a process: hundreds of tests read copies of the shipped
pack in which one line differs, and parsing takes most of their time.

What a text means depends on nothing but the text, and nobody changes what was read of it. Errors are raised
anew.
"""

from functools import lru_cache

import pytest

from tgbot.packs import english_rules, word_rules, yaml_files
from tgbot.packs.word_rules import CheckFinding, Text
from tgbot.screens import markup

FILES, TEXTS = 500, 20_000  # kept; the shipped pack has about 70 and 1,000


def read_once(patch: pytest.MonkeyPatch) -> None:
    """Until `patch` is undone. A file, a text or a rule's text that differs is read anew."""
    patch.setattr(yaml_files, "parse", lru_cache(FILES)(yaml_files.parse))
    patch.setattr(yaml_files, "to_html", lru_cache(TEXTS)(markup.to_html))
    patch.setattr(word_rules, "blocks", lru_cache(TEXTS)(markup.blocks))
    check_words = english_rules.check_words

    @lru_cache(TEXTS)
    def checked(text: Text) -> tuple[CheckFinding, ...]:
        return tuple(check_words(text))

    patch.setattr(english_rules, "check_words", lambda text: iter(checked(text)))
