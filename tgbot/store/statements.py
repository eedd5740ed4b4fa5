"""Named SQL, read from files: `-- name --` begins a statement, the lines before the next name are it."""

import re
from collections.abc import Mapping
from importlib.resources import files

_NAME = re.compile(r"^-- (\w+) --$")


def parse(text: str) -> dict[str, str]:
    """The statements of one file. Raises ValueError for a name that is given twice."""
    statements: dict[str, list[str]] = {}
    lines: list[str] | None = None
    for line in text.splitlines():
        if found := _NAME.match(line):
            if found[1] in statements:
                raise ValueError(f"The statement {found[1]!r} is there twice.")
            lines = statements[found[1]] = []
        elif lines is not None and not line.startswith("--"):
            lines.append(line)
    return {name: "\n".join(lines).strip() for name, lines in statements.items()}


def load(*paths: str) -> Mapping[str, str]:
    """The statements of several files of this package; a later file's words win, so an engine can differ."""
    merged: dict[str, str] = {}
    for path in paths:
        merged |= parse(files("tgbot.store").joinpath(path).read_text("utf-8"))
    return merged
