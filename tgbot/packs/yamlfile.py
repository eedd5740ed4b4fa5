"""One YAML file as plain data that remembers the line of everything in it.

Only plain YAML is read: no tags, no anchors and aliases, no key twice, and of the bare words only `true`,
`false` and `null` mean something (Norway is `NO`, and `on` is a key like any other).
"""

import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from tgbot.packs.pack_errors import PackErrors, Problem

LARGEST = 512 * 1024  # bytes in one file; the longest of ours is a tenth of it
DEEPEST = 12  # levels of nesting

Where = tuple[str | int, ...]  # the keys and indexes that lead to a value


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
    try:
        _refuse_tricks(text, file)
        root = yaml.compose(text, _Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise PackErrors([Problem(file, line, f"is not valid YAML: {error.problem}")]) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise PackErrors([Problem(file, line, f"is not valid YAML: {error.reason}")]) from None
    walk = _Walk(file)
    data = None if root is None else walk.value(root, (), 1)
    if walk.problems:
        raise PackErrors(walk.problems)
    return Document(file, data, {(): 1, **walk.lines}, walk.texts)


def _refuse_tricks(text: str, file: str) -> None:
    """Refuse what makes a small file huge or deep, before anything is built from it."""
    depth = 0
    for event in yaml.parse(text, _Loader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise PackErrors([Problem(file, line, "anchors and aliases (& and *) are not used in a pack")])
        if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            depth += 1
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            depth -= 1
        if depth > DEEPEST:
            raise PackErrors([Problem(file, line, f"is nested more than {DEEPEST} levels deep")])


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # C when it is there
    """The safe loader, whose bare words are those of JSON."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012  PyYAML's own


_PLAIN = "tag:yaml.org,2002:"
for _tag, _looks_like, _first in (
    ("null", r"(?:null|~|)$", ["n", "~", ""]),
    ("bool", r"(?:true|false)$", ["t", "f"]),
    ("int", r"-?(?:0|[1-9][0-9]{0,17})$", list("-0123456789")),
    ("float", r"-?(?:0|[1-9][0-9]*)\.[0-9]+$", list("-0123456789")),
):
    _Loader.add_implicit_resolver(_PLAIN + _tag, re.compile(_looks_like), _first)


class _Walk:
    """Turns nodes into data, and keeps what is wrong and where everything was."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.lines: dict[Where, int] = {}
        self.texts: dict[Where, int] = {}

    def value(self, node: Node, where: Where, line: int) -> object:
        self.lines[where] = line
        if isinstance(node, MappingNode) and node.tag == _PLAIN + "map":
            return dict(self._pairs(node, where))
        if isinstance(node, SequenceNode) and node.tag == _PLAIN + "seq":
            return [
                self.value(child, (*where, index), child.start_mark.line + 1)
                for index, child in enumerate(node.value)
            ]
        if isinstance(node, ScalarNode):
            self.texts[where] = node.start_mark.line + (2 if node.style in ("|", ">") else 1)
            return self._scalar(node, line)
        self._wrong(node, f"the tag {node.tag} is not used in a pack")
        return None

    def _pairs(self, node: MappingNode, where: Where) -> Iterator[tuple[str, object]]:
        seen: dict[str, int] = {}
        for key, child in node.value:
            name, line = key.value, key.start_mark.line + 1
            if not isinstance(key, ScalarNode):
                self._wrong(key, "a key must be a single word")
            elif name in seen:
                self._wrong(key, f"`{name}` is here twice, first on line {seen[name]}")
            else:
                seen[name] = line
                yield name, self.value(child, (*where, name), line)

    def _scalar(self, node: ScalarNode, line: int) -> object:
        kind = node.tag.removeprefix(_PLAIN)
        match kind:
            case "str":
                return node.value
            case "null":
                return None
            case "bool":
                return node.value == "true"
            case "int":
                return int(node.value)
            case "float":
                return float(node.value)
        self.problems.append(Problem(self.file, line, f"the tag {node.tag} is not used in a pack"))
        return None

    def _wrong(self, node: Node, sentence: str) -> None:
        self.problems.append(Problem(self.file, node.start_mark.line + 1, sentence))
