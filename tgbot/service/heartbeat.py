"""Signs of life: every vital part beats; who has not for too long is named."""

from collections.abc import Callable
from functools import partial

from tgbot.service.ports import Clock


class Heartbeat:
    """`longest` is how many seconds of real time a part may be silent before it counts as stuck or deaf."""

    def __init__(self, clock: Clock, longest: float = 55.0) -> None:
        self._clock = clock
        self._longest = longest
        self._last: dict[str, float] = {}

    def of(self, part: str) -> Callable[[], None]:
        """The function that this part calls whenever it has done something; the first beat is now."""
        beat = partial(self._beat, part)
        beat()
        return beat

    def silent(self) -> list[str]:
        """The parts that have not beaten for too long."""
        now = self._clock.monotonic()
        return sorted(part for part, at in self._last.items() if now - at > self._longest)

    def ages(self) -> dict[str, float]:
        """By part, the seconds since its last sign of life."""
        now = self._clock.monotonic()
        return {part: now - at for part, at in self._last.items()}

    def _beat(self, part: str) -> None:
        self._last[part] = self._clock.monotonic()
