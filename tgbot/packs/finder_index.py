"""The finder's files → an Index: what was learned of the words is recalled, or learned now.

The build learns (`backcheck learn`, the wheel's build hook), so that a start finds it: in the package, else
in the cache. A start that finds it nowhere learns, for twenty seconds and once for the same words.
Each net is learned by itself: another question of an answer changes nothing about warning signs.
"""

import hashlib
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache, lru_cache
from pathlib import Path

from tgbot.content import ContentPack
from tgbot.finder import normalising
from tgbot.finder.finding import Index, build
from tgbot.finder.learning import Classifier
from tgbot.finder.reading import Reader
from tgbot.finder.rules import Detection, NumberIdea, RuleMatcher
from tgbot.finder.studying import Learned, Lessons, Studying
from tgbot.packs import learned
from tgbot.packs.finder_files import CALM, FILES, NOTHING, ToldFile, language_of, read_files
from tgbot.packs.yaml_files import Folder, bytes_at

# Modules of the finder that decide what is learned; the others only use it.
_READING = ("learning", "normalising", "quantities", "reading", "studying")
_SIGNALS = ("rules", "scopes")  # for the warning signs only
_STEMMED = 400  # words whose stems tell one stemmer from another

Say = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class _LearnedWords:
    """What an index is made from; equal when every byte of it is."""

    fingerprint: str
    root: Path = field(compare=False)
    pack: ContentPack = field(compare=False)
    say: Say = field(compare=False)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What reads messages, what there is to learn, and the name under which each net is kept."""

    reader: Reader
    rules: RuleMatcher
    lessons: Lessons
    plain_answers: frozenset[str]
    names: Mapping[str, str]


def load(root: Path, pack: ContentPack, say: Say = lambda _: None) -> Index:
    """The index over `pack`'s answers and warning signs, from its folder `root`. Raises PackErrors.

    `say` is told before each of up to three rounds of learning.
    """
    wordings = [(answer.id, answer.question, answer.aliases) for answer in pack.answers.values()]
    signs = [(sign.id, sign.tier, sign.lenient, sign.asked) for sign in pack.red_flags.values()]
    digest = hashlib.sha256(repr((pack.locale, wordings, signs)).encode())
    for name in FILES:
        path = root / pack.locale / name
        digest.update((bytes_at(path) or b"") if path.is_file() else b"")
    return _index(_LearnedWords(digest.hexdigest(), root, pack, say))


@lru_cache(maxsize=2)
def _index(words: _LearnedWords) -> Index:
    pack, parts = words.pack, _parts(words.root, words.pack)
    known = _known(parts, words.say)
    asked = {id: (answer.question, *answer.aliases) for id, answer in pack.answers.items()}
    return build(parts.reader, parts.rules, known, pack.red_flags, asked, parts.plain_answers)


def learn_for_package(root: Path, pack: ContentPack, say: Say) -> None:
    """Have what is to be learned of the pack in the package, for the build. Raises PackErrors."""
    parts = _parts(root, pack)
    known = _known(parts, say)
    learned.ship({name: getattr(known, net) for net, name in parts.names.items()})


def _known(parts: _Parts, say: Say) -> Learned:
    """The nets that the package or the cache holds; what neither does is learned, and kept in the cache."""
    cached = learned.folder(os.environ.get("XDG_CACHE_HOME"))
    studying = Studying(parts.reader, parts.rules, parts.lessons)
    known: dict[str, Classifier] = {}
    for net, name in parts.names.items():
        found = learned.shipped(name) or learned.recall(cached, name)
        if found is None:
            say(f"The finder's words have changed. Learning {net} anew, once, takes some seconds …")
            found = getattr(studying, net)()
            learned.keep(cached, name, found)
        known[net] = found
    return Learned(**known)


def _parts(root: Path, pack: ContentPack) -> _Parts:
    folder = Folder(root)
    files = read_files(folder, pack.locale, pack.answers, pack.red_flags)
    folder.done()
    # Nothing is missing now; the conditions say so to the type checker.
    if not (files.language and files.detection and files.wordings and files.alarms and files.told):
        raise AssertionError("a file is missing and no problem was kept")
    found, language = files.detection.value, language_of(files.language.value, files.words)
    numbers = {name: NumberIdea(*idea) for name, idea in found.numbers.items()}
    scopes = asdict(found.scopes)
    rules = RuleMatcher(
        Detection(found.lexicon, numbers, files.rules, scopes, files.complaints),
        language.expand,
        language.stem,
    )
    lessons = _lessons(pack, files.wordings.value, files.alarms.value, files.told.value)
    stems = [language.stem(word) for word in files.words[:_STEMMED]]
    words = hashlib.sha256("\n".join(files.words).encode()).digest()  # 46,000: written out once, not thrice
    read = (pack.locale, files.language.value, words, sorted(rules.words), stems)
    seen = (found.lexicon, found.numbers, scopes)
    decides = {
        "alarms": (_code(*_READING, *_SIGNALS), read, seen, lessons.alarms, lessons.calm),
        "answers": (_code(*_READING), read, lessons.wordings, lessons.nothing),
        "complaints": (_code(*_READING), read, lessons.complaints, lessons.questions),
    }
    names = {net: f"{net}-{hashlib.sha256(repr(what).encode()).hexdigest()}" for net, what in decides.items()}
    return _Parts(Reader(language, rules.words), rules, lessons, frozenset(found.plain_answers), names)


@cache
def _code(*modules: str) -> tuple[object, ...]:
    """Whatever else decides what is learned: our code, and how this machine writes numbers."""
    folder = Path(normalising.__file__).parent
    code = b"".join((folder / f"{name}.py").read_bytes() for name in modules)
    return hashlib.sha256(code).hexdigest(), sys.byteorder


def _lessons(
    pack: ContentPack, wordings: Mapping[str, str], alarms: Mapping[str, str], told: ToldFile
) -> Lessons:
    """What there is to learn from. Whatever is asked is calm; what is unclear is both calm and a sign."""
    lines, signs = _lines(wordings), _lines(alarms)
    complaints, questions = _lines(told.complaints), _lines(told.questions)
    meant, unclear = _lines(told.signs), _lines(told.unclear)
    asked = [lines, complaints, questions]
    return Lessons(
        wordings={
            id: [a.question, *a.aliases, *(text for block in asked for text in block.get(id, ()))]
            for id, a in pack.answers.items()
        },
        nothing=[text for block in asked for text in block.get(NOTHING, ())],
        alarms={
            id: [text for block in (signs, meant, unclear) for text in block.get(id, ())]
            for id in dict.fromkeys([*signs, *meant, *unclear])
            if id != CALM
        },
        calm=[*signs.get(CALM, ()), *_texts(*asked, unclear)],
        complaints=_texts(complaints, meant),
        questions=_texts(questions),
    )


def _texts(*blocks: Mapping[str, Sequence[str]]) -> list[str]:
    return [text for block in blocks for texts in block.values() for text in texts]


def _lines(blocks: Mapping[str, str]) -> dict[str, list[str]]:
    return {id: [line.strip() for line in block.splitlines() if line.strip()] for id, block in blocks.items()}
