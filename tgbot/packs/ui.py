"""The bot's own sentences: flat keys, Markdown or plain text, with `{names}` to fill in."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import TypeVar

from pydantic import TypeAdapter

from tgbot.content import SERVICE, is_plain
from tgbot.packs.folder import Folder, Sheet, shape, validate
from tgbot.packs.problems import Problem
from tgbot.packs.yamlfile import Document, Where, read

T = TypeVar("T")
SERVICE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,29}")
_SENTENCES = shape(dict[str, str])
_PACKAGE = Path(__file__).parent.parent


def measure_of(folder: Folder, sheet: Sheet[T], name: str, adapter: TypeAdapter[tuple[T]]) -> T:
    """The English file that ships with the package, which is the measure for every other pack and language:
    the sheet itself when that is it."""
    inside = _PACKAGE / "_content"
    shipped, file = inside if inside.is_dir() else _PACKAGE.parent / "content", f"en/{name}"
    if sheet.document.file == file and folder.root.samefile(shipped):
        return sheet.value
    return validate(read(shipped / file, file), adapter)


def ui_problems(folder: Folder, sheet: Sheet[dict[str, str]]) -> Iterator[Problem]:
    """Where ui.yaml differs from the shipped one in keys or in `{names}`: the code counts on both."""
    measure = measure_of(folder, sheet, "ui.yaml", _SENTENCES)
    return sentence_problems(sheet.document, (), sheet.value, measure)


def sentence_problems(
    document: Document, where: Where, sentences: Mapping[str, str], measure: Mapping[str, str]
) -> Iterator[Problem]:
    """Where `sentences`, which stand at `where`, differ from `measure` in keys or in `{names}`."""
    for key in sorted(measure.keys() - sentences.keys()):
        if not key.startswith(SERVICE):
            yield document.problem(where, f"`{key}` is missing")
    for key, sentence in sentences.items():
        here = (*where, key)
        names = names_in(sentence)
        if key.startswith(SERVICE):
            yield from _service_problems(document, here, key, names)
        elif key not in measure:
            yield document.problem(here, f"`{key}` is not a sentence the bot uses")
        elif names is None:
            yield document.problem(here, "has a brace that is not part of a {name}")
        elif names != (expected := names_in(measure[key]) or frozenset()):
            said = ", ".join(f"{{{name}}}" for name in sorted(expected)) or "no {name}"
            yield document.problem(here, f"`{key}` must use {said}")


def _service_problems(
    document: Document, where: Where, key: str, names: frozenset[str] | None
) -> Iterator[Problem]:
    """A service message has a name that fits a button, and nothing to fill in: it is sent as it stands."""
    if not SERVICE_NAME.fullmatch(key.removeprefix(SERVICE)):
        yield document.problem(where, f"`{key}` must be named in up to 30 small letters, digits and hyphens")
    if names != frozenset():
        yield document.problem(where, f"`{key}` is sent as it stands, so it has no braces")


def names_in(sentence: str) -> frozenset[str] | None:
    """The `{names}` of a sentence, or None if its braces do not pair up or hold anything but a name."""
    try:
        parts = [(name, spec, how) for _, name, spec, how in Formatter().parse(sentence) if name is not None]
    except ValueError:
        return None
    if any(spec or how or not name.isidentifier() for name, spec, how in parts):
        return None
    return frozenset(name for name, _, _ in parts)


def ui_html(folder: Folder, sheet: Sheet[dict[str, str]]) -> dict[str, str]:
    """Every sentence as it is shown: Telegram HTML, or plain text where the key says so."""
    folder.problems += ui_problems(folder, sheet)
    return {
        key: sentence if is_plain(key) else folder.html(sheet.document, (key,), sentence)
        for key, sentence in sheet.value.items()
    }
