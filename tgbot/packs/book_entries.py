"""The book's entries: every item with its number, its state, and what a reviewer has to see of it. Of a sign:
what people type, and what the finder really makes of that. Of a claim: what docs/clinical-safety.md says.

That file's sections stand in the book too: what it is for, open questions, the hazard log. A pack of one's
own may have a clinical-safety.md of its own beside pack.yaml.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from tgbot.content import Source, Tier, is_plain
from tgbot.finder.finding import Check, Found, Index, Suggest, Urgent, find
from tgbot.followup.protocol import BY_DAY, CLOSE, Branch, CountedFrom, Reason, Step
from tgbot.followup.times import hours_or_days
from tgbot.packs.finder_files import CALM, DetectionFile
from tgbot.packs.protocol_file import Advice
from tgbot.packs.review_items import ADVICE, BACKGROUND, STANDING, Item, ItemKind, ItemPart, Read
from tgbot.packs.signatures import SignatureStanding
from tgbot.packs.whole import Whole
from tgbot.screens.faq_screens import answer_text, more_text
from tgbot.screens.warning_screens import card_text

T = TypeVar("T")
LOOKED_AT = 40  # messages of a sign that are tried; more take longer and show no more
RAISING, ASKING, MISSED, NEAR = 6, 3, 4, 4  # messages that are shown of each sort
NAME = "clinical-safety.md"
TESTS = "Evidence"  # the column of tests in the hazard log
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_PACKAGE = Path(__file__).parents[1]
LETTERS = {
    ItemKind.ANSWER: "A",
    ItemKind.CARD: "C",
    ItemKind.SIGN: "R",  # for red flag: the signs have ids of their own, such as S1
    ItemKind.PLAN: "P",
    ItemKind.WORDS: "W",
    ItemKind.NUMBER: "N",
    ItemKind.FOREIGN: "L",
    ItemKind.RULES: "M",  # how messages are read
}
TIERS = {
    Tier.EMERGENCY: "E – call the emergency number now",
    Tier.SAME_DAY: "U – be seen today",
    Tier.SOON: "S – book a visit in the next days",
}
NEXT = {
    "": "what comes next stays as it is",
    CLOSE: "the episode is closed",
    BY_DAY: "next as the step of that day says",
}
READ = {
    "direct": "we read it",
    "mirror": "we read a copy of it",
    "secondary": "we read what others wrote of it",
    "partial": "we read a part of it",
    "memory": "from memory, not read",
}


@dataclass(frozen=True, slots=True)
class ClaimText:
    """What a claim said, and the words of ours that answer it."""

    claimed: str
    answered: str


@dataclass(frozen=True, slots=True)
class SafetyFile:
    """Sections by heading, as HTML; claims by id. Empty where there is no such file."""

    sections: dict[str, str]
    claims: dict[str, ClaimText]

    def section(self, begins: str) -> str:
        """The HTML of the section whose heading begins so, or nothing."""
        return next((html for name, html in self.sections.items() if name.startswith(begins)), "")


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """A claim that an answer addresses; `text` is None where the safety file does not know it."""

    id: str
    verdict: str
    text: ClaimText | None
    sources: str


@dataclass(frozen=True, slots=True)
class AnswerView:
    topic: str
    shown: Markup
    related: tuple[str, ...]
    claims: tuple[ClaimRow, ...]
    sources: tuple[tuple[Source, str], ...]
    typed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CardView:
    tier: str
    shown: Markup
    signs: tuple[str, ...]


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


@dataclass(frozen=True, slots=True)
class SignView:
    tier: str
    label: str
    wording: str
    why: str
    card: str
    sources: tuple[tuple[Source, str], ...]
    rules: tuple[ItemPart, ...]
    ideas: tuple[ItemPart, ...]
    examples: Examples


@dataclass(frozen=True, slots=True)
class BranchView:
    """What is said to one answer, and what comes next."""

    answers: str
    next: str
    basis: str
    sources: str
    shown: Markup


@dataclass(frozen=True, slots=True)
class PlanView:
    facts: tuple[ItemPart, ...]
    branches: tuple[BranchView, ...]


@dataclass(frozen=True, slots=True)
class WordsView:
    rows: tuple[tuple[ItemPart, Markup], ...]


View = AnswerView | CardView | SignView | PlanView | WordsView | None


@dataclass(frozen=True, slots=True)
class BookEntry:
    """An item in the book. `number` is its place there, `item.key` what it is called for ever."""

    number: str
    item: Item
    standing: SignatureStanding
    view: View


@dataclass(frozen=True, slots=True)
class Shelf:
    """Everything that views are made from."""

    files: Read
    whole: Whole
    safety: SafetyFile
    alarms: Mapping[str, str]
    today: date


def entry(number: int, item: Item, standing: SignatureStanding, shelf: Shelf) -> BookEntry:
    """The entry for an item, the `number`th of its kind."""
    return BookEntry(f"{LETTERS[item.kind]}{number}", item, standing, _view(item, shelf))


def _view(item: Item, shelf: Shelf) -> View:
    match item.kind:
        case ItemKind.ANSWER:
            return _answer(item, shelf)
        case ItemKind.CARD:
            return _card(item, shelf)
        case ItemKind.SIGN:
            return _sign(item, shelf, shelf.whole.index)
        case ItemKind.PLAN:
            return _plan(item, shelf)
        case ItemKind.WORDS:
            return WordsView(tuple((part, _said(part, shelf)) for part in item.parts))
        case ItemKind.NUMBER | ItemKind.FOREIGN | ItemKind.RULES:
            return None


def _answer(item: Item, shelf: Shelf) -> AnswerView:
    pack = shelf.whole.pack
    answer = pack.answers[item.id]
    review = pack.reviews.get(item.key)
    held = review if review and review.holds(shelf.today) else None
    shown = answer_text(pack, answer, held)
    if answer.more:
        shown = f"{shown}\n\n{more_text(pack, answer, held)}"
    claims = tuple(
        ClaimRow(c.id, c.verdict, shelf.safety.claims.get(c.id), ", ".join(c.sources)) for c in answer.claims
    )
    return AnswerView(
        topic=pack.topics[answer.topic].title,
        shown=Markup(shown),  # noqa: S704  Telegram HTML made by our own Markdown writer
        related=tuple(pack.answers[other].question for other in answer.related),
        claims=claims,
        sources=_sources((*answer.sources, *answer.more_sources), shelf),
        typed=(*answer.aliases, *answer.asked),
    )


def _card(item: Item, shelf: Shelf) -> CardView:
    pack = shelf.whole.pack
    card = pack.cards[item.id]
    signs = [sign for sign in pack.red_flags.values() if sign.card == card.id]
    shown = Markup(card_text(pack, card, signs[:1], None))  # noqa: S704  as above
    return CardView(TIERS[card.tier], shown, tuple(f"{sign.id}: {sign.label}" for sign in signs))


def _sign(item: Item, shelf: Shelf, index: Index) -> SignView:
    pack = shelf.whole.pack
    sign = pack.red_flags[item.id]
    questions = {answer.id: answer.question for answer in pack.answers.values()}
    return SignView(
        tier=TIERS[sign.tier],
        label=sign.label,
        wording=sign.wording,
        why=sign.why,
        card=sign.card,
        sources=_sources(sign.sources, shelf),
        rules=tuple(part for part in item.parts if part.name.startswith("rule ")),
        ideas=tuple(part for part in item.parts if part.name.startswith(("idea ", "number "))),
        examples=examples(index, item, shelf.alarms, shelf.files.detection.value, questions),
    )


def _plan(item: Item, shelf: Shelf) -> PlanView:
    protocol = shelf.whole.protocol
    if item.id.startswith(STANDING):
        by_seen = protocol.standing[Reason(item.id.removeprefix(STANDING))]
        pairs = [
            (f"seen: {seen}, {felt}", branch)
            for seen, branches in by_seen.items()
            for felt, branch in branches.items()
        ]
        return PlanView((), _branches(pairs, shelf))
    if item.id.startswith(BACKGROUND):
        shown = Markup(shelf.whole.pack.ui[f"background.{item.id.removeprefix(BACKGROUND)}"])  # noqa: S704
        told = BranchView(
            "Said at the start and at every check-in", "the plan goes on", "judgement", "", shown
        )
        return PlanView(item.parts[:-1], (told,))
    if item.id.startswith(ADVICE):
        return PlanView(
            (), (_branch("Where the plan says so", Branch(item.id.removeprefix(ADVICE), ""), shelf),)
        )
    step = protocol.steps.get(item.id)
    if step is None:
        return PlanView(item.parts, ())
    branches = _branches([(felt.value, branch) for felt, branch in step.branches.items()], shelf)
    facts = [
        part for part in item.parts if ":" not in part.name and part.name not in ("after", "counted_from")
    ]
    first = item.parts[0]
    return PlanView((ItemPart("when", when(step), first.file, first.line), *facts), branches)


def _branches(pairs: Iterable[tuple[str, Branch]], shelf: Shelf) -> tuple[BranchView, ...]:
    """Answers that are told the same, and lead to the same, stand together."""
    together: dict[tuple[str, str], list[str]] = {}
    for said, branch in pairs:
        together.setdefault((branch.advice, branch.next), []).append(said)
    return tuple(
        _branch("; ".join(said), Branch(advice, following), shelf)
        for (advice, following), said in together.items()
    )


def _branch(answers: str, branch: Branch, shelf: Shelf) -> BranchView:
    advice: Advice = shelf.files.words.value.advice[branch.advice]
    next_step = NEXT.get(branch.next, f"next check-in: {branch.next}")
    sources = ", ".join(advice.sources)
    shown = Markup(shelf.whole.pack.ui[f"advice.{branch.advice}"])  # noqa: S704  as above
    return BranchView(answers, next_step, advice.basis, sources, shown)


def _said(part: ItemPart, shelf: Shelf) -> Markup:
    """A sentence as it is shown: rendered where it is Markdown, as written where it is plain."""
    if part.name in shelf.whole.pack.ui and not is_plain(part.name):
        return Markup(shelf.whole.pack.ui[part.name])  # noqa: S704  as above
    return escape(part.text)


def _sources(ids: tuple[str, ...], shelf: Shelf) -> tuple[tuple[Source, str], ...]:
    known = shelf.whole.pack.sources
    return tuple((known[id], READ[known[id].depth]) for id in ids)


def when(step: Step) -> str:
    """The time of a step in words."""
    time = hours_or_days(step.after)
    if step.counted_from is CountedFrom.ANSWER:
        return f"{time} after the answer" if step.after else "when the person asks"
    return f"{time} after it began"


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
    held = ((line, line.split()) for line in lines)
    scored = [(sum(not group.isdisjoint(its) for group in words), line) for line, its in held]
    return [line for score, line in sorted(scored, key=lambda pair: -pair[0]) if score > 1][: LOOKED_AT // 2]


def _lines(block: str) -> list[str]:
    return [line.strip() for line in block.splitlines() if line.strip()]


def _spread(found: Sequence[T], most: int) -> Sequence[T]:
    """At most so many, from all over the list."""
    return found[:: max(1, -(-len(found) // most))] if found else ()


def safety_file(root: Path) -> SafetyFile:
    """The pack's own file, else the one that ships."""
    places = (root / NAME, _PACKAGE / "_content" / NAME, _PACKAGE.parent / "docs" / NAME)
    path = next((place for place in places if place.is_file()), None)
    text = path.read_text(encoding="utf-8") if path else ""
    return SafetyFile({name: _html(body) for name, body in _sections(text)}, _claims(text))


def _sections(text: str) -> Iterator[tuple[str, str]]:
    for section in re.split(r"^## ", text, flags=re.M)[1:]:
        name, _, body = section.partition("\n")
        yield name.strip(), body.strip()


def _html(body: str) -> str:
    """Without the column of tests, which is for programmers, and with links as their text."""
    body = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", body)
    lines, place = body.splitlines(), None
    for number, line in enumerate(lines):
        cells = [cell.strip() for cell in line.split("|")]
        place = cells.index(TESTS) if TESTS in cells else place if line.startswith("|") else None
        if place is not None:
            lines[number] = "|".join(cell for at, cell in enumerate(line.split("|")) if at != place)
    html: str = _MARKDOWN.render("\n".join(lines))
    return html.replace("<h3>", "<h4>").replace("</h3>", "</h4>")


def _claims(text: str) -> dict[str, ClaimText]:
    rows = (line.strip("| ").split(" | ") for line in text.splitlines() if re.match(r"\| C\d", line))
    return {row[0]: ClaimText(row[1], row[4]) for row in rows if len(row) == 5}
