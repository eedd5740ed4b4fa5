"""Rows to the domain's words and back. Instants are stored as whole epoch milliseconds, UTC."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from tgbot.followup.episode import (
    Consent,
    Entry,
    Episode,
    EpisodeState,
    FollowUp,
    FollowUpState,
    Outcome,
    Person,
)
from tgbot.followup.times import QuietHours
from tgbot.service.store_port import Lease, ServiceMessage
from tgbot.store.sealing import PLAIN, SEALED, Seal, joined, parted

SqlRow = Mapping[str, Any]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def to_ms(instant: datetime) -> int:
    """Whole milliseconds since 1970. Raises TypeError for an instant without a zone."""
    return (instant - _EPOCH) // _MILLISECOND


def from_ms(ms: int) -> datetime:
    return _EPOCH + ms * _MILLISECOND


def _maybe_ms(instant: datetime | None) -> int | None:
    return None if instant is None else to_ms(instant)


def _maybe_instant(ms: int | None) -> datetime | None:
    return None if ms is None else from_ms(ms)


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def _time(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)


def from_person(person: Person, seal: Seal = PLAIN) -> dict[str, Any]:
    return {
        "id": person.id,
        "consent_version": person.consent.version,
        "consent_at": to_ms(person.consent.at),
        "locale": person.locale,
        "zone": person.zone,
        "quiet_start": _minutes(person.quiet.start) if person.quiet else None,
        "quiet_end": _minutes(person.quiet.end) if person.quiet else None,
        "country": person.country and seal.close(person.country),
        "paused": int(person.paused),
    }


def to_person(row: SqlRow, seal: Seal = PLAIN) -> Person:
    quiet = None
    if row["quiet_start"] is not None:
        quiet = QuietHours(_time(row["quiet_start"]), _time(row["quiet_end"]))
    return Person(
        id=row["id"],
        consent=Consent(row["consent_version"], from_ms(row["consent_at"])),
        locale=row["locale"],
        zone=row["zone"],
        quiet=quiet,
        country=row["country"] and seal.open(row["country"]),
        paused=bool(row["paused"]),
    )


def from_episode(episode: Episode, seal: Seal = PLAIN) -> dict[str, Any]:
    outcome = episode.outcome and episode.outcome.value
    return {
        "id": episode.id,
        "person_id": episode.person_id,
        "onset": to_ms(episode.onset),
        "started_at": to_ms(episode.started_at),
        "state": episode.state.value,
        "closed_at": _maybe_ms(episode.closed_at),
        **closing(outcome, episode.closed_because, seal),
        "plan": episode.plan,
        "version": episode.version,
    }


def to_episode(row: SqlRow, seal: Seal = PLAIN) -> Episode:
    outcome, because = closing_of(row, seal)
    return Episode(
        id=row["id"],
        person_id=row["person_id"],
        onset=from_ms(row["onset"]),
        started_at=from_ms(row["started_at"]),
        state=EpisodeState(row["state"]),
        outcome=Outcome(outcome) if outcome else None,
        closed_at=_maybe_instant(row["closed_at"]),
        closed_because=because,
        plan=row["plan"],
        version=row["version"],
    )


def closing(outcome: str | None, because: str | None, seal: Seal) -> dict[str, str | None]:
    """How it ended. Sealed, both are in one column, as the other takes no words but its own."""
    if seal is PLAIN or not (outcome or because):
        return {"outcome": outcome, "closed_because": because}
    return {"outcome": None, "closed_because": seal.close(joined((outcome, because)))}


def closing_of(row: SqlRow, seal: Seal) -> tuple[str | None, str | None]:
    stored: str | None = row["closed_because"]
    if stored is None or not stored.startswith(SEALED):
        return row["outcome"], stored
    outcome, because = parted(seal.open(stored))
    return outcome, because


def from_follow_up(follow_up: FollowUp) -> dict[str, Any]:
    return {
        "id": follow_up.id,
        "episode_id": follow_up.episode_id,
        "person_id": follow_up.person_id,
        "step": follow_up.step,
        "due_at": to_ms(follow_up.due_at),
        "send_at": to_ms(follow_up.send_at),
        "reminder": int(follow_up.reminder),
        "state": follow_up.state.value,
        "ambiguous": follow_up.ambiguous,
        "sent_at": _maybe_ms(follow_up.sent_at),
        "message_id": follow_up.message_id,
        "service": follow_up.service,
    }


def to_follow_up(row: SqlRow) -> FollowUp:
    return FollowUp(
        id=row["id"],
        episode_id=row["episode_id"],
        person_id=row["person_id"],
        step=row["step"],
        due_at=from_ms(row["due_at"]),
        send_at=from_ms(row["send_at"]),
        reminder=bool(row["reminder"]),
        state=FollowUpState(row["state"]),
        ambiguous=row["ambiguous"],
        sent_at=_maybe_instant(row["sent_at"]),
        message_id=row["message_id"],
        service=row["service"],
    )


def to_service_message(row: SqlRow) -> ServiceMessage:
    return ServiceMessage(
        number=row["number"],
        words=row["words"],
        started_at=from_ms(row["started_at"]),
        stopped=bool(row["stopped"]),
        ended_at=_maybe_instant(row["ended_at"]),
    )


def to_lease(row: SqlRow) -> Lease:
    return Lease(to_follow_up(row), row["owner"], from_ms(row["leased_until"]), row["fence"])


def from_entry(entry: Entry, seal: Seal = PLAIN) -> dict[str, Any]:
    return {
        "id": entry.id,
        "episode_id": entry.episode_id,
        "person_id": entry.person_id,
        "at": to_ms(entry.at),
        "kind": entry.kind,
        "value": seal.close(entry.value),
        "step": entry.step,
    }


def to_entry(row: SqlRow, seal: Seal = PLAIN) -> Entry:
    return Entry(
        id=row["id"],
        episode_id=row["episode_id"],
        person_id=row["person_id"],
        at=from_ms(row["at"]),
        kind=row["kind"],
        value=seal.open(row["value"]),
        step=row["step"],
    )
