"""The operator's acceptance questions: what people type, and what must come back."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from tgbot.content import ContentPack
from tgbot.finder.finding import Check, Foreign, Found, Suggest, Unknown, Urgent, find
from tgbot.finder.finding import Finding as Answered
from tgbot.packs import finder_index as finder
from tgbot.packs.folder import Folder, shape
from tgbot.packs.loader import Opened
from tgbot.packs.problems import CheckFinding, error
from tgbot.packs.yamlfile import Document, Where

FILE = "{locale}/questions.yaml"


@dataclass(frozen=True, slots=True)
class AcceptanceQuestion:
    """What somebody types. Exactly one of the others says what must come back.

    `answer` is shown at once, `offered` at least among "did you mean", `card` is the card of a warning sign,
    `unknown` says that the bot must not pretend to know, `checked` which sign it must ask about first.
    """

    ask: str
    answer: str | None = None
    offered: str | None = None
    card: str | None = None
    unknown: bool = False
    checked: str | None = None


_QUESTIONS = shape(tuple[AcceptanceQuestion, ...])


def check_questions(root: Path, locale: str, opened: Opened | None) -> Iterator[CheckFinding]:
    """Every question of questions.yaml and of the answers' `asked`, if the pack is whole."""
    folder, file = Folder(root), FILE.format(locale=locale)
    sheet = folder.sheet(file, _QUESTIONS) if (root / file).exists() else None
    yield from (error("questions", problem) for problem in folder.problems)
    asked: list[tuple[Document, Where, AcceptanceQuestion]] = []
    asked += [(sheet.document, (row,), asked) for row, asked in enumerate(sheet.value)] if sheet else []
    asked += [*_asked_of_answers(opened)] if opened else []
    if opened is None or not asked:
        return
    index = finder.load(root, opened.pack)
    for document, where, question in asked:
        found = _wrong_row(opened.pack, question)
        if wrong := found or _wrong(opened.pack, question, find(index, question.ask)):
            yield error("questions", document.problem(where, wrong))


def _asked_of_answers(opened: Opened) -> Iterator[tuple[Document, Where, AcceptanceQuestion]]:
    for sheet in opened.answers:
        for row, text in enumerate(sheet.value.asked):
            yield sheet.document, ("asked", row), AcceptanceQuestion(text, answer=sheet.value.id)


def _wrong_row(pack: ContentPack, asked: AcceptanceQuestion) -> str | None:
    wanted = [asked.answer, asked.offered, asked.card, asked.checked, asked.unknown or None]
    if sum(want is not None for want in wanted) != 1:
        return "say one of `answer`, `offered`, `card`, `checked` and `unknown: true`"
    for answer in (asked.answer, asked.offered):
        if answer is not None and answer not in pack.answers:
            return f"`{answer}` is not an answer"
    if asked.card is not None and asked.card not in pack.cards:
        return f"`{asked.card}` is not a card"
    if asked.checked is not None and asked.checked not in pack.red_flags:
        return f"`{asked.checked}` is not a warning sign"
    return None


def _wrong(pack: ContentPack, asked: AcceptanceQuestion, found: Answered) -> str | None:
    """What came back instead, or None if it is what was wanted."""
    match found:
        case Urgent(signs=(worst, *_)):
            card = pack.red_flags[worst].card
            return None if asked.card == card else f"“{asked.ask}” shows the card {card}"
        case Check(signs=signs, answers=answers):
            right = asked.checked in signs or asked.offered in answers or asked.answer in answers[:1]
            return None if right else f"“{asked.ask}” asks about {', '.join(signs) or 'every sign'}"
        case Found(answer=answer):
            right = answer in (asked.answer, asked.offered)
            return None if right else f"“{asked.ask}” finds {answer}"
        case Suggest(answers=answers):
            right = asked.offered in answers
            return None if right else f"“{asked.ask}” only offers {', '.join(answers)}"
        case Unknown() | Urgent() | Foreign():
            return None if asked.unknown else f"“{asked.ask}” finds nothing"
    assert_never(found)
