"""What people type about a warning sign, each with what the finder really makes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from tgbot.finder.finding import Check, Found, Index, Suggest, Urgent, find
from tgbot.packs.finder_files import CALM, DetectionFile
from tgbot.packs.review_items import Item

T = TypeVar("T")
LOOKED_AT = 40  # messages of a sign that are tried; more take longer and show no more
RAISING, ASKING, MISSED, NEAR = 6, 3, 4, 4  # messages that are shown of each sort


@dataclass(frozen=True, slots=True)
class BookExample:
    """A message and what comes of it, in words for a reviewer."""

    text: str
    result: str


@dataclass(frozen=True, slots=True)
class Examples:
    """`raising` show the sign's card, `asking` bring a safety question that names it, `missed` were written
    for the sign and do neither, `near` are ordinary messages with words of it that do not raise it."""

    raising: tuple[BookExample, ...] = ()
    asking: tuple[BookExample, ...] = ()
    missed: tuple[BookExample, ...] = ()
    near: tuple[BookExample, ...] = ()


def examples(
    index: Index,
    sign: Item,
    alarms: Mapping[str, str],
    detection: DetectionFile,
    questions: Mapping[str, str],
) -> Examples:
    """The examples for a sign; none for a sign that no message raises."""
    raising, asking, missed = [], [], []
    for text in _spread(_lines(alarms.get(sign.id, "")), LOOKED_AT):
        found = find(index, text)
        shown = BookExample(text, _told(found, questions))
        if isinstance(found, Urgent) and sign.id in found.signs:
            raising.append(shown)
        elif isinstance(found, Check) and sign.id in found.signs:
            asking.append(shown)
        else:
            missed.append(shown)
    near = []
    for text in _spread(_sharing(_lines(alarms.get(CALM, "")), sign, detection), LOOKED_AT // 2):
        found = find(index, text)
        if not (isinstance(found, Urgent) and sign.id in found.signs):
            near.append(BookExample(text, _told(found, questions)))
    return Examples(
        tuple(_spread(raising, RAISING)), tuple(asking[:ASKING]), tuple(missed[:MISSED]), tuple(near[:NEAR])
    )


def _told(found: object, questions: Mapping[str, str]) -> str:
    match found:
        case Urgent(signs=signs):
            return f"warning card for {', '.join(signs)}"
        case Check(signs=signs):
            return f"safety question first, naming {', '.join(signs)}" if signs else "safety question first"
        case Found(answer=answer):
            return f"the answer “{questions.get(answer, answer)}”"
        case Suggest():
            return "“did you mean”, with answers to choose from"
        case _:
            return "“I don't know that”, with the menu"


def _sharing(lines: Sequence[str], sign: Item, detection: DetectionFile) -> list[str]:
    """The lines that hold words of the sign's ideas, those with most ideas first."""
    ideas = [part.name.removeprefix("idea ") for part in sign.parts if part.name.startswith("idea ")]
    words = [
        {phrase.lstrip("=") for phrase in detection.lexicon[idea] if " " not in phrase} for idea in ideas
    ]
    scored = [(sum(not group.isdisjoint(line.split()) for group in words), line) for line in lines]
    return [line for score, line in sorted(scored, key=lambda pair: -pair[0]) if score > 1][: LOOKED_AT // 2]


def _lines(block: str) -> list[str]:
    return [line.strip() for line in block.splitlines() if line.strip()]


def _spread(found: Sequence[T], most: int) -> Sequence[T]:
    """At most so many, from all over the list."""
    return found[:: max(1, -(-len(found) // most))] if found else ()
