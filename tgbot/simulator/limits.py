"""Telegram's flood limits, on demand: by default nothing is limited (docs/simulator.md, "Flood limits")."""

import math
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tgbot.simulator.clock_port import SimulatorClock
from tgbot.simulator.refusals import too_many_requests
from tgbot.simulator.world import Chat


@dataclass
class Rates:
    """How many messages a second to one chat, a second over all, a minute to a group. None: no limit."""

    per_chat: int | None = None
    overall: int | None = None
    per_group_minute: int | None = None
    paid: int = 1000


TELEGRAMS = Rates(per_chat=1, overall=30, per_group_minute=20)


@dataclass
class FloodLimits:
    """Counts what was sent in the last second and the last minute."""

    clock: SimulatorClock
    rates: Rates = field(default_factory=Rates)
    banned_until: datetime | None = None
    _sent: dict[int, deque[datetime]] = field(default_factory=dict)

    def take(self, chat: Chat, now: datetime, *, paid: bool = False, messages: int = 1) -> None:
        """Count messages to this chat. Raises `Refusal` 429 with the seconds to wait."""
        if self.banned_until is not None and now < self.banned_until:
            raise too_many_requests(math.ceil((self.banned_until - now).total_seconds()))
        if self.rates == _NONE:
            return
        wanted = [
            (chat.id, self.rates.per_chat, 1),
            (0, self.rates.paid if paid else self.rates.overall, 1),
            (chat.id, None if chat.type == "private" else self.rates.per_group_minute, 60),
        ]
        for key, most, seconds in wanted:
            if most is not None and (wait := self._wait(key, most, seconds, now, messages)) > 0:
                raise too_many_requests(math.ceil(wait))
        for key in (0, chat.id):
            self._sent.setdefault(key, deque(maxlen=5_000)).extend([now] * messages)

    def _wait(self, key: int, most: int, seconds: int, now: datetime, messages: int) -> float:
        window = timedelta(seconds=seconds)
        recent = [at for at in self._sent.get(key, ()) if now - at < window]
        if len(recent) + messages <= max(most, messages):
            return 0.0
        return (recent[-most] + window - now).total_seconds()


_NONE = Rates()
