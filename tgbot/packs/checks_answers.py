"""Rules for an answer as a whole: the point first, its sources, its warning signs, its length, its review."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from tgbot.content import Answer, ContentPack, Source
from tgbot.packs.folder import Sheet
from tgbot.packs.problems import CheckFinding, error
from tgbot.packs.texts import Text, sentences
from tgbot.packs.yamlfile import Where
from tgbot.screens.faq_screens import answer_text, more_text, review_line
from tgbot.screens.screen import LONGEST_TEXT, shown_length

LONGEST_SCREEN = 1200  # as Telegram counts
LONGEST_POINT = 160  # characters of `short`: two lines on a desk, three or four on a phone
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
    if not any(_is_strong(page.pack.sources[source]) for source in answer.sources):
        yield page.error("sources", ("sources",), "no source that was itself read, or a copy of it")
    for index, claim in enumerate(answer.claims):
        hidden = [source for source in claim.sources if source not in answer.sources]
        if hidden:
            said = f"{claim.id} rests on {', '.join(hidden)}, which the answer does not list"
            yield page.error("claims", ("claims", index), said)
        if not claim.sources and claim.verdict != "unsupported":
            yield page.error("claims", ("claims", index), f"{claim.id} is {claim.verdict} by no source")


def _is_strong(source: Source) -> bool:
    return source.checked == "read" and source.depth in ("direct", "mirror", "secondary")


def related(page: AnswerPage) -> Iterator[CheckFinding]:
    """Every answer leads on, to a few others. (The way back is made at load.)"""
    links = page.pack.answers[page.answer.id].related
    if page.answer.id in links:
        yield page.error("related", ("related",), "an answer is not related to itself")
    if not links or len(links) > MOST_RELATED:
        said = f"1 to {MOST_RELATED} related answers, those that link here included; {len(links)} are"
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
