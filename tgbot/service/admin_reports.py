"""/stats and /health for the operator's admins: counts and parts, nobody's name, nobody's words."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from tgbot.service.observation import Observation
from tgbot.service.operator_counts import FEWEST
from tgbot.service.store_port import CountedEvent, Store

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
    rows += [_row(name, [_few(counts[kind]) for counts in asked]) for kind, name in KINDS.items()]
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


def _few(count: int) -> str:
    return str(count) if count == 0 or count >= FEWEST else f"<{FEWEST}"


def _row(name: str, values: list[str]) -> str:
    return f"{name:<22}" + "".join(f"{value:>9}" for value in values)
