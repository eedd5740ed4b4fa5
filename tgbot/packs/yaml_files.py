"""The YAML files of a pack: each is read as plain data that remembers its lines, then into the domain's type.
Every problem is kept, with file and line, until all were read.

Only plain YAML is read: no tags, no anchors and aliases, no key twice, and of the bare words only `true`,
`false` and `null` mean something (Norway is `NO`, and `on` is a key like any other).
"""

import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from io import BytesIO, TextIOWrapper
from pathlib import Path
from types import GenericAlias
from typing import Generic, NoReturn, TypeVar

import yaml
from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails
from yaml.events import (
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
)

from tgbot.errors import BackcheckError
from tgbot.screens.markup import MarkupErrors, to_html


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing to mend. `file` is relative to the pack; `line` counts from 1."""

    file: str
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.sentence}"


class PackErrors(BackcheckError):  # noqa: N818  it carries many, and its name says so
    """The pack cannot be used. `problems` holds everything that is wrong with it, in file and line order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__(*map(str, self.problems))


LARGEST = 1024 * 1024  # bytes in one file; the longest of ours is half of it
DEEPEST = 12  # levels of nesting

Where = tuple[str | int, ...]  # the keys and indexes that lead to a value

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # C when it is there
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+")
_BARE: Mapping[str, bool | None] = {"": None, "~": None, "null": None, "true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Document:
    """A file's data, with the line (from 1) of every key and item, and of every text's first line."""

    file: str
    data: object
    lines: Mapping[Where, int]
    texts: Mapping[Where, int]

    def line(self, where: Where) -> int:
        """The line of `where`, or of the nearest thing around it that is in the file."""
        return next(self.lines[where[:end]] for end in range(len(where), -1, -1) if where[:end] in self.lines)

    def problem(self, where: Where, sentence: str) -> Problem:
        return Problem(self.file, self.line(where), sentence)


def read(path: Path, file: str) -> Document:
    """The file at `path`, called `file` in problems. Raises PackErrors."""
    return parse(text_at(path, file), file)


def text_at(path: Path, file: str) -> str:
    """What is written there. Raises PackErrors."""
    try:
        content = bytes_at(path)
        if content is None:
            raise PackErrors([Problem(file, 1, "is not a regular file")])
        if len(content) > LARGEST:
            raise PackErrors([Problem(file, 1, f"is larger than {LARGEST // 1024} KiB")])
        return TextIOWrapper(BytesIO(content), encoding="utf-8").read()  # \r\n is \n
    except FileNotFoundError:
        said = "this file is missing"
    except UnicodeDecodeError:
        said = "is not text in UTF-8"
    except OSError as error:
        said = f"cannot be read ({error.strerror})"
    raise PackErrors([Problem(file, 1, said)])


def bytes_at(path: Path) -> bytes | None:
    """The file's first bytes, one more than are allowed; None for what is no regular file. Raises OSError.

    A pipe that nobody writes to is not waited for, and a device that never ends is not begun with.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return None
    with os.fdopen(descriptor, "rb") as opened:
        return opened.read(LARGEST + 1)


def parse(text: str, file: str) -> Document:
    """`text` as a Document. Raises PackErrors."""
    reading = _Reading(text, file)
    try:
        data = reading.document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise PackErrors([Problem(file, line, f"is not valid YAML: {error.problem}")]) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise PackErrors([Problem(file, line, f"is not valid YAML: {error.reason}")]) from None
    if reading.problems:
        raise PackErrors(reading.problems)
    return Document(file, data, {(): 1, **reading.lines}, reading.texts)


class _Reading:
    """Makes data of what the parser meets, one thing after the other, and keeps what is wrong and where
    everything was. What makes a small file huge or deep ends it before anything is built of that."""

    def __init__(self, text: str, file: str) -> None:
        self._events: Iterator[Event] = yaml.parse(text, _LOADER)
        self._file = file
        self._depth = 0
        self.problems: list[Problem] = []
        self.lines: dict[Where, int] = {}
        self.texts: dict[Where, int] = {}

    def document(self) -> object:
        """The only document's data, None without one. Raises PackErrors, YAMLError."""
        data: object = None
        for number, event in enumerate(e for e in self._events if isinstance(e, DocumentStartEvent)):
            if number:
                self._refuse(event, "is not valid YAML: there is another document")
            data = self._value(next(self._events), (), 1)
        return data

    def _value(self, event: Event, where: Where, line: int) -> object:
        """What begins with `event` and stands at `where`."""
        self._refuse_anchor(event)
        self.lines[where] = line
        if tag := getattr(event, "tag", None):
            self._wrong(event, f"the tag {tag} is not used in a pack")
        if isinstance(event, ScalarEvent):
            self.texts[where] = _line(event) + (event.style in ("|", ">"))
            return _meaning(event.value) if event.implicit[0] else event.value
        self._depth += 1
        if self._depth > DEEPEST:
            self._refuse(event, f"is nested more than {DEEPEST} levels deep")
        inside = self._named(where) if isinstance(event, MappingStartEvent) else self._listed(where)
        self._depth -= 1
        return inside

    def _listed(self, where: Where) -> list[object]:
        found: list[object] = []
        while not isinstance(event := next(self._events), SequenceEndEvent):
            found.append(self._value(event, (*where, len(found)), _line(event)))
        return found

    def _named(self, where: Where) -> dict[str, object]:
        found: dict[str, object] = {}
        first: dict[str, int] = {}
        while not isinstance(key := next(self._events), MappingEndEvent):
            name, line = self._key(key), _line(key)
            if name in first:
                self._wrong(key, f"`{name}` is here twice, first on line {first[name]}")
            first.setdefault(name, line)
            found[name] = self._value(next(self._events), (*where, name), line)
        return found

    def _key(self, event: Event) -> str:
        self._refuse_anchor(event)
        if not isinstance(event, ScalarEvent):
            self._refuse(event, "a key must be a single word")
        return str(event.value)

    def _refuse_anchor(self, event: Event) -> None:
        if getattr(event, "anchor", None) is not None:  # an alias has one, too
            self._refuse(event, "anchors and aliases (& and *) are not used in a pack")

    def _wrong(self, event: Event, sentence: str) -> None:
        self.problems.append(Problem(self._file, _line(event), sentence))

    def _refuse(self, event: Event, sentence: str) -> NoReturn:
        raise PackErrors([Problem(self._file, _line(event), sentence)])


def _line(event: Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _meaning(word: str) -> object:
    """Of a bare word: what JSON makes of it, else the word."""
    if word in _BARE:
        return _BARE[word]
    if _WHOLE.fullmatch(word):
        return int(word)
    return float(word) if _DECIMAL.fullmatch(word) else word


T = TypeVar("T")
_KINDS = {  # what pydantic calls them → what the author of a pack writes
    "dataclass": "names with values (`key: value`)",
    "dict": "names with values (`key: value`)",
    "mapping": "names with values (`key: value`)",
    "tuple": "a list",
    "list": "a list",
    "frozen_set": "a list",
    "string": "text; a number or a date in quotes is text",
    "int": "a whole number",
    "int_from_float": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "date": "a date like 2026-11-23",
    "date_from_datetime": "a date like 2026-11-23",
}
_STRICT = ConfigDict(extra="forbid", str_strip_whitespace=True, defer_build=True)  # built when first used


@dataclass(frozen=True, slots=True)
class Sheet(Generic[T]):
    """A file's value in the domain's type, and the document it came from."""

    value: T
    document: Document


def shape(kind: type[T]) -> TypeAdapter[tuple[T]]:
    """The adapter for a file that holds a `kind`: unknown keys refused, dataclasses within included.

    The tuple is there because pydantic hands its configuration down to dataclasses, not to an outermost one.
    """
    return TypeAdapter(GenericAlias(tuple, (kind,)), config=_STRICT)


TEXTS = shape(dict[str, str])  # a text for each name


class Folder:
    """Reads files below `root` and keeps what is wrong with them in `problems`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: list[Problem] = []

    def sheet(self, file: str, adapter: TypeAdapter[tuple[T]], key: str | None = None) -> Sheet[T] | None:
        """The file as `adapter`'s type, or None with the reasons in `problems`.

        `key` says that the file is a mapping whose keys are its values' `key`.
        """
        try:
            document = read(self.root / file, file)
            if key is not None:
                document = replace(document, data=_with_keys(document.data, key))
            return Sheet(validate(document, adapter), document)
        except PackErrors as errors:
            self.problems.extend(errors.problems)
            return None

    def html(self, document: Document, where: Where, markdown: str) -> str:
        """`markdown`, which stands at `where`, as Telegram HTML; what cannot be shown goes to `problems`."""
        try:
            return to_html(markdown)
        except MarkupErrors as errors:
            first = document.texts.get(where, document.line(where))
            found = (Problem(document.file, first + line - 1, text) for line, text in errors.problems)
            self.problems.extend(found)
            return ""

    def wrong(self, document: Document, where: Where, sentence: str) -> None:
        self.problems.append(document.problem(where, sentence))

    def done(self) -> None:
        """Raise PackErrors if anything was wrong so far."""
        if self.problems:
            raise PackErrors(self.problems)


def validate(document: Document, adapter: TypeAdapter[tuple[T]]) -> T:
    """The document's data in the adapter's type. Raises PackErrors with everything that does not fit."""
    try:
        return adapter.validate_python((document.data,))[0]
    except ValidationError as errors:
        raise PackErrors(_problem(document, error) for error in errors.errors()) from None


def _with_keys(data: object, key: str) -> object:
    if not isinstance(data, dict):
        return data
    return {name: {key: name, **value} if isinstance(value, dict) else value for name, value in data.items()}


def _problem(document: Document, error: ErrorDetails) -> Problem:
    where = error["loc"][1:]
    name = where[-1] if where else ""
    match error["type"]:
        case "missing" | "missing_argument":
            return document.problem(where, f"`{name}` is missing")
        case "unexpected_keyword_argument" | "extra_forbidden":
            return document.problem(where, f"`{name}` is not a key here")
    kind = error["type"].removesuffix("_type").removesuffix("_parsing")
    said = f"must be {_KINDS[kind]}" if kind in _KINDS else _plain(error["msg"])
    return document.problem(where, f"`{'.'.join(map(str, where))}` {said}" if where else f"this file {said}")


def _plain(message: str) -> str:
    return message.replace("Input should be", "must be").removeprefix("Value error, ")
