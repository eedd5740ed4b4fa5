"""What the finder makes of messages, for those who keep the words: of one, with its reasons; of many as JSON
lines; of a set, measured; and of what people asked in vain, whose wordings may be taken up.

Words are there only where the operator keeps them (BACKCHECK_KEEP_UNKNOWN_WORDS); everything else is counts.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import StringIO
from pathlib import Path

from rapidfuzz.fuzz import token_set_ratio
from ruamel.yaml import YAML

from tgbot.content import ContentPack, Tier
from tgbot.errors import BackcheckError
from tgbot.finder.finding import (
    Check,
    Finding,
    Foreign,
    Found,
    Index,
    Suggest,
    Unknown,
    Urgent,
    find,
    reasons,
)
from tgbot.packs import checks
from tgbot.packs.whole import load_whole
from tgbot.packs.word_rules import Severity
from tgbot.packs.writing import write_whole
from tgbot.service.questions import few_hidden
from tgbot.service.store_port import CountedEvent

URGENT, IN_SCOPE, OUT_OF_SCOPE = "urgent", "in_scope", "out_of_scope"
LIKE = 80.0  # of 100: how alike two messages of one group are
KEPT_WORDS = "unknown_words"
COUNTED = {"unknown": "not understood", "suggested": "asked back", "not_helpful": "not helpful"}


class LineError(BackcheckError):
    """A line of a JSONL file is not what it should be."""


class NotAcceptedError(BackcheckError):
    """The wording is not in the pack: it made something worse, or cannot be."""


@dataclass(frozen=True, slots=True)
class Asker:
    """A pack and its index, ready to be asked."""

    pack: ContentPack
    index: Index

    @classmethod
    def open(cls, root: Path) -> "Asker":
        """The asker for the pack in `root`. Raises PackErrors."""
        whole = load_whole(root)
        return cls(whole.pack, whole.index)

    def ask(self, text: str) -> Finding:
        return find(self.index, text)

    def states_pain(self, text: str) -> bool:
        """Whether words of the message say that something hurts."""
        return self.index.detector.states_pain(self.index.read(text))

    def told(self, text: str) -> list[str]:
        """What was found for `text` and why, as lines to read."""
        finding = self.ask(text)
        lines: list[str] = []
        match finding:
            case Urgent(signs=signs, tier=tier):
                lines = [f"urgent, tier {tier.value}"]
                lines += [f"  {sign}  {self.pack.red_flags[sign].label}" for sign in signs]
            case Check(signs=signs, answers=answers):
                lines = ["check:", *(f"  {sign}  {self.pack.red_flags[sign].label}" for sign in signs)]
                lines += [f"  then {a}  {self.pack.answers[a].question}" for a in answers]
            case Foreign(language=language, sign=sign):
                lines = [f"foreign: {language}" + (f", {sign}" if sign else "")]
            case Found(answer=answer):
                lines = [f"found: {answer}  {self.pack.answers[answer].question}"]
            case Suggest(answers=answers):
                lines = ["suggest:", *(f"  {a}  {self.pack.answers[a].question}" for a in answers)]
            case Unknown():
                lines = ["unknown"]
        lines.append("scores:  " + "  ".join(f"{name} {score:+.2f}" for name, score in finding.scores))
        match finding:
            case Urgent(because=because) | Check(because=because):
                lines.append("because: " + ", ".join(f"“{words}”" for words in because or ("nothing",)))
            case _:
                best = finding.scores[0][0] if finding.scores else ""
                matched = reasons(self.index, text, best) if best else []
                lines.append("matched: " + ", ".join(matched or ["nothing"]))
        return lines


def as_json(text: str, finding: Finding) -> dict[str, object]:
    """A finding as one JSON object. `signs` are likeliest first, `answers` at most three, best first.

    An emergency named in another language is urgent in that language.
    """
    kind, tier, language = type(finding).__name__.lower(), None, "en"
    signs: tuple[str, ...] = ()
    because: tuple[str, ...] = ()
    match finding:
        case Urgent():
            tier, signs, because = finding.tier.value, finding.signs, finding.because
        case Check():
            signs, because = finding.signs, finding.because
        case Foreign():
            language = finding.language
            if finding.sign:
                kind, tier, signs = "urgent", Tier.EMERGENCY.value, (finding.sign,)
        case Found() | Suggest() | Unknown():
            pass
    return {
        "text": text,
        "kind": kind,
        "tier": tier,
        "signs": list(signs),
        "answers": list(answers_of(finding)),
        "language": language,
        "because": list(because),
    }


def answers_of(finding: Finding) -> tuple[str, ...]:
    """The answers a finding offers, best first, at most three."""
    match finding:
        case Found(answer=answer, others=others):
            return (answer, *others)
        case Suggest(answers=answers) | Check(answers=answers):
            return answers
        case Urgent() | Unknown() | Foreign():
            return ()


def objects(lines: Iterable[str], name: str) -> Iterator[dict[str, object]]:
    """The JSON objects of a JSONL text called `name`, each with a "text". Raises LineError."""
    try:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield _object(line, f"{name}:{number}")
    except UnicodeDecodeError as error:  # text is decoded in pieces, so nobody knows the line
        raise LineError(f"{name}: is not UTF-8 text ({error.reason}).") from None


def _object(line: str, place: str) -> dict[str, object]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise LineError(f"{place}: is not JSON: {error}") from None
    if not isinstance(value, dict) or not isinstance(value.get("text"), str):
        raise LineError(f'{place}: must be an object with a "text"')
    return value


def writable(text: str) -> str:
    """The text with half surrogate pairs, which UTF-8 cannot write, as the escapes that JSON has for them."""
    return text.encode("utf-8", "backslashreplace").decode()


@dataclass(frozen=True, slots=True)
class AskedLine:
    """One message of a set, what should be found, what was, and how long that took in seconds.

    `pained` says that the message states pain.
    """

    kind: str
    pained: bool
    tier: Tier | None
    accept: frozenset[str]
    finding: Finding
    seconds: float


def measure(
    asker: Asker, cases: Iterable[Mapping[str, object]], timer: Callable[[], float]
) -> list[AskedLine]:
    """Ask every case. A case has text, kind, and, as it applies, tier, accept, and state, "none" when the
    message states no pain: where a set marks those, its other lines in scope state pain; else the rules for
    complaints tell. Raises LineError."""
    cases = list(cases)
    marked = any(case.get("state") for case in cases)
    asked = []
    for number, case in enumerate(cases, 1):
        kind, tier, accept = str(case.get("kind")), case.get("tier"), case.get("accept") or []
        if kind not in (URGENT, IN_SCOPE, OUT_OF_SCOPE) or not isinstance(accept, list):
            raise LineError(
                f"case {number}: kind must be {URGENT}, {IN_SCOPE} or {OUT_OF_SCOPE}, accept a list"
            )
        if tier and tier not in list(Tier):
            raise LineError(f"case {number}: tier must be {' or '.join(Tier)}")
        text, worst = str(case["text"]), Tier(str(tier)) if tier else None
        started = timer()
        finding = asker.ask(text)
        took = timer() - started
        told = bool(case.get("state")) or (marked and kind == IN_SCOPE)
        pained = case.get("state") != "none" if told else asker.states_pain(text)
        asked.append(AskedLine(kind, pained, worst, frozenset(map(str, accept)), finding, took))
    return asked


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    name: str
    hits: int
    of: int

    @property
    def ratio(self) -> float:
        """The share, or 1 of nothing: an empty set holds no mistake."""
        return self.hits / self.of if self.of else 1.0


def shares(asked: Sequence[AskedLine]) -> list[Share]:
    """Every figure of the table, in its order."""
    inside = [a for a in asked if a.kind == IN_SCOPE]
    outside = [a for a in asked if a.kind == OUT_OF_SCOPE]
    urgent = [a for a in asked if a.kind == URGENT]
    pained = [a for a in (*inside, *outside) if a.pained]
    painless = [a for a in (*inside, *outside) if not a.pained]

    def share(name: str, cases: Sequence[AskedLine], hit: Callable[[AskedLine], bool]) -> Share:
        return Share(name, sum(map(hit, cases)), len(cases))

    def of_tier(tier: Tier) -> list[AskedLine]:
        return [a for a in urgent if a.tier is tier]

    def right_tier(a: AskedLine) -> bool:
        return isinstance(a.finding, Check) or (isinstance(a.finding, Urgent) and a.finding.tier is a.tier)

    return [
        share("in scope: accuracy at 1", inside, lambda a: _first(a) in a.accept),
        share("in scope: accuracy at 3", inside, lambda a: not a.accept.isdisjoint(answers_of(a.finding))),
        share("in scope: answered with confidence", inside, lambda a: isinstance(a.finding, Found)),
        share("in scope: confident and wrong", inside, lambda a: _sure(a) and _first(a) not in a.accept),
        share("urgent: card", urgent, _alarmed),
        share("urgent: card, tier E", of_tier(Tier.EMERGENCY), _alarmed),
        share("urgent: card or question", urgent, _caught),
        share("urgent: card or question, tier E", of_tier(Tier.EMERGENCY), _caught),
        share("urgent: card or question, tier U", of_tier(Tier.SAME_DAY), _caught),
        share("urgent: tier right, tier E", of_tier(Tier.EMERGENCY), right_tier),
        share("urgent: tier right, tier U", of_tier(Tier.SAME_DAY), right_tier),
        share("harmless: any card", [*inside, *outside], _alarmed),
        share("harmless: emergency card", [*inside, *outside], _emergency),
        share("harmless: card, in scope", inside, _alarmed),
        share("harmless: card, out of scope", outside, _alarmed),
        share("harmless: safety question", [*inside, *outside], _asked_about),
        share("harmless, pain: safety question", pained, _asked_about),
        share("harmless, no pain: safety question", painless, _asked_about),
        share("in scope, no pain: safety question", [a for a in inside if not a.pained], _asked_about),
        share("out of scope: answered with confidence", outside, _sure),
        share("out of scope: unknown", outside, lambda a: isinstance(a.finding, Unknown)),
    ]


def table(asked: Sequence[AskedLine]) -> list[str]:
    """The measured set as lines to read."""
    rows = shares(asked)
    width = max(len(row.name) for row in rows)
    lines = [
        f"{row.name:<{width}}  {row.ratio:7.1%}  {row.hits:>4} of {row.of}"
        if row.of
        else f"{row.name:<{width}}        –"
        for row in rows
    ]
    times = sorted(a.seconds * 1000 for a in asked)
    if times:
        half, late = times[len(times) // 2], times[min(len(times) - 1, int(len(times) * 0.99))]
        lines.append(f"{'time per query':<{width}}  p50 {half:.2f} ms, p99 {late:.2f} ms")
    return lines


def _first(asked: AskedLine) -> str | None:
    return next(iter(answers_of(asked.finding)), None)


def _alarmed(asked: AskedLine) -> bool:
    return isinstance(asked.finding, Urgent)


def _emergency(asked: AskedLine) -> bool:
    return isinstance(asked.finding, Urgent) and asked.finding.tier is Tier.EMERGENCY


def _asked_about(asked: AskedLine) -> bool:
    return isinstance(asked.finding, Check)


def _caught(asked: AskedLine) -> bool:
    return isinstance(asked.finding, Urgent | Check)


def _sure(asked: AskedLine) -> bool:
    return isinstance(asked.finding, Found)


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
    offered = answers_of(finding) or tuple(name for name, _ in finding.scores)
    return next((name for name in offered if name in asker.pack.answers), "")


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
            yield f"  {few_hidden(times):>5}  {subject}"


@dataclass(frozen=True, slots=True)
class Figures:
    """What the checks say of a pack: errors without their lines, which an edit moves, and how many of them
    are messages that must find something and do not."""

    errors: tuple[str, ...]
    missed: int

    def worse_than(self, before: "Figures") -> list[str]:
        """The errors that were not there before."""
        return list((Counter(self.errors) - Counter(before.errors)).elements())


def figures(root: Path, today: date) -> Figures:
    findings = [each for each in checks.check(root, today) if each.severity is Severity.ERROR]
    said = tuple(f"{each.file}: {each.sentence}" for each in findings)
    return Figures(said, sum(each.check == "questions" for each in findings))


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
        write_whole(path, with_alias(text, wording))
        after = measure(root)
        if worse := after.worse_than(before):
            raise NotAcceptedError(f"Undone: with “{wording}” the checks find what was right before.", *worse)
        if not found(root, wording, answer):
            raise NotAcceptedError(f"Undone: “{wording}” does not find {answer} even so.")
    except BaseException:
        write_whole(path, text)
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
