"""One person at a hundred updates a second must not slow the others: three messages at once, whose replies
take two seconds, then one in two seconds. That is slower than we may reply, so replies never queue and
updates are acknowledged at once."""

from dataclasses import dataclass

from tgbot.service.ports import Clock

MESSAGE, TAP = 1.0, 0.125  # what an update costs: a message brings a new one, a tap edits an old one
_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether an update is processed. `notify` is true once in a flood: the person is told.

    Without `block_ack` it is acknowledged before it is processed: a crash may lose it.
    """

    allowed: bool
    notify: bool = False
    block_ack: bool = True


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float
    told: bool = False


class FloodGate:
    """Lets `burst` messages of one person in at once, and `per_second` after that; a tap costs an eighth."""

    def __init__(self, clock: Clock, burst: float = 3.0, per_second: float = 0.5) -> None:
        self._clock = clock
        self._burst = burst
        self._per_second = per_second
        self._buckets: dict[int, _Bucket] = {}
        self._most = _REMEMBERED

    def admit(self, key: int, cost: float = MESSAGE) -> Admission:
        """Whether this person's next update is processed."""
        now = self._clock.monotonic()
        bucket = self._buckets.setdefault(key, _Bucket(self._burst, now))
        bucket.left = min(self._burst, bucket.left + (now - bucket.at) * self._per_second)
        bucket.at = now
        if bucket.left >= self._burst / 2:
            bucket.told = False
        if len(self._buckets) > self._most:
            self._forget_the_quiet(now)
        if bucket.left >= cost:
            bucket.left -= cost
            return Admission(allowed=True)
        told, bucket.told = bucket.told, True
        return Admission(allowed=False, notify=not told)

    def charge(self, key: int, cost: float) -> None:
        """Count what went in although nothing was left, but never so much that a short rest is not enough."""
        bucket = self._buckets[key]
        bucket.left = max(-self._burst, bucket.left - cost)

    def _forget_the_quiet(self, now: float) -> None:
        """And look again only when there are twice as many: who is not quiet would be looked at each time."""
        full = 2 * self._burst / self._per_second
        self._buckets = {key: bucket for key, bucket in self._buckets.items() if now - bucket.at < full}
        self._most = max(_REMEMBERED, 2 * len(self._buckets))
