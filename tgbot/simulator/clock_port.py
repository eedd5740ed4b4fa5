"""What the simulator needs of the time. Any clock of tgbot.clock fits; so does one of your own."""

import asyncio
from datetime import datetime, timedelta
from typing import Any, Protocol, runtime_checkable

JsonObject = dict[str, Any]
"""An object of the Bot API, as it travels."""


class SimulatorClock(Protocol):
    """The time, as the simulator sees it."""

    def now(self) -> datetime:
        """The instant, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back."""
        ...

    async def wait(self, until: datetime | None, wake: asyncio.Event) -> None:
        """Return when `until` has come or `wake` is set; `None` waits for `wake` alone."""
        ...


@runtime_checkable
class TravellingClock(SimulatorClock, Protocol):
    """A clock that can be pushed; with one of these the page shows its time panel."""

    @property
    def offset(self) -> timedelta:
        """How far it is ahead of the machine's time."""
        ...

    def push(self, by: timedelta) -> None:
        """Move it."""
        ...
