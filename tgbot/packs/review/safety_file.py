"""Sections of docs/clinical-safety.md that stand in the book: what it is for, open questions, the hazard log.

A pack of one's own may have a clinical-safety.md of its own beside pack.yaml.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

NAME = "clinical-safety.md"
TESTS = "Evidence"  # the column of tests in the hazard log
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_PACKAGE = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class ClaimText:
    """What a claim said, and the words of ours that answer it."""

    claimed: str
    answered: str


@dataclass(frozen=True, slots=True)
class SafetyFile:
    """Sections by heading, as HTML; claims by id. Empty where there is no such file."""

    sections: dict[str, str]
    claims: dict[str, ClaimText]

    def section(self, begins: str) -> str:
        """The HTML of the section whose heading begins so, or nothing."""
        return next((html for name, html in self.sections.items() if name.startswith(begins)), "")


def safety_file(root: Path) -> SafetyFile:
    """The pack's own file, else the one that ships."""
    places = (root / NAME, _PACKAGE / "_content" / NAME, _PACKAGE.parent / "docs" / NAME)
    path = next((place for place in places if place.is_file()), None)
    text = path.read_text(encoding="utf-8") if path else ""
    return SafetyFile({name: _html(body) for name, body in _sections(text)}, _claims(text))


def _sections(text: str) -> Iterator[tuple[str, str]]:
    for section in re.split(r"^## ", text, flags=re.M)[1:]:
        name, _, body = section.partition("\n")
        yield name.strip(), body.strip()


def _html(body: str) -> str:
    """Without the column of tests, which is for programmers, and with links as their text."""
    body = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", body)
    lines, place = body.splitlines(), None
    for number, line in enumerate(lines):
        cells = [cell.strip() for cell in line.split("|")]
        place = cells.index(TESTS) if TESTS in cells else place if line.startswith("|") else None
        if place is not None:
            lines[number] = "|".join(cell for at, cell in enumerate(line.split("|")) if at != place)
    html: str = _MARKDOWN.render("\n".join(lines))
    return html.replace("<h3>", "<h4>").replace("</h3>", "</h4>")


def _claims(text: str) -> dict[str, ClaimText]:
    rows = (line.strip("| ").split(" | ") for line in text.splitlines() if re.match(r"\| C\d", line))
    return {row[0]: ClaimText(row[1], row[4]) for row in rows if len(row) == 5}
