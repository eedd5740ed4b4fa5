"""What the operator should hear of: at once, beside the log; and what lasts, but not every second."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Alert:
    """`event` is the log's name for it; `details` are numbers and words that name nobody."""

    event: str
    details: Mapping[str, object] = field(default_factory=dict)


Alerts = Callable[[Alert], None]


def no_alerts(_: Alert) -> None:
    """Nobody is told."""


TOLD_AGAIN = timedelta(hours=1)


@dataclass(slots=True)
class RepeatedWarning:
    """Something that lasts: worth a line when it changes, and else at most once an hour."""

    said: str | None = None
    at: datetime | None = None

    def is_news(self, trouble: str, now: datetime) -> bool:
        """Whether to say it. One that comes and goes within the hour is said once."""
        if trouble == self.said and self.at and abs(now - self.at) < TOLD_AGAIN:
            return False
        self.said, self.at = trouble, now
        return True
