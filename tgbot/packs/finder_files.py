"""The finder's files, read and checked: what people type (wordings, alarms, told), rules (detection), words
(language, words.txt). finder_index.py makes an index of them."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, astuple, dataclass
from typing import Any

from tgbot.finder.normalising import STEMMERS, split, stemmer
from tgbot.finder.quantities import QuantityKind
from tgbot.finder.reading import Language
from tgbot.finder.rules import Rule, RuleError, parse
from tgbot.finder.scrubbing import NameWords
from tgbot.packs.yaml_files import TEXTS, Folder, PackErrors, Problem, Sheet, Where, shape, text_at

FILES = ("language.yaml", "words.txt", "detection.yaml", "wordings.yaml", "alarms.yaml", "told.yaml")
NOTHING = "none"  # the block of wordings that the pack has no answer for
CALM = "calm"  # the class of messages that only sound like a warning sign


@dataclass(frozen=True, slots=True)
class NamesFile:
    """The words by which names are told, with spaces between."""

    before: str
    between: str
    never: str


@dataclass(frozen=True, slots=True)
class LanguageFile:
    """language.yaml."""

    short_forms: dict[str, str]
    stop_words: str
    openers: str
    ideas: dict[str, tuple[str, ...]]
    elsewhere: str
    here: tuple[str, ...]
    asking: str
    runs_on: str
    runs_in: str
    number_words: dict[str, float]
    quantities: tuple[QuantityKind, ...]
    names: NamesFile
    answers: tuple[str, ...] = ()
    after_answers: tuple[str, ...] = ()
    stemmer: str = ""  # one of Snowball's, by name; without it every form of a word is a word of its own


@dataclass(frozen=True, slots=True)
class ScopeWords:
    """The words that open the scopes of finder/scopes.py."""

    negators: tuple[str, ...]
    briefly: tuple[str, ...]
    firsts: tuple[str, ...]
    novelties: tuple[str, ...]
    rather: tuple[str, ...]
    lists: tuple[str, ...]
    subjects: tuple[str, ...]
    owners: tuple[str, ...]
    prepositions: tuple[str, ...]
    inert: tuple[str, ...]
    breakers: tuple[str, ...]
    contrasts: tuple[str, ...]
    past: tuple[str, ...]
    present: tuple[str, ...]
    returned: tuple[str, ...]
    asking: tuple[str, ...]
    not_asking: tuple[str, ...]
    disclaiming: tuple[str, ...]
    resolving: tuple[str, ...]
    lasting: tuple[str, ...]
    general: tuple[str, ...]
    fiction: tuple[str, ...]
    pastimes: tuple[str, ...]
    turns: tuple[str, ...]
    personal: tuple[str, ...]
    owned: tuple[str, ...]
    writer: tuple[str, ...]
    others: tuple[str, ...]
    fearing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DetectionFile:
    """detection.yaml."""

    lexicon: dict[str, tuple[str, ...]]
    numbers: dict[str, tuple[str, float, float]]
    rules: dict[str, tuple[str, ...]]
    complaints: tuple[str, ...]
    plain_answers: tuple[str, ...]
    scopes: ScopeWords


@dataclass(frozen=True, slots=True)
class ToldFile:
    """told.yaml: longer messages, by what is to be learned of them; each map is by id, a line a message."""

    signs: dict[str, str]
    unclear: dict[str, str]
    complaints: dict[str, str]
    questions: dict[str, str]


LANGUAGE = shape(LanguageFile)
_TOLD = shape(ToldFile)
DETECTION = shape(DetectionFile)


@dataclass(frozen=True, slots=True)
class FinderSources:
    """The finder's files as they were read; None is what cannot be used; the folder's problems say why."""

    language: Sheet[LanguageFile] | None
    detection: Sheet[DetectionFile] | None
    wordings: Sheet[dict[str, str]] | None
    alarms: Sheet[dict[str, str]] | None
    told: Sheet[ToldFile] | None
    words: tuple[str, ...]
    rules: tuple[Rule, ...]
    complaints: tuple[Rule, ...]


def read_files(
    folder: Folder, locale: str, answers: Iterable[str], signs: Iterable[str] | None
) -> FinderSources:
    """The finder's files, checked against the pack's answers and, when they are known, its warning signs."""
    detection = folder.sheet(f"{locale}/detection.yaml", DETECTION)
    wordings = folder.sheet(f"{locale}/wordings.yaml", TEXTS)
    alarms = folder.sheet(f"{locale}/alarms.yaml", TEXTS)
    told = folder.sheet(f"{locale}/told.yaml", _TOLD)
    if detection:
        plain = detection.value.plain_answers
        folder.problems += _strangers(detection, plain, answers, "an answer of this pack", "plain_answers")
    if wordings:
        folder.problems += _strangers(wordings, wordings.value, {*answers, NOTHING}, "an answer of this pack")
    if alarms and signs is not None:
        folder.problems += _strangers(alarms, alarms.value, {*signs, CALM}, "a warning sign of redflags.yaml")
    if told:
        for asked in (told.value.complaints, told.value.questions):
            folder.problems += _strangers(told, asked, {*answers, NOTHING}, "an answer of this pack")
        for meant in (told.value.signs, told.value.unclear):
            if signs is not None:
                folder.problems += _strangers(told, meant, signs, "a warning sign of redflags.yaml")
    if wordings and told:
        folder.problems += _unlearnable(wordings, told)
    language = folder.sheet(f"{locale}/language.yaml", LANGUAGE)
    folder.problems += _wordless(language, detection)
    if language and language.value.stemmer not in ("", *STEMMERS):
        said = f"`{language.value.stemmer}` is none of Snowball's stemmers: {', '.join(sorted(STEMMERS))}"
        folder.wrong(language.document, ("stemmer",), said)
    return FinderSources(
        language=language,
        detection=detection,
        wordings=wordings,
        alarms=alarms,
        told=told,
        words=_words(folder, f"{locale}/words.txt"),
        rules=_rules(folder, detection, signs) if detection else (),
        complaints=_complaints(folder, detection) if detection else (),
    )


def _unlearnable(wordings: Sheet[dict[str, str]], told: Sheet[ToldFile]) -> Iterator[Problem]:
    """What is told from nothing else: every message would be one of ours, a complaint, or a question."""
    blocks = (wordings.value, told.value.complaints, told.value.questions)
    if not any(block.get(NOTHING, "").strip() for block in blocks):
        yield wordings.document.problem((), f"`{NOTHING}` is missing: wordings that no answer is for")
    for name, block in (("complaints", told.value.complaints), ("questions", told.value.questions)):
        if not any(map(str.strip, block.values())):
            yield told.document.problem((name,), "at least one message is needed here")


def _words(folder: Folder, file: str) -> tuple[str, ...]:
    """The words of a plain text file; `#` starts a remark."""
    try:
        text = text_at(folder.root / file, file)
    except PackErrors as errors:
        folder.problems.extend(errors.problems)
        return ()
    return tuple(word for line in text.splitlines() for word in line.partition("#")[0].split())


def _rules(folder: Folder, sheet: Sheet[DetectionFile], signs: Iterable[str] | None) -> tuple[Rule, ...]:
    """The rules in the order of the file; whatever is wrong with one goes to the folder's problems."""
    there = None if signs is None else set(signs)
    rules: list[Rule] = []
    for sign, texts in sheet.value.rules.items():
        if there is not None and sign not in there:
            folder.wrong(sheet.document, ("rules", sign), f"`{sign}` is not a warning sign of redflags.yaml")
        rules += _parsed(folder, sheet, texts, ("rules", sign))
    return tuple(rules)


def _complaints(folder: Folder, sheet: Sheet[DetectionFile]) -> tuple[Rule, ...]:
    """The rules that tell of pain and of no sign."""
    return tuple(_parsed(folder, sheet, sheet.value.complaints, ("complaints",)))


def _parsed(
    folder: Folder, sheet: Sheet[DetectionFile], texts: Iterable[str], place: tuple[str, ...]
) -> Iterator[Rule]:
    """The rules in `texts`, which stand at `place` of the sheet."""
    known = {*sheet.value.lexicon, *sheet.value.numbers}
    for number, text in enumerate(texts):
        where: tuple[str | int, ...] = (*place, number)
        try:
            rule = parse(place[-1], text)
        except RuleError as error:
            folder.wrong(sheet.document, where, " ".join(error.sentences))
            continue
        for name in sorted(rule.names - known):
            folder.wrong(sheet.document, where, f"`{text}`: there is no idea `{name}` in the lexicon")
        yield rule


def _strangers(
    sheet: Sheet[Any], named: Iterable[str], known: Iterable[str], what: str, where: str = ""
) -> list[Problem]:
    names = sorted(set(named) - set(known))
    return [sheet.document.problem((where or name,), f"`{name}` is not {what}") for name in names]


def _wordless(
    language: Sheet[LanguageFile] | None, detection: Sheet[DetectionFile] | None
) -> Iterator[Problem]:
    """Phrases that nothing in a message can be: without a letter or a number."""
    found: list[tuple[Sheet[Any], Where, Iterable[str]]] = []
    if language:
        found += [(language, ("ideas", name), idea) for name, idea in language.value.ideas.items()]
        found += [(language, ("here",), language.value.here)]
        found += [
            (language, ("quantities", number), (*kind.before, *kind.after))
            for number, kind in enumerate(language.value.quantities)
        ]
    if detection:
        found += [(detection, ("lexicon", name), idea) for name, idea in detection.value.lexicon.items()]
        scopes = asdict(detection.value.scopes)
        found += [(detection, ("scopes", name), words) for name, words in scopes.items()]
    for sheet, where, phrases in found:
        for phrase in phrases:
            if not split(phrase):
                yield sheet.document.problem(where, f"`{phrase}` holds no word")


def language_of(file: LanguageFile, words: Iterable[str]) -> Language:
    return Language(
        words=tuple(words),
        short_forms={short: tuple(split(long)) for short, long in file.short_forms.items()},
        stop_words=frozenset(file.stop_words.split()),
        openers=frozenset(file.openers.split()),
        ideas=file.ideas,
        elsewhere=frozenset(file.elsewhere.split()),
        here=file.here,
        asking=frozenset(file.asking.split()),
        runs_on=frozenset(file.runs_on.split()),
        runs_in=frozenset(file.runs_in.split()),
        number_words=file.number_words,
        quantities=file.quantities,
        answers=file.answers,
        after_answers=file.after_answers,
        names=NameWords(*(frozenset(words.split()) for words in astuple(file.names))),
        stem=stemmer(file.stemmer),
    )
