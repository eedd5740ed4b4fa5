"""What is wrong with a pack: each problem with its file and line, and all of them at once."""

from collections.abc import Iterable
from dataclasses import dataclass

from tgbot.errors import BackcheckError


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
