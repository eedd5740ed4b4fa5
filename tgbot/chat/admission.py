"""Who is let in, asked before an update joins its person's lane.

What is let in holds the acknowledgement until it is answered, and a getUpdates shows no more than a hundred
updates past that point: so nobody, and no group, is let in faster than their replies may go. What is dropped
counts as finished at once. A warning sign is not dropped: its card goes out whatever the flood, but others,
who may need theirs, do not wait for it: only a kill in those seconds loses it. What gets no answer costs
nothing: a group among itself, the moves of a live location, a change without a warning sign.
"""

from collections import OrderedDict
from dataclasses import dataclass

from tgbot.chat.updates import IncomingMessage, InlineQuery, Tap, Update
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


_FREE, _DROPPED = Admission(allowed=True), Admission(allowed=False)


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float
    told: bool = False


class FloodGate:
    """Lets `burst` messages of one person in at once, and `per_second` after that; a tap costs an eighth.

    One person at a hundred updates a second must not slow the others: three messages at once, whose replies
    take two seconds, then one in two seconds. That is slower than we may reply, so replies never queue and
    updates are acknowledged at once.
    """

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
            return _FREE
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


MOST_WAITING = 6  # in one lane: six replies fit into the grace of a stop. Most taps take no turn at all
CARD_SECONDS = 5.0  # the card that is on its way answers the same sign again
READING_COST = 200  # characters that take as long to read as any message takes at least


class AdmissionControl:
    """`people` is the measure of a person; a group has its own."""

    def __init__(self, clock: Clock, people: FloodGate | None = None) -> None:
        self._clock = clock
        self._people = people or FloodGate(clock)
        # A group gets a third of the replies a person gets (20 a minute): two at once take three seconds.
        self._groups = FloodGate(clock, burst=2.0, per_second=0.2)
        # Reading takes time, too: four long messages, or seventy short ones, at once; then 2,000 characters a
        # second (0.02 s), of which the shortest message counts as READING_COST.
        self._reading = FloodGate(clock, burst=17_000.0, per_second=2_000.0)
        self._carded: dict[tuple[int, str], float] = {}  # (lane, sign) → when its card was last let in
        self._most_carded = _REMEMBERED
        self._albums: OrderedDict[tuple[int, str], None] = OrderedDict()

    def admit(self, update: Update, waiting: int) -> Admission:
        """Whether this update is processed. `waiting` is how many of its lane are unfinished."""
        match update:
            case Tap():
                return _DROPPED if waiting >= MOST_WAITING else self._charged(update, TAP)
            case InlineQuery():
                return self._charged(update, TAP)
            case IncomingMessage(may_be_answered=True) if not self._is_of_an_album(update):
                return self._edit(update, waiting) if update.edited else self._message(update, waiting)
            case _:
                return _FREE

    def _is_of_an_album(self, message: IncomingMessage) -> bool:
        """Whether it is a further picture, without words, of an album that was let in: it is one message."""
        if not message.album or not message.wordless:
            return False
        album = (message.lane, message.album)
        known = album in self._albums
        self._albums[album] = None
        if len(self._albums) > _REMEMBERED:
            self._albums.popitem(last=False)
        return known

    def _edit(self, message: IncomingMessage, waiting: int) -> Admission:
        """It is read before it costs anything: only a warning sign in it is answered."""
        if not self._may_read(message):
            return _DROPPED
        return self._message(message, waiting) if message.typed.signs else _FREE

    def _message(self, message: IncomingMessage, waiting: int) -> Admission:
        admission = self._charged(message, MESSAGE)
        if not admission.allowed and waiting < MOST_WAITING and self._warns(message):
            self._gate(message).charge(message.lane, MESSAGE)
            return Admission(allowed=True, block_ack=False)
        return admission

    def _charged(self, update: Update, cost: float) -> Admission:
        gate = self._gate(update)
        admission = gate.admit(update.lane, cost)
        if admission.notify and update.lane > 0:
            gate.charge(update.lane, MESSAGE)  # the answer to a flood takes a turn, too
        return admission

    def _gate(self, update: Update) -> FloodGate:
        return self._groups if update.lane < 0 else self._people

    def _may_read(self, message: IncomingMessage) -> bool:
        return self._reading.admit(message.lane, READING_COST + len(message.typed.text)).allowed

    def _warns(self, message: IncomingMessage) -> bool:
        """Whether there is a warning sign in it for which no card is on its way to this chat."""
        now, lane = self._clock.monotonic(), message.lane
        signs = message.typed.signs if message.edited or self._may_read(message) else ()
        fresh = [
            sign for sign in signs if now - self._carded.get((lane, sign), -CARD_SECONDS) >= CARD_SECONDS
        ]
        self._carded.update({(lane, sign): now for sign in fresh})
        if len(self._carded) > self._most_carded:
            self._carded = {at: when for at, when in self._carded.items() if now - when < CARD_SECONDS}
            self._most_carded = max(_REMEMBERED, 2 * len(self._carded))
        return bool(fresh)
