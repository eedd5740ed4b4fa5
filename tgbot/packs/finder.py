"""The finder's files → an Index: language.yaml, words.txt, wordings.yaml and alarms.yaml of one language.

Nothing is trained beforehand: the index learns from the files each time they are loaded.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tgbot.domain.content import ContentPack, Tier
from tgbot.domain.finding import Index, build
from tgbot.domain.normalising import split
from tgbot.domain.reading import Language
from tgbot.packs.folder import Folder, Sheet, shape
from tgbot.packs.problems import Problem

CALM = "calm"  # the class of messages that only sound like a warning sign


@dataclass(frozen=True, slots=True)
class LanguageFile:
    """language.yaml."""

    short_forms: dict[str, str]
    stop_words: str
    ideas: dict[str, tuple[str, ...]]
    elsewhere: str
    here: str


_LANGUAGE = shape(LanguageFile)
_LINES = shape(dict[str, str])


def load(root: Path, pack: ContentPack) -> Index:
    """The index over `pack`'s answers and warning signs, from its folder `root`. Raises PackErrors."""
    folder = Folder(root)
    language = folder.sheet(f"{pack.locale}/language.yaml", _LANGUAGE)
    wordings = folder.sheet(f"{pack.locale}/wordings.yaml", _LINES)
    alarms = folder.sheet(f"{pack.locale}/alarms.yaml", _LINES)
    words = list(_words(folder, f"{pack.locale}/words.txt"))
    if alarms:
        folder.problems += _strangers(alarms, {*pack.red_flags, CALM}, "a warning sign of redflags.yaml")
    folder.done()
    # Nothing is missing now; the conditions say so to the type checker.
    if not (language and wordings and alarms):
        raise AssertionError("a file is missing and no problem was kept")
    lines = _lines(wordings.value)
    answers = pack.answers
    return build(
        language=_language(language.value, words),
        wordings={id: [a.question, *a.aliases, *lines.get(id, ())] for id, a in answers.items()},
        nothing=[text for id, texts in lines.items() if id not in answers for text in texts],
        alarms={id: texts for id, texts in _lines(alarms.value).items() if id != CALM},
        calm=[*_lines(alarms.value).get(CALM, ()), *(text for texts in lines.values() for text in texts)],
        tiers={id: Tier(sign.tier) for id, sign in pack.red_flags.items()},
    )


def _lines(blocks: Mapping[str, str]) -> dict[str, list[str]]:
    return {id: [line.strip() for line in block.splitlines() if line.strip()] for id, block in blocks.items()}


def _words(folder: Folder, file: str) -> Iterator[str]:
    """The words of a plain text file; `#` starts a remark."""
    try:
        text = (folder.root / file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        folder.problems.append(Problem(file, 1, f"cannot be read: {error}"))
        return
    for line in text.splitlines():
        yield from line.partition("#")[0].split()


def _strangers(sheet: Sheet[dict[str, str]], known: Iterable[str], what: str) -> list[Problem]:
    names = sorted(set(sheet.value) - set(known))
    return [sheet.document.problem((name,), f"`{name}` is not {what}") for name in names]


def _language(file: LanguageFile, words: Iterable[str]) -> Language:
    return Language(
        words=tuple(words),
        short_forms={short: tuple(split(long)) for short, long in file.short_forms.items()},
        stop_words=frozenset(file.stop_words.split()),
        ideas=file.ideas,
        elsewhere=frozenset(file.elsewhere.split()),
        here=frozenset(file.here.split()),
    )
