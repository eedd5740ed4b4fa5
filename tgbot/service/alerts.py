"""What the operator should hear of at once, beside the log: whoever can tell them is given these."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Alert:
    """`event` is the log's name for it; `details` are numbers and words that name nobody."""

    event: str
    details: Mapping[str, object] = field(default_factory=dict)


Alerts = Callable[[Alert], None]


def no_alerts(_: Alert) -> None:
    """Nobody is told."""
