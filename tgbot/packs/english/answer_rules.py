"""Rules for an answer in English: something to do at once, what it must name, where its studies come from."""

import re
from collections.abc import Iterator

from tgbot.packs.check_findings import CheckFinding
from tgbot.packs.checks_answers import AnswerPage, PageCheck

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


def something_to_do(page: AnswerPage) -> Iterator[CheckFinding]:
    """Something to do within three lines."""
    if not any(_DO.search(passage.text) for passage in page.text.passages[:3]):
        yield page.error("point-first", ("short",), "nothing to do is said within the first three lines")


def low_back_said(page: AnswerPage) -> Iterator[CheckFinding]:
    """Whoever cites a study of lower-back pain says so."""
    cited = [source for source in page.answer.sources if page.pack.sources[source].low_back]
    if cited and not re.search(r"lower[- ]back", page.text.words + page.answer.question.lower()):
        said = f"{cited[0]} studied lower-back pain, and the answer does not say so"
        yield page.error("low-back-said", ("sources",), said)


def signs_named(page: AnswerPage) -> Iterator[CheckFinding]:
    """Causes and symptoms carry the emergency signs themselves; every answer says when to see somebody."""
    for ids, what, groups in _NEEDED:
        missing = [
            " or ".join(group) for group in groups if not any(word in page.text.words for word in group)
        ]
        if missing and re.fullmatch(ids, page.answer.id):
            yield page.error("signs-named", ("body",), f"must name {what}; missing: {', '.join(missing)}")


ENGLISH_CHECKS: tuple[PageCheck, ...] = (something_to_do, low_back_said, signs_named)
