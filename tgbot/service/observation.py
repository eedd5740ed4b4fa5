"""The state of everything that is watched, gathered when somebody asks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tgbot.content import ContentPack, first_lapse
from tgbot.service.measurements import Measurements
from tgbot.service.ports import Clock
from tgbot.service.store_port import Store, StoreError

LOOKED_AT = timedelta(days=30)
FRESH = 60.0  # seconds for which the counts of the follow-ups, which cost a search, are good


@dataclass(frozen=True, slots=True)
class Observation:
    """What is so now. `follow_ups` is by state, of those planned for the last 30 days and later; `ages` are
    the seconds since each part's last sign of life. None where nothing is known."""

    follow_ups: Mapping[str, int] | None
    oldest_due: float  # seconds; 0 when nothing is overdue
    ages: Mapping[str, float]
    courier: Mapping[str, int]
    free: float
    backup_age: float | None
    days_to_review: int | None
    version: str
    pack_version: str
    problems: tuple[str, ...] = ()


@dataclass(slots=True)
class Observatory:
    """Whom to ask. Nothing here changes anything."""

    store: Store
    clock: Clock
    measurements: Measurements
    found: Mapping[str, int]
    too_many: Mapping[str, int]
    pictures: Mapping[str, int]
    courier: Callable[[], Mapping[str, int]]
    ages: Callable[[], Mapping[str, float]]
    silent: Callable[[], list[str]]
    backed_up: Callable[[], datetime | None]
    version: str
    pack: Callable[[], ContentPack]
    _counted: Mapping[str, int] | None = field(default=None, init=False)
    _counted_at: float | None = field(default=None, init=False)

    async def look(self) -> Observation:
        """A store that does not answer leaves its part unknown."""
        now = self.clock.now()
        due = await self._next_due()
        copied, pack = self.backed_up(), self.pack()
        lapses = first_lapse(pack, now.date())
        return Observation(
            follow_ups=await self._follow_ups(now),
            oldest_due=max(0.0, (now - due).total_seconds()) if due else 0.0,
            ages=self.ages(),
            courier=self.courier(),
            free=self.store.free(),
            backup_age=(now - copied).total_seconds() if copied else None,
            days_to_review=(lapses - now.date()).days if lapses else None,
            version=self.version,
            pack_version=pack.version,
            problems=tuple(self.silent()),
        )

    async def _next_due(self) -> datetime | None:
        try:
            return await self.store.operate(lambda tx: tx.queue.next_due())
        except StoreError:
            return None

    async def _follow_ups(self, now: datetime) -> Mapping[str, int] | None:
        at = self.clock.monotonic()
        if self._counted_at is None or at - self._counted_at >= FRESH:
            try:
                self._counted = await self.store.operate(
                    lambda tx: tx.operations.became(now - LOOKED_AT, now)
                )
                self._counted_at = at
            except StoreError:
                self._counted = None
        return self._counted
