"""What the operator's admins are told in the chat: what wants somebody, and /stats and /health when they ask.

What wants somebody is told when it begins, at most once an hour while it lasts, and once when it is over.
Nothing names anybody, or holds words of anybody."""

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import structlog

from tgbot.service.housekeeping import LEAST_FREE
from tgbot.service.measurements import Observation
from tgbot.service.ports import Alert, Clock
from tgbot.service.questions import few_hidden
from tgbot.service.store_port import CountedEvent, Store

log = structlog.get_logger(__name__)

LOOK_SECONDS = 60.0
AGAIN = timedelta(hours=1)
REVIEWS_AGAIN = timedelta(days=1)  # it lasts for a month
LATE_SECONDS = 900.0
SOON_DAYS = 30
ENDS = {"clock_right": "clock_wrong", "pack_reloaded": "pack_not_reloaded"}  # an alert that ends another
BEGINS = {
    "clock_wrong": "The machine's clock and Telegram's disagree; nothing expires until they agree.",
    "pack_not_reloaded": "The new words have a mistake, so the bot goes on with the old ones.",
    "several_expired": "Several check-ins expired at once: was the bot away for a week?",
}

TellAdmin = Callable[[int, str], Awaitable[None]]


def troubles(seen: Observation, problems: Collection[str]) -> dict[str, str]:
    """What is wrong now, by its name, each in a sentence."""
    found = {}
    if seen.oldest_due > LATE_SECONDS:
        found["check_ins"] = (
            f"A check-in has been due for {seen.oldest_due / 60:.0f} minutes and is not sent."
        )
    if seen.free < LEAST_FREE:
        found["disk"] = f"Only {seen.free:.0%} of the disk is free; when it is full no check-in is sent."
    if "store" in problems:
        found["database"] = "The database cannot be written to."
    for part in seen.problems:
        if part in ("poller", "webhook"):
            found[part] = "Nothing is heard from Telegram: no network, or another instance polls (409)."
        elif part != "store":
            found[part] = f"The {part} gives no sign of life."
    if seen.days_to_review is not None and seen.days_to_review < SOON_DAYS:
        found["reviews"] = f"The review of some of the words lapses in {seen.days_to_review} days."
    return found


@dataclass(slots=True)
class AdminAlerts:
    """`look` observes, `problems` names what /readyz would; `tell` writes to one admin and never raises."""

    admins: Collection[int]
    clock: Clock
    tell: TellAdmin
    look: Callable[[], Awaitable[Observation]]
    problems: Callable[[], Awaitable[Collection[str]]]
    _told: dict[str, float] = field(default_factory=dict, init=False)  # when each trouble was told last
    _lasting: set[str] = field(default_factory=set, init=False)
    _waiting: list[Alert] = field(default_factory=list, init=False)

    def take(self, alert: Alert) -> None:
        """Something happened: told with the next look."""
        self._waiting.append(alert)

    async def run(self) -> None:
        """Look every minute until cancelled."""
        while True:
            await self.clock.sleep(LOOK_SECONDS)
            if self.admins:
                await self.look_once()

    async def look_once(self) -> None:
        waiting, self._waiting = self._waiting, []
        for alert in waiting:
            await self._happened(alert)
        now = troubles(await self.look(), await self.problems())
        for name, sentence in now.items():
            self._lasting.add(name)
            await self._say(name, sentence, REVIEWS_AGAIN if name == "reviews" else AGAIN)
        for name in self._lasting - set(now) - set(BEGINS):
            await self._over(name)

    async def _happened(self, alert: Alert) -> None:
        if ended := ENDS.get(alert.event):
            await self._over(ended)
        elif sentence := BEGINS.get(alert.event):
            self._lasting.add(alert.event)
            await self._say(alert.event, _with(sentence, alert.details), AGAIN)

    async def _say(self, name: str, sentence: str, again: timedelta) -> None:
        now, last = self.clock.monotonic(), self._told.get(name)
        if last is None or now - last >= again.total_seconds():
            self._told[name] = now
            await self._to_all(f"⚠ {sentence}")

    async def _over(self, name: str) -> None:
        self._lasting.discard(name)
        if self._told.pop(name, None) is not None:
            await self._to_all(f"✓ Over: {name.replace('_', ' ')}.")

    async def _to_all(self, sentence: str) -> None:
        for admin in self.admins:
            await self.tell(admin, sentence)
        log.info("admins_told", count=len(self.admins))


def _with(sentence: str, details: Mapping[str, object]) -> str:
    said = ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in details.items())
    return f"{sentence} ({said})" if said else sentence


DAYS = (1, 7, 30)
KINDS = {  # what is counted of questions → what an admin reads
    "shown": "answers shown",
    "urgent": "warning cards",
    "asked_about": "safety questions",
    "suggested": "suggestions",
    "unknown": "not understood",
    "foreign": "other languages",
    "helpful": "helpful",
    "not_helpful": "not helpful",
}
STATES = ("sent", "late", "planned", "held", "unconfirmed", "refused", "unreachable", "expired")


async def stats_text(store: Store, now: datetime) -> str:
    """Counts of today, 7 and 30 days, small ones hidden; check-ins are shown to the last one."""
    since = [(now - timedelta(days=days - 1)).date() for days in DAYS]
    asked = [_by_kind(await _tallied(store, day)) for day in since]
    became = [await _became(store, now - timedelta(days=days), now) for days in DAYS]
    rows = [_row("", ["today", "7 days", "30 days"])]
    rows += [_row(name, [few_hidden(counts[kind]) for counts in asked]) for kind, name in KINDS.items()]
    rows.append("")
    rows += [_row(f"check-ins {state}", [str(counts.get(state, 0)) for counts in became]) for state in STATES]
    return "\n".join(rows)


def health_text(seen: Observation, problems: list[str]) -> str:
    lines = [f"Wrong: {', '.join(problems)}" if problems else "All is well."]
    lines += [f"{part}: {age:.0f} s ago" for part, age in sorted(seen.ages.items())]
    lines.append(f"oldest check-in due: {seen.oldest_due:.0f} s")
    lines.append(f"disk free: {seen.free:.0%}")
    copied = "never, or by other means" if seen.backup_age is None else f"{seen.backup_age / 3600:.0f} h ago"
    lines.append(f"last backup: {copied}")
    lapses = "nothing is signed" if seen.days_to_review is None else f"in {seen.days_to_review} days"
    lines.append(f"first review lapses: {lapses}")
    lines.append(f"version {seen.version}, words {seen.pack_version}")
    return "\n".join(lines)


async def _tallied(store: Store, since: date) -> Mapping[CountedEvent, int]:
    return await store.operate(lambda tx: tx.operations.tallied(since))


async def _became(store: Store, since: datetime, now: datetime) -> Mapping[str, int]:
    return await store.operate(lambda tx: tx.operations.became(since, now))


def _by_kind(tallied: Mapping[CountedEvent, int]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for (kind, _), times in tallied.items():
        counts[kind] += times
    return counts


def _row(name: str, values: list[str]) -> str:
    return f"{name:<22}" + "".join(f"{value:>9}" for value in values)
