"""What lasts is told to the operator, but not every second."""

from dataclasses import dataclass
from datetime import datetime, timedelta

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
