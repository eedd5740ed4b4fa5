"""Who is let in, asked before an update joins its person's queue.

What is let in holds the acknowledgement until it is answered, and a getUpdates shows no more than a hundred
updates past that point: so nobody, and no group, is let in faster than their replies may go. What is dropped
counts as finished at once. A warning sign is not dropped: its card goes out whatever the flood, but others,
who may need theirs, do not wait for it: only a kill in those seconds loses it.
"""

from collections.abc import Callable, Collection

from telegram import Bot

from tgbot.chat.updates import Json, Raw, kind_of, lane, words_of
from tgbot.service.flood import MESSAGE, TAP, FloodGate, Passes
from tgbot.service.ports import Clock

COSTS = {"message": MESSAGE, "edited_message": MESSAGE, "callback_query": TAP, "inline_query": TAP}
SAID = ("message", "edited_message")
MOST_WAITING = 6  # in one lane: six replies fit into the grace of a stop. Most taps take no turn at all
CARD_SECONDS = 5.0  # the card that is on its way answers the same sign again
_REMEMBERED = 10_000

Signs = Callable[[str], Collection[str]]


class Door:
    """`signs` names the warning signs in a text; the `bot` knows its own name, by which a group calls it."""

    def __init__(self, bot: Bot, clock: Clock, signs: Signs, people: FloodGate | None = None) -> None:
        self._bot = bot
        self._clock = clock
        self._signs = signs
        self._people = people or FloodGate(clock)
        # A group gets a third of the replies a person gets (20 a minute): two at once take three seconds.
        self._groups = FloodGate(clock, burst=2.0, per_second=0.2)
        # Reading takes time, too: four long messages at once, then 2,000 characters a second (0.05 s).
        self._reading = FloodGate(clock, burst=16_000.0, per_second=2_000.0)
        self._carded: dict[tuple[int, str], float] = {}  # (lane, sign) → when its card was last let in
        self._most_carded = _REMEMBERED

    def lets_in(self, raw: Raw, waiting: int) -> Passes:
        """Whether this update is processed. `waiting` is how many of its lane are unfinished."""
        kind, key = kind_of(raw), lane(raw)
        content = raw.get(kind)
        if kind not in COSTS or not isinstance(content, dict):
            return Passes(now=True)
        if kind in SAID and key < 0 and not self._speaks_to_us(content):
            return Passes(now=True)  # a group among itself: no reply, so no cost
        if kind == "callback_query" and waiting >= MOST_WAITING:
            return Passes(now=False)
        gate = self._groups if key < 0 else self._people
        passes = gate.lets_in(key, COSTS[kind])
        if not passes.now and kind in SAID and waiting < MOST_WAITING and self._warns(key, words_of(content)):
            gate.charge(key, MESSAGE)
            return Passes(now=True, held=False)
        if passes.tell and key > 0:
            gate.charge(key, MESSAGE)  # the answer to a flood takes a turn, too
        return passes

    def _speaks_to_us(self, message: Json) -> bool:
        words, name = words_of(message), f"@{self._bot.username}".lower()
        first, _, _ = words.lower().partition(" ")
        if first.startswith("/"):
            return "@" not in first or first.endswith(name)
        author = (message.get("reply_to_message") or {}).get("from") or {}
        return name in words.lower() or author.get("id") == self._bot.id

    def _warns(self, key: int, words: str) -> bool:
        """Whether `words` hold a warning sign for which no card is on its way to this chat."""
        now = self._clock.monotonic()
        signs = self._signs(words) if self._reading.lets_in(key, len(words)).now else ()
        fresh = [sign for sign in signs if now - self._carded.get((key, sign), -CARD_SECONDS) >= CARD_SECONDS]
        self._carded.update({(key, sign): now for sign in fresh})
        if len(self._carded) > self._most_carded:
            self._carded = {at: when for at, when in self._carded.items() if now - when < CARD_SECONDS}
            self._most_carded = max(_REMEMBERED, 2 * len(self._carded))
        return bool(fresh)
