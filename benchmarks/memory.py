"""What our memory is at rest, after taps in 100,000 chats, and how flat it stays over 500,000 (`--long`).

One tap in three goes the common road: PTB's Update and Application, and a read of the database.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks import talk
from benchmarks.mock.scenario import Scenario
from benchmarks.stage import Stage
from benchmarks.taps import WAITING

CHATS = 100_000
LONG = 500_000
STEP = 10_000


@dataclass(slots=True)
class Memory:
    """Bytes at rest, and after each number of taps; nobody taps twice before CHATS others have."""

    wanted: int = 0  # taps
    rest: int = 0
    after: list[tuple[int, int]] = field(default_factory=list)
    unanswered: int = 0
    mistakes: Counter[str] = field(default_factory=Counter)


def measure(stage: Stage, taps: int, left: Callable[[], float]) -> Memory:
    """Ours only, while there are seconds left."""
    found = Memory(taps)
    with stage.bot(stage.peers[-1]) as bot:
        found.rest = bot.usage().memory
        data = (*stage.tapped, talk.URGENT)
        done = 0
        while done < taps and (seconds := left()) > 0:
            first = done % CHATS
            step = Scenario(
                waiting=WAITING, again=True, total=STEP, seconds=seconds, first=first, data=data, people=STEP
            )
            report, _ = bot.plays(step)
            done += report.taps
            found.after.append((done, bot.usage().memory))
            found.unanswered += report.unanswered
            found.mistakes += Counter(report.mistakes)
    return found
