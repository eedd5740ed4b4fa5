"""Rules for an answer as a whole: the point first, its sources, its warning signs, its length, its review."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from tgbot.content import Answer, ContentPack, Source
from tgbot.packs.check_findings import Finding, error
from tgbot.packs.folder import Sheet
from tgbot.packs.reading_grade import sentences
from tgbot.packs.texts import Text
from tgbot.packs.yamlfile import Where
from tgbot.screens.faq_text import answer_text
from tgbot.screens.screen import LONGEST_TEXT, shown_length

LONGEST_SCREEN = 1200  # as Telegram counts
LONGEST_POINT = 160  # characters of `short`: two lines on a desk, three or four on a phone
MOST_RELATED = 6
FRESH = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Page:
    """One answer in all its forms: as written, with lines, as text, and in its pack."""

    sheet: Sheet[Answer]
    text: Text
    pack: ContentPack
    today: date

    @property
    def answer(self) -> Answer:
        return self.sheet.value

    def error(self, check: str, where: Where, sentence: str) -> Finding:
        return error(check, self.sheet.document.problem(where, sentence))


PageCheck = Callable[[Page], Iterator[Finding]]

_DO = re.compile(
    r"\b(?:ask|avoid|book|breathe|brush|build|call|change|check|choose|come|do|drink|ease|eat|get|give|go|have|keep|"
    r"leave|lie|look|make|move|pick|press|read|rest|roll|say|see|show|sit|sleep|stay|stop|stretch|take|tell|test|"
    r"try|turn|use|wait|walk|warm|wear)\b",
    re.I,
)
_TODAY = ("fever", "cancer", "pregnan")
_NEEDED: tuple[tuple[str, str, tuple[tuple[str, ...], ...]], ...] = (
    (
        r"causes-.+|symptoms-.+|when-to-worry",
        "the emergency signs",
        (
            ("emergency",),
            ("chest",),
            ("breath",),
            ("tearing",),
            ("weak legs", "weak or numb legs"),
            ("bladder",),
        ),
    ),
    (
        r"when-to-worry",
        "every sign of tier E, and fever, cancer and pregnancy",
        tuple(
            (word,)
            for word in ("jaw", "coughing blood", "numb between the legs", "fall", "collapse", *_TODAY)
        ),
    ),
    (
        r"lower-back-.+",
        "the signs of cauda equina",
        (("emergency",), ("between the legs",), ("bladder",), ("weak legs",)),
    ),
    (r"treat-.+|lower-back-.+", "that it is for people without a warning sign", (("warning sign",),)),
    (r".+", "when to see somebody", (("clinician", "doctor", "emergency", "midwife", "maternity"),)),
)


def point_first(page: Page) -> Iterator[Finding]:
    """The answer in the first lines, and something to do within three."""
    points = [sentence for p in page.text.passages[:1] for sentence in sentences(p.text)]
    if len(page.answer.short) > LONGEST_POINT or len(points) > 3:
        said = f"the point is longer than {LONGEST_POINT} characters or three sentences"
        yield page.error("point-first", ("short",), said)
    if not any(_DO.search(passage.text) for passage in page.text.passages[:3]):
        yield page.error("point-first", ("short",), "nothing to do is said within the first three lines")


def screen_length(page: Page) -> Iterator[Finding]:
    """A screen is read at once: 1,200 characters, sources included."""
    length = shown_length(answer_text(page.pack, page.pack.answers[page.answer.id]))
    if length > LONGEST_TEXT:
        yield page.error("screen-length", ("body",), f"{length} characters; Telegram takes {LONGEST_TEXT}")
    elif length > LONGEST_SCREEN:
        said = f"{length} characters on one screen, sources included; {LONGEST_SCREEN} at most"
        yield page.error("screen-length", ("body",), said)


def claims_and_sources(page: Page) -> Iterator[Finding]:
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


def low_back_said(page: Page) -> Iterator[Finding]:
    """Whoever cites a study of lower-back pain says so."""
    cited = [source for source in page.answer.sources if page.pack.sources[source].low_back]
    if cited and not re.search(r"lower[- ]back", page.text.words + page.answer.question.lower()):
        said = f"{cited[0]} studied lower-back pain, and the answer does not say so"
        yield page.error("low-back-said", ("sources",), said)


def signs_named(page: Page) -> Iterator[Finding]:
    """Causes and symptoms carry the emergency signs themselves; every answer says when to see somebody."""
    for ids, what, groups in _NEEDED:
        missing = [
            " or ".join(group) for group in groups if not any(word in page.text.words for word in group)
        ]
        if missing and re.fullmatch(ids, page.answer.id):
            yield page.error("signs-named", ("body",), f"must name {what}; missing: {', '.join(missing)}")


def related_both_ways(page: Page) -> Iterator[Finding]:
    """Whoever goes to a related answer finds the way back."""
    answer = page.answer
    for index, other in enumerate(answer.related):
        if answer.id not in page.pack.answers[other].related:
            yield page.error("related", ("related", index), f"{other} does not link back")
        if other == answer.id:
            yield page.error("related", ("related", index), "an answer is not related to itself")
    if not answer.related or len(answer.related) > MOST_RELATED:
        yield page.error("related", ("related",), f"1 to {MOST_RELATED} related answers")


def review(page: Page) -> Iterator[Finding]:
    """Signed off, not out of date; until then the bot says that it is not."""
    answer, state = page.answer, page.answer.review
    if answer.written is None or answer.written > page.today:
        yield page.error("review", ("written",), "`written` must be a day that has been")
    elif page.today - answer.written > FRESH and not state.signed:
        yield page.error("review", ("written",), "was written over a year ago and never reviewed")
    if (state.by is None) != (state.on is None) or (state.by is None) != (state.next is None):
        yield page.error("review", ("review",), "`by`, `on` and `next` are all filled or all null")
    if state.on and state.on > page.today:
        yield page.error("review", ("review", "on"), "is reviewed in the future")
    if state.next and state.next < page.today:
        yield page.error("review", ("review", "next"), f"was to be reviewed again by {state.next}")


ANSWER_CHECKS: tuple[PageCheck, ...] = (
    point_first,
    screen_length,
    claims_and_sources,
    low_back_said,
    signs_named,
    related_both_ways,
    review,
)


def check_answer(page: Page) -> Iterator[Finding]:
    """Every rule over one answer."""
    for check in ANSWER_CHECKS:
        yield from check(page)
