"""What was looked at and how it is: one line each."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Condition(StrEnum):
    """`BROKEN`: the bot cannot work, or not wholly. `LOOK`: it works, and somebody should look at this."""

    OK = "ok"
    LOOK = "look at this"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """`remedy` says what to do; nothing to do when all is well."""

    subject: str
    condition: Condition
    says: str
    remedy: str = ""


def well(subject: str, says: str) -> Diagnosis:
    return Diagnosis(subject, Condition.OK, says)


def look(subject: str, says: str, remedy: str) -> Diagnosis:
    return Diagnosis(subject, Condition.LOOK, says, remedy)


def broken(subject: str, says: str, remedy: str) -> Diagnosis:
    return Diagnosis(subject, Condition.BROKEN, says, remedy)


def exit_code(found: Iterable[Diagnosis]) -> int:
    """0: all is well; 1: something is broken; 2: something is to be looked at."""
    conditions = {diagnosis.condition for diagnosis in found}
    if Condition.BROKEN in conditions:
        return 1
    return 2 if Condition.LOOK in conditions else 0
