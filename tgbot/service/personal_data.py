"""Everything that is stored about one person: handed over, as an archive to be read without us, or erased."""

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, time
from enum import Enum
from typing import Any

from tgbot.followup.episode import Entry, Episode, FollowUp, Person
from tgbot.service.store_port import Erased, OwedReply, Store, Transaction

ExportRow = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PersonalData:
    """All rows about somebody. Who holds a lease on a check-in, until when, is the courier's own affair."""

    person: Person
    episodes: tuple[Episode, ...]
    follow_ups: tuple[FollowUp, ...]
    entries: tuple[Entry, ...]
    owed: tuple[OwedReply, ...] = ()


async def collect(tx: Transaction, person_id: int) -> PersonalData | None:
    """What is stored about this person; None when that is nothing."""
    person = await tx.people.person(person_id)
    if person is None:
        return None
    episodes = tuple(await tx.people.episodes(person_id))
    follow_ups: list[FollowUp] = []
    entries: list[Entry] = []
    for episode in episodes:
        follow_ups += await tx.people.follow_ups(person_id, episode.id)
        entries += await tx.people.entries(person_id, episode.id)
    owed = tuple(await tx.people.owed(person_id))
    return PersonalData(person, episodes, tuple(follow_ups), tuple(entries), owed)


def archive(data: PersonalData, page: str, now: datetime) -> bytes:
    """A zip with the page that explains it, one JSON file with everything, and a CSV file for each list."""
    tables = {
        "episodes": [_plain(episode) for episode in data.episodes],
        "check_ins": [_plain(follow_up) for follow_up in data.follow_ups],
        "entries": [_plain(entry) for entry in data.entries],
        "replies_owed": [_plain(reply) for reply in data.owed],
    }
    everything = {"made": now.isoformat(), "person": _plain(data.person), **tables}
    files = {"read me.html": page, "everything.json": json.dumps(everything, ensure_ascii=False, indent=2)}
    files |= {f"{name}.csv": _csv(rows) for name, rows in tables.items() if rows}
    return _zipped(files, now)


def _plain(value: Any) -> Any:
    """A stored value as JSON knows it: times in ISO 8601, and nothing left out."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | time):
        return value.isoformat()
    if hasattr(value, "__dataclass_fields__"):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return value


def _csv(rows: Sequence[ExportRow]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(_harmless(rows))
    return "\ufeff" + text.getvalue()  # spreadsheets know by it that this is UTF-8


def _harmless(rows: Iterable[ExportRow]) -> Iterable[ExportRow]:
    """A note that begins like a formula is not run as one by a spreadsheet; the JSON has it as it is."""
    for row in rows:
        yield {
            name: f"'{value}" if isinstance(value, str) and value[:1] in tuple("=+-@\t\r") else value
            for name, value in row.items()
        }


def _zipped(files: Mapping[str, str], now: datetime) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            about = zipfile.ZipInfo(name, date_time=now.timetuple()[:6])
            about.external_attr = 0o600 << 16
            archive.writestr(about, content.encode(), zipfile.ZIP_DEFLATED)
    return packed.getvalue()


class Privacy:
    """What a person may do with what is stored about them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def collect(self, person_id: int) -> PersonalData | None:
        """Everything that is stored about this person; None when that is nothing."""
        return await self._store.transact(person_id, lambda tx: collect(tx, person_id))

    async def forget(self, person_id: int, at: datetime) -> Erased:
        """Erase everything about this person and say how much it was. Doing it twice changes nothing more."""
        return await self._store.transact(person_id, lambda tx: tx.people.forget(person_id, at))
