"""What is wrong with a pack: problems that keep it from being used, and findings of `backcheck check`."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

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


class Severity(IntEnum):
    """An error fails the check, a warning only a strict one; a note is for information."""

    ERROR = 0
    WARNING = 1
    NOTE = 2


@dataclass(frozen=True, slots=True, order=True)
class CheckFinding:
    """One thing a check saw. Ordered by file, line and severity."""

    file: str
    line: int
    severity: Severity
    check: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.severity.name.lower()}: {self.sentence} [{self.check}]"


def error(check: str, problem: Problem) -> CheckFinding:
    return CheckFinding(problem.file, problem.line, Severity.ERROR, check, problem.sentence)


def warning(check: str, problem: Problem) -> CheckFinding:
    return CheckFinding(problem.file, problem.line, Severity.WARNING, check, problem.sentence)
