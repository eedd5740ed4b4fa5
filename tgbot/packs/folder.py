"""The files of one pack, read into the domain's types; every problem is kept until all were read."""

from dataclasses import dataclass, replace
from pathlib import Path
from types import GenericAlias
from typing import Generic, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from tgbot.packs.problems import PackErrors, Problem
from tgbot.packs.yamlfile import Document, Where, read
from tgbot.screens.markup import MarkupErrors, to_html

T = TypeVar("T")
_KINDS = {  # what pydantic calls them → what the author of a pack writes
    "dataclass": "a list of named values",
    "dict": "a list of named values",
    "mapping": "a list of named values",
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
