"""When things are due: instants, quiet hours, zones, backoff. Every function is pure and takes `now`."""

from dataclasses import dataclass
from datetime import time


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Local hours in which nothing unasked is sent. `start` may be later than `end`: over midnight."""

    start: time = time(21, 0)
    end: time = time(8, 0)


USUAL_QUIET_HOURS = QuietHours()


def backoff(attempt: int, draw: float, first: float = 1.0, longest: float = 60.0) -> float:
    """Seconds before trying again: doubling from `first` to `longest`, shortened by up to half by the dice.

    `attempt` counts from 0; `draw` is in [0, 1).
    """
    return min(longest, first * 2.0 ** min(attempt, 32)) * (1.0 - draw / 2.0)
