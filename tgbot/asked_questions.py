"""Learn from what was asked: what was not understood, asked back or found unhelpful, and wordings taken up.

Words are there only where the operator keeps them (BACKCHECK_KEEP_UNKNOWN_WORDS); everything else is counts.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from io import StringIO
from pathlib import Path

from rapidfuzz.fuzz import token_set_ratio
from ruamel.yaml import YAML

from tgbot.ask_command import Asker, answers_of
from tgbot.errors import BackcheckError
from tgbot.finder.finding import find
from tgbot.packs import checks
from tgbot.packs.word_rules import Severity
from tgbot.service.questions import FEWEST
from tgbot.service.store_port import CountedEvent, Store

LIKE = 80.0  # of 100: how alike two messages of one group are
KEPT_WORDS = "unknown_words"
COUNTED = {"unknown": "not understood", "suggested": "asked back", "not_helpful": "not helpful"}


class NotAcceptedError(BackcheckError):
    """The wording is not in the pack: it made something worse, or cannot be."""


@dataclass(frozen=True, slots=True)
class AskedGroup:
    """Messages that are alike, the most frequent first; `answer` is what they may belong to, or ""."""

    wordings: tuple[str, ...]
    times: int
    answer: str


def grouped(kept: Mapping[str, int], likely: Callable[[str], str]) -> list[AskedGroup]:
    """The kept messages by likeness, the most asked group first; `likely` names an answer or ""."""
    groups: list[list[str]] = []
    for wording in sorted(kept, key=lambda text: (-kept[text], text)):
        near = next((group for group in groups if token_set_ratio(wording, group[0]) >= LIKE), None)
        if near is None:
            groups.append([wording])
        else:
            near.append(wording)
    found = [
        AskedGroup(tuple(group), sum(kept[text] for text in group), likely(group[0])) for group in groups
    ]
    return sorted(found, key=lambda group: -group.times)


def likeliest(asker: Asker, text: str) -> str:
    """The answer that the finder would rather give than others, be it unsure; or ""."""
    finding = find(asker.index, text)
    offered = answers_of(finding) or tuple(name for name, _ in finding.why.scores)
    return next((name for name in offered if name in asker.pack.answers), "")


async def tallied_questions(store: Store, since: date) -> Mapping[CountedEvent, int]:
    return await store.operate(lambda tx: tx.operations.tallied(since))


def kept_words(tallied: Mapping[CountedEvent, int]) -> dict[str, int]:
    return {subject: times for (kind, subject), times in tallied.items() if kind == KEPT_WORDS}


def as_rows(
    groups: Iterable[AskedGroup], tallied: Mapping[CountedEvent, int], titles: Mapping[str, str]
) -> Iterator[str]:
    """For reading. Counts of what nobody kept the words of are hidden below five."""
    number = 0
    for number, group in enumerate(groups, 1):
        yield f"{number:>3}  {group.times:>4} ×  {group.wordings[0]}"
        yield from (f"{'':>14}{wording}" for wording in group.wordings[1:])
        if group.answer:
            yield f"{'':>12}→ {group.answer}  {titles.get(group.answer, '')}"
    if not number:
        yield "No words were kept (BACKCHECK_KEEP_UNKNOWN_WORDS, docs/operating.md)."
    for kind, name in COUNTED.items():
        rows = [(subject, times) for (each, subject), times in tallied.items() if each == kind]
        yield from [f"\n{name}"] if rows else []
        for subject, times in rows:
            yield f"  {times if times >= FEWEST else f'<{FEWEST}':>5}  {subject}"


@dataclass(frozen=True, slots=True)
class Figures:
    """What the checks say of a pack: errors, and messages that must find something and do not."""

    errors: int
    missed: int


def figures(root: Path, today: date) -> Figures:
    findings = [each for each in checks.check(root, today) if each.severity is Severity.ERROR]
    return Figures(len(findings), sum(each.check == "questions" for each in findings))


def finds(root: Path, wording: str, answer: str) -> bool:
    """Whether the pack as it is offers this answer for these words."""
    return answer in answers_of(Asker.open(root).ask(wording))


def accept(
    root: Path,
    wording: str,
    answer: str,
    measure: Callable[[Path], Figures],
    found: Callable[[Path, str, str], bool] = finds,
) -> tuple[Figures, Figures]:
    """Write `wording` into an answer's file as one that must find it; the figures before and after.

    Each measuring may take as long as the finder learns. Undone when anything gets worse, or when the
    wording still does not find the answer. Raises NotAcceptedError.
    """
    path = root / "en" / "answers" / f"{answer}.yaml"
    if not path.is_file():
        raise NotAcceptedError(f"{answer} is not an answer of {root}.")
    before, text = measure(root), path.read_text(encoding="utf-8")
    try:
        path.write_text(with_alias(text, wording), encoding="utf-8")
        after = measure(root)
        if after.errors > before.errors:
            raise NotAcceptedError(
                f"Undone: with “{wording}” the checks find {after.errors} errors instead of {before.errors}."
            )
        if not found(root, wording, answer):
            raise NotAcceptedError(f"Undone: “{wording}” does not find {answer} even so.")
    except BaseException:
        path.write_text(text, encoding="utf-8")
        raise
    return before, after


def with_alias(text: str, wording: str) -> str:
    """An answer's file with one more alias; comments, quotes and lines stay as they are."""
    yaml = YAML()
    yaml.preserve_quotes, yaml.width = True, 100_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    document = yaml.load(text)
    document.setdefault("aliases", [])
    if wording in document["aliases"]:
        raise NotAcceptedError(f"“{wording}” is there already.")
    document["aliases"].append(wording)
    written = StringIO()
    yaml.dump(document, written)
    return written.getvalue()
