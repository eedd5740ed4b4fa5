"""What the mock is told to do, and what it tells afterwards. Times are in seconds."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from random import Random
from statistics import quantiles
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Scenario:
    """People tap, `waiting` of them at once; whoever has been answered makes room for the next one (`again`).

    With `per_second` they tap at that rate instead, whatever the bot does, evenly or at random (`scattered`).
    New taps end after `seconds` or after `total`; what is still open then has `patience` to be answered.
    `people` take turns, the first of them is number `first`. With `sends` nobody taps: so many messages to
    different chats are expected.
    """

    waiting: int = 1
    again: bool = False
    per_second: float = 0.0
    scattered: bool = False
    seconds: float = 0.0
    total: int | None = None
    patience: float = 5.0
    people: int = 20_000
    first: int = 0
    data: tuple[str, ...] = ()  # which buttons are tapped, one after the other; none: the first two
    round_trip: float = 0.0
    sends: int = 0

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> Self:
        return cls(**{**raw, "data": tuple(raw["data"])})

    def instants(self) -> list[float]:
        """When they tap at their rate, in seconds from the start; at random, but for all bots the same."""
        taps = round(self.per_second * self.seconds)
        if not self.scattered:
            return [number / self.per_second for number in range(taps)]
        dice = Random(taps)
        return sorted(dice.uniform(0, self.seconds) for _ in range(taps))


@dataclass(slots=True)
class Report:
    """What became of a scenario. `took` are the times from a tap to the second of its two answers."""

    taps: int = 0
    in_time: int = 0  # answered before the taps ended
    seconds: float = 0.0  # from the first tap to the end of the taps; of sends, from the first to the last
    drained: float = 0.0  # from the first tap to the last answer
    unanswered: int = 0
    sent: int = 0
    mistakes: dict[str, int] = field(default_factory=dict)
    p50: float = 0.0
    p99: float = 0.0
    calls: int = 0  # everything the bot asked
    busy: float = 0.0  # processor time of the mock

    @property
    def per_second(self) -> float:
        return (self.sent or self.in_time) / self.seconds if self.seconds else 0.0

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> Self:
        return cls(**raw)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def percentiles(took: list[float]) -> tuple[float, float]:
    """The median and the 99th percentile; 0 without values."""
    if len(took) < 2:
        return (took[0], took[0]) if took else (0.0, 0.0)
    cuts = quantiles(took, n=100, method="inclusive")
    return cuts[49], cuts[98]
