"""What `backcheck check` says: findings, each with its check's name, its file and its line."""

from dataclasses import dataclass
from enum import IntEnum

from tgbot.packs.pack_errors import Problem


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
