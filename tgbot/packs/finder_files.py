"""The finder's files → an Index: what people type (wordings, alarms), rules (detection), words (language).

Nothing is trained beforehand: the index learns from the files when they are first loaded.
"""

import hashlib
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cache, lru_cache
from importlib import metadata
from pathlib import Path
from unicodedata import unidata_version

from tgbot.content import ContentPack, Tier
from tgbot.finder import normalising
from tgbot.finder.finding import Index, Lessons, build, study
from tgbot.finder.normalising import split
from tgbot.finder.reading import Language, Reader
from tgbot.finder.rules import Rule, RuleError, parse
from tgbot.finder.signs import Detection, Watcher
from tgbot.packs import learned
from tgbot.packs.folder import Folder, Sheet, shape
from tgbot.packs.pack_errors import PackErrors, Problem
from tgbot.packs.yamlfile import bytes_at, text_at

_FILES = ("language.yaml", "words.txt", "detection.yaml", "wordings.yaml", "alarms.yaml")
NOTHING = "none"  # the block of wordings that the pack has no answer for
CALM = "calm"  # the class of messages that only sound like a warning sign


@dataclass(frozen=True, slots=True)
class LanguageFile:
    """language.yaml."""

    short_forms: dict[str, str]
    stop_words: str
    openers: str
    ideas: dict[str, tuple[str, ...]]
    elsewhere: str
    here: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cues:
    """The words that open the scopes of domain/scopes.py."""

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
    general: tuple[str, ...]
    fiction: tuple[str, ...]
    pastimes: tuple[str, ...]
    turns: tuple[str, ...]
    personal: tuple[str, ...]
    owned: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DetectionFile:
    """detection.yaml."""

    lexicon: dict[str, tuple[str, ...]]
    numbers: dict[str, tuple[int, int]]
    rules: dict[str, tuple[str, ...]]
    scopes: Cues


_LANGUAGE = shape(LanguageFile)
_DETECTION = shape(DetectionFile)
_LINES = shape(dict[str, str])


@dataclass(frozen=True, slots=True)
class _Words:
    """What an index is made from; equal when every byte of it is, and the code that learns from it."""

    fingerprint: str
    root: Path = field(compare=False)
    pack: ContentPack = field(compare=False)


def load(root: Path, pack: ContentPack) -> Index:
    """The index over `pack`'s answers and warning signs, from its folder `root`. Raises PackErrors.

    Learning takes a second or two, so the same words are learned once: see packs/learned.py.
    """
    wordings = [(answer.id, answer.question, answer.aliases) for answer in pack.answers.values()]
    signs = [(sign.id, sign.tier) for sign in pack.red_flags.values()]
    digest = hashlib.sha256(repr((_made_with(), pack.locale, wordings, signs)).encode())
    for name in _FILES:
        path = root / pack.locale / name
        digest.update((bytes_at(path) or b"") if path.is_file() else b"")
    return _index(_Words(digest.hexdigest(), root, pack))


@cache
def _made_with() -> tuple[object, ...]:
    """Everything but the words that decides what is learned: our code, the libraries, the machine."""
    code = sorted(path.read_bytes() for path in Path(normalising.__file__).parent.glob("*.py"))
    libraries = [metadata.version(name) for name in ("numpy", "rapidfuzz", "snowballstemmer")]
    return hashlib.sha256(b"".join(code)).hexdigest(), libraries, unidata_version, sys.byteorder


@dataclass(frozen=True, slots=True)
class Files:
    """The finder's files as they were read; None is what cannot be used; the folder's problems say why."""

    language: Sheet[LanguageFile] | None
    detection: Sheet[DetectionFile] | None
    wordings: Sheet[dict[str, str]] | None
    alarms: Sheet[dict[str, str]] | None
    words: tuple[str, ...]
    rules: tuple[Rule, ...]


def read_files(folder: Folder, locale: str, answers: Iterable[str], signs: Iterable[str] | None) -> Files:
    """The finder's files, checked against the pack's answers and, when they are known, its warning signs."""
    detection = folder.sheet(f"{locale}/detection.yaml", _DETECTION)
    wordings = folder.sheet(f"{locale}/wordings.yaml", _LINES)
    alarms = folder.sheet(f"{locale}/alarms.yaml", _LINES)
    if wordings:
        folder.problems += _strangers(wordings, {*answers, NOTHING}, "an answer of this pack")
    if alarms and signs is not None:
        folder.problems += _strangers(alarms, {*signs, CALM}, "a warning sign of redflags.yaml")
    return Files(
        language=folder.sheet(f"{locale}/language.yaml", _LANGUAGE),
        detection=detection,
        wordings=wordings,
        alarms=alarms,
        words=_words(folder, f"{locale}/words.txt"),
        rules=_rules(folder, detection, signs) if detection else (),
    )


@lru_cache(maxsize=2)
def _index(words: _Words) -> Index:
    pack, folder = words.pack, Folder(words.root)
    files = read_files(folder, pack.locale, pack.answers, pack.red_flags)
    folder.done()
    # Nothing is missing now; the conditions say so to the type checker.
    if not (files.language and files.detection and files.wordings and files.alarms):
        raise AssertionError("a file is missing and no problem was kept")
    found, language = files.detection.value, _language(files.language.value, files.words)
    watcher = Watcher(
        Detection(found.lexicon, found.numbers, files.rules, asdict(found.scopes)), language.expand
    )
    reader = Reader(language, watcher.words)
    place = learned.folder(os.environ.get("XDG_CACHE_HOME"))
    known = learned.recall(place, words.fingerprint)
    if known is None:
        known = study(reader, watcher, _lessons(pack, files.wordings.value, files.alarms.value))
        learned.keep(place, words.fingerprint, known)
    tiers = {id: Tier(sign.tier) for id, sign in pack.red_flags.items()}
    asked = {id: (answer.question, *answer.aliases) for id, answer in pack.answers.items()}
    return build(reader, watcher, known, tiers, asked)


def _lessons(pack: ContentPack, wordings: Mapping[str, str], alarms: Mapping[str, str]) -> Lessons:
    lines, signs = _lines(wordings), _lines(alarms)
    return Lessons(
        wordings={id: [a.question, *a.aliases, *lines.get(id, ())] for id, a in pack.answers.items()},
        nothing=lines.get(NOTHING, ()),
        alarms={id: texts for id, texts in signs.items() if id != CALM},
        calm=[*signs.get(CALM, ()), *(text for texts in lines.values() for text in texts)],
    )


def _lines(blocks: Mapping[str, str]) -> dict[str, list[str]]:
    return {id: [line.strip() for line in block.splitlines() if line.strip()] for id, block in blocks.items()}


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
    known = {*sheet.value.lexicon, *sheet.value.numbers}
    there = None if signs is None else set(signs)
    rules = []
    for sign, texts in sheet.value.rules.items():
        if there is not None and sign not in there:
            folder.wrong(sheet.document, ("rules", sign), f"`{sign}` is not a warning sign of redflags.yaml")
        for number, text in enumerate(texts):
            where = ("rules", sign, number)
            try:
                rule = parse(sign, text)
            except RuleError as error:
                folder.wrong(sheet.document, where, " ".join(error.sentences))
                continue
            for name in sorted(rule.names - known):
                folder.wrong(sheet.document, where, f"`{text}`: there is no idea `{name}` in the lexicon")
            rules.append(rule)
    return tuple(rules)


def _strangers(sheet: Sheet[dict[str, str]], known: Iterable[str], what: str) -> list[Problem]:
    names = sorted(set(sheet.value) - set(known))
    return [sheet.document.problem((name,), f"`{name}` is not {what}") for name in names]


def _language(file: LanguageFile, words: Iterable[str]) -> Language:
    return Language(
        words=tuple(words),
        short_forms={short: tuple(split(long)) for short, long in file.short_forms.items()},
        stop_words=frozenset(file.stop_words.split()),
        openers=frozenset(file.openers.split()),
        ideas=file.ideas,
        elsewhere=frozenset(file.elsewhere.split()),
        here=file.here,
    )
