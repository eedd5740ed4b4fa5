"""When things are due: instants, quiet hours, zones, backoff. Every function is pure and takes `now`."""

from dataclasses import dataclass
from datetime import time


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Local hours in which nothing unasked is sent. `start` may be later than `end`: over midnight."""

    start: time = time(21, 0)
    end: time = time(8, 0)


USUAL_QUIET_HOURS = QuietHours()
