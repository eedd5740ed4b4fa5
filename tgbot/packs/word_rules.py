"""The rules for an answer in any language; what all rules look at (a text cut into passages, sentences and
words, with lines; an answer in all its forms), and what they find.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import IntEnum

from tgbot.content import Answer, ContentPack
from tgbot.packs.yaml_files import Document, Problem, Sheet, Where
from tgbot.screens.faq_screens import answer_text, more_text, review_line
from tgbot.screens.markup import blocks
from tgbot.screens.screen import LONGEST_TEXT, shown_length

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


class Severity(IntEnum):
    """An error fails the check, a warning only a strict one; a note is for information."""

    ERROR = 0
    WARNING = 1
    NOTE = 2


@dataclass(frozen=True, slots=True, order=True)
class CheckFinding:
    """One thing a check saw. Ordered by file, line and severity."""

    file: str
    line: int
    severity: Severity
    check: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.severity.name.lower()}: {self.sentence} [{self.check}]"


def error(check: str, problem: Problem) -> CheckFinding:
    return CheckFinding(problem.file, problem.line, Severity.ERROR, check, problem.sentence)


def warning(check: str, problem: Problem) -> CheckFinding:
    return CheckFinding(problem.file, problem.line, Severity.WARNING, check, problem.sentence)


LONGEST_SCREEN = 1200  # as Telegram counts
LONGEST_POINT = 160  # characters of `short`: two lines on a desk, three or four on a phone
_STRONG = ("direct", "mirror", "secondary")  # how deeply a source was read
MOST_RELATED = 6
FRESH = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class AnswerPage:
    """One answer in all its forms: as written, with lines, as text, and in its pack."""

    sheet: Sheet[Answer]
    text: Text
    pack: ContentPack
    today: date

    @property
    def answer(self) -> Answer:
        return self.sheet.value

    def error(self, check: str, where: Where, sentence: str) -> CheckFinding:
        return error(check, self.sheet.document.problem(where, sentence))


PageCheck = Callable[[AnswerPage], Iterator[CheckFinding]]


def point_first(page: AnswerPage) -> Iterator[CheckFinding]:
    """The answer in the first lines."""
    points = [sentence for p in page.text.passages[:1] for sentence in sentences(p.text)]
    if len(page.answer.short) > LONGEST_POINT or len(points) > 3:
        said = f"the point is longer than {LONGEST_POINT} characters or three sentences"
        yield page.error("point-first", ("short",), said)


def screen_length(page: AnswerPage) -> Iterator[CheckFinding]:
    """A screen is read at once: 1,200 characters, sources included. Who reviewed it does not count."""
    shown = shown_length(answer_text(page.pack, page.pack.answers[page.answer.id]))
    length = shown - shown_length(review_line(page.pack, None))
    if length > LONGEST_TEXT:
        yield page.error("screen-length", ("body",), f"{length} characters; Telegram takes {LONGEST_TEXT}")
    elif length > LONGEST_SCREEN:
        said = f"{length} characters on one screen, sources included; {LONGEST_SCREEN} at most"
        yield page.error("screen-length", ("body",), said)


def more_length(page: AnswerPage) -> Iterator[CheckFinding]:
    """So is the page behind it; its sources are folded away, and do not count."""
    answer = page.pack.answers[page.answer.id]
    length = shown_length(more_text(page.pack, replace(answer, sources=(), more_sources=())))
    if answer.more and length > LONGEST_SCREEN:
        said = f"{length} characters under “More about this”; {LONGEST_SCREEN} at most"
        yield page.error("screen-length", ("more",), said)


def claims_and_sources(page: AnswerPage) -> Iterator[CheckFinding]:
    """Two sources at least, one of them strong; what a claim rests on is shown to the person."""
    answer = page.answer
    if len(answer.sources) < 2:
        yield page.error("sources", ("sources",), "fewer than two sources")
    sources = [page.pack.sources[source] for source in answer.sources]
    if not any(source.checked == "read" and source.depth in _STRONG for source in sources):
        yield page.error("sources", ("sources",), "no source that was itself read, or a copy of it")
    for index, claim in enumerate(answer.claims):
        hidden = [source for source in claim.sources if source not in answer.sources]
        if hidden:
            said = f"{claim.id} rests on {', '.join(hidden)}, which the answer does not list"
            yield page.error("claims", ("claims", index), said)
        if not claim.sources and claim.verdict != "unsupported":
            yield page.error("claims", ("claims", index), f"{claim.id} is {claim.verdict} by no source")


def related(page: AnswerPage) -> Iterator[CheckFinding]:
    """Every answer leads on, to a few others. (The way back is made at load.)"""
    links = page.pack.answers[page.answer.id].related
    if page.answer.id in links:
        yield page.error("related", ("related",), "an answer is not related to itself")
    if not links or len(links) > MOST_RELATED:
        said = f"1 to {MOST_RELATED} related answers, counting those that link here; it has {len(links)}"
        yield page.error("related", ("related",), said)


def written(page: AnswerPage) -> Iterator[CheckFinding]:
    """The day on which the text was last changed in earnest; a year later somebody looks at it again."""
    day = page.answer.written
    if day is None or day > page.today:
        yield page.error("written", ("written",), "`written` must be a day that has been")
    elif page.today - day > FRESH and f"answer/{page.answer.id}" not in page.pack.reviews:
        yield page.error("written", ("written",), "was written over a year ago and never reviewed")


ANSWER_CHECKS: tuple[PageCheck, ...] = (
    point_first,
    screen_length,
    more_length,
    claims_and_sources,
    related,
    written,
)


def check_answer(page: AnswerPage, more: Iterable[PageCheck] = ()) -> Iterator[CheckFinding]:
    """Every rule over one answer, and `more` that its language has."""
    for check in (*ANSWER_CHECKS, *more):
        yield from check(page)
