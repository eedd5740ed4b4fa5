"""A named text of the pack, cut into passages, sentences and words, with lines. The rules run over these."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tgbot.packs.problems import Problem
from tgbot.packs.yamlfile import Document, Where
from tgbot.screens.markup import blocks

NOT_RECOMMENDED = "not recommended"  # a heading that begins so opens a section of what we advise against


@dataclass(frozen=True, slots=True)
class Passage:
    """One paragraph, heading or item. `against` is true under a heading "Not recommended …"."""

    kind: str
    line: int
    text: str
    against: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """What a person reads at once. `emergency` texts are held to a plainer language.

    `leads_to` are the ids of the answers that stand one tap behind it.
    """

    file: str
    name: str
    passages: tuple[Passage, ...]
    emergency: bool = False
    leads_to: tuple[str, ...] = ()

    @property
    def line(self) -> int:
        return self.passages[0].line if self.passages else 1

    @property
    def words(self) -> str:
        """Everything in it, in lower case, for looking words up."""
        return "\n".join(passage.text for passage in self.passages).lower()

    def problem(self, sentence: str, line: int | None = None) -> Problem:
        return Problem(self.file, self.line if line is None else line, sentence)


def text_of(
    document: Document,
    name: str,
    parts: Sequence[tuple[Where, str]],
    *,
    emergency: bool = False,
    leads_to: tuple[str, ...] = (),
) -> Text:
    """The Markdown `parts` of a document as one text, in reading order."""
    passages = [
        passage
        for where, markdown in parts
        for passage in passages_of(markdown, document.texts.get(where, document.line(where)))
    ]
    return Text(document.file, name, tuple(passages), emergency, leads_to)


def passages_of(markdown: str, first_line: int) -> list[Passage]:
    """`markdown` that begins on `first_line` of its file, cut into passages."""
    against = False
    found: list[Passage] = []
    for block, before in zip(parts := blocks(markdown), (None, *parts), strict=False):
        if block.kind == "heading":
            against = block.text.lower().startswith(NOT_RECOMMENDED)
        elif against and block.kind == "paragraph" and before and before.kind == "item":
            against = False  # the list under the heading has ended
        found.append(Passage(block.kind, first_line + block.line - 1, block.text, against))
    return found


_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+(?:[.,]\d+)*")
_END = re.compile(r"(?<=[.!?])[\"”’)]*\s+(?=[\"“(]?[A-Z0-9])")


def words(text: str) -> list[str]:
    return _WORD.findall(text)


def sentences(block: str) -> list[str]:
    """The sentences of one paragraph or list item; its end is an end, with or without a full stop."""
    return [sentence for sentence in _END.split(block.strip()) if words(sentence)]
