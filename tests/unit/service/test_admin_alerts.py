"""Admins hear of what wants somebody: when it begins, hourly at most, and when it is over."""

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta

from tests.fakes.memory_store import MemoryStore
from tgbot.clock import ManualClock
from tgbot.service.admin_messages import AdminAlerts, health_text, stats_text, troubles
from tgbot.service.measurements import Observation
from tgbot.service.ports import Alert

WELL = Observation({}, 0.0, {"courier": 3.0}, {}, 0.5, 3600.0, 200, "1.0.0", "1")


class Told:
    """Two admins, and what they were told."""

    def __init__(self) -> None:
        self.clock, self.seen, self.wrong = ManualClock(), WELL, list[str]()
        self.said: list[tuple[int, str]] = []
        self.alerts = AdminAlerts({1, 2}, self.clock, self._tell, self._look, self._problems)

    async def _tell(self, admin: int, sentence: str) -> None:
        self.said.append((admin, sentence))

    async def _look(self) -> Observation:
        return self.seen

    async def _problems(self) -> Collection[str]:
        return self.wrong

    async def after(self, **passed: int) -> list[str]:
        """What the first admin hears at a look, so much later."""
        self.clock.push(timedelta(**passed))
        self.said.clear()
        await self.alerts.look_once()
        assert len(self.said) % 2 == 0, "both hear the same"
        return [sentence for admin, sentence in self.said if admin == 1]


async def test_a_late_check_in_is_told_once_then_hourly_and_when_it_is_over() -> None:
    told = Told()
    assert await told.after(minutes=1) == []
    told.seen = replace(WELL, oldest_due=1200.0)
    assert "20 minutes" in (await told.after(minutes=1))[0]
    assert await told.after(minutes=30) == []
    assert len(await told.after(minutes=31)) == 1
    told.seen = WELL
    assert await told.after(minutes=1) == ["✓ Over: check ins."]
    assert await told.after(minutes=1) == []


async def test_a_review_that_lapses_is_told_once_a_day() -> None:
    told = Told()
    told.seen = replace(WELL, days_to_review=20)
    assert len(await told.after(minutes=1)) == 1
    assert await told.after(hours=23) == []
    assert len(await told.after(hours=2)) == 1


async def test_what_only_happens_lasts_until_its_end_is_told() -> None:
    told = Told()
    told.alerts.take(Alert("clock_wrong", {"ahead_seconds": 4000}))
    assert "4000" in (await told.after(minutes=1))[0]
    assert await told.after(minutes=1) == []
    told.alerts.take(Alert("clock_right"))
    assert await told.after(minutes=1) == ["✓ Over: clock wrong."]


def test_everything_that_can_be_wrong_has_a_sentence() -> None:
    bad = replace(WELL, oldest_due=1e4, free=0.01, days_to_review=3, problems=("poller", "courier", "store"))

    assert set(troubles(bad, ["store"])) == {"check_ins", "disk", "database", "poller", "courier", "reviews"}
    assert not troubles(WELL, [])


async def test_counts_below_five_are_hidden_and_check_ins_are_not() -> None:
    clock, store = ManualClock(), MemoryStore()
    today: date = clock.now().date()
    await store.operate(lambda tx: tx.operations.tally(today, {("shown", "q-x"): 7, ("unknown", "short"): 2}))

    text = await stats_text(store, clock.now())

    assert re.search(r"answers shown +7 +7 +7", text)
    assert re.search(r"not understood +<5 +<5 +<5", text)
    assert re.search(r"check-ins late +0 +0 +0", text)


def test_health_names_what_is_wrong() -> None:
    assert health_text(WELL, []).startswith("All is well.")
    assert health_text(WELL, ["store"]).startswith("Wrong: store")
