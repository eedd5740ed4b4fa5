"""What was looked at and how it is: one line each."""

import json
from collections.abc import Iterable, Sequence
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


_SIGNS = {Condition.OK: "ok     ", Condition.LOOK: "look   ", Condition.BROKEN: "BROKEN "}


def as_lines(found: Iterable[Diagnosis]) -> list[str]:
    """For reading: a line each, and below it what to do."""
    lines = []
    for each in found:
        lines.append(f"{_SIGNS[each.condition]} {each.subject:<10} {each.says}")
        if each.remedy:
            lines.append(f"{'':19}→ {each.remedy}")
    return lines


def as_json_text(found: Sequence[Diagnosis]) -> str:
    """For scripts: the exit code and every line."""
    rows = [
        {
            "subject": each.subject,
            "condition": each.condition.value,
            "says": each.says,
            "remedy": each.remedy,
        }
        for each in found
    ]
    return json.dumps({"exit": exit_code(found), "found": rows}, ensure_ascii=False, indent=1)
