"""Restore: the erased stay erased, the stopped stay stopped, nothing is sent before the operator decides."""

import os
import shutil
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from tgbot.errors import DatabaseError
from tgbot.store.moving import FileSide, Side, Values, file_side
from tgbot.store.opening import open_side
from tgbot.store.private_files import OWNER_ONLY, make_private
from tgbot.store.sealing import mark_of
from tgbot.store.sqlite.backups import back_up, must_be_idle, must_be_whole
from tgbot.store.sqlite.connection import read_only

_PEOPLE = "SELECT id, consent_at FROM person"
_SALT, _OLDER_SALTS = "salt", "older_salts"  # keys in `meta`


@dataclass(frozen=True, slots=True)
class Since:
    """What people did in the database that is replaced, which its backup may not know. With `salts` the marks
    of its erasures were made."""

    erasures: Sequence[Values] = field(default_factory=list)
    salts: Sequence[str] = ()
    withdrawn: Sequence[Values] = field(default_factory=list)
    closed: Sequence[Values] = field(default_factory=list)
    people: Sequence[Values] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class MadeSafe:
    """How many people were erased again. `ended` are episodes that were closed since the backup, and people
    who withdrew consent since. `held` is everything planned: the operator decides (`backcheck release`)."""

    erased_again: int
    ended: int
    held: int


@dataclass(frozen=True, slots=True)
class Restored(MadeSafe):
    """`kept` is where the database from before is now."""

    kept: Path | None


def restore(backup: Path, database: Path, now: datetime, lost_log: bool = False) -> Restored:
    """Put a backup in the place of the database; the bot must not run.

    People who were erased since the backup are erased again, and what they stopped since stays stopped: both
    are read from the database that is replaced. When that cannot be read, nothing is done unless `lost_log`
    says that this is known. At no moment is there no database in its place: whoever was killed and runs this
    again still finds who was erased. Raises DatabaseError.
    """
    must_be_idle(database)
    since = _since(database, lost_log)
    fresh = database.with_name(database.name + ".restoring")
    _remove(fresh)  # a log that a kill has left would be read as this one's
    back_up(backup, fresh, owned_like=database if database.exists() else database.parent)
    try:
        with file_side(fresh, now, keep_copy=False) as side:
            safe = make_safe(side, since)
        must_be_idle(fresh)  # all of it is in the one file then
        with read_only(fresh) as made:
            must_be_whole(made, fresh)
        kept = _kept(database, now)
        fresh.replace(database)
    finally:
        _remove(fresh)
    return Restored(safe.erased_again, safe.ended, safe.held, kept)


def _since(database: Path, lost_log: bool) -> Since:
    if not database.exists():
        return Since()
    try:
        with read_only(database) as connection:
            return done_in(FileSide(database, connection))
    except (sqlite3.Error, DatabaseError) as error:
        if lost_log:
            return Since()
        raise DatabaseError(
            f"The erasure log in {database} cannot be read ({error}), so people who were erased since "
            "the backup would come back. Restore with --lost-erasure-log if that has to be."
        ) from error


def _kept(database: Path, now: datetime) -> Path | None:
    """A second name for what is replaced, and its log: nothing is destroyed by a restore."""
    if not database.exists():
        return None
    kept = _free(database.with_name(f"{database.name}.before-restore-{now:%Y%m%dT%H%M%S}"))
    for file in _beside(database):  # only a damaged one has something there
        if file.exists():
            file.chmod(OWNER_ONLY)
            file.replace(kept.with_name(kept.name + file.name.removeprefix(database.name)))
    database.chmod(OWNER_ONLY)
    try:
        os.link(database, kept)
    except OSError:  # a file system in which a file has one name
        make_private(kept)
        shutil.copyfile(database, kept)
    return kept


def _free(path: Path) -> Path:
    """A name that nothing has yet: this one, or with a number behind it."""
    names = (path if n == 1 else path.with_name(f"{path.name}-{n}") for n in count(1))
    return next(name for name in names if not os.path.lexists(name))


def _remove(database: Path) -> None:
    for file in (database, *_beside(database)):
        file.unlink(missing_ok=True)


def _beside(path: Path) -> list[Path]:
    return [path.with_name(path.name + suffix) for suffix in ("-wal", "-shm", "-journal")]


def after_restore(url: str, before: str | None, now: datetime) -> MadeSafe:
    """Make a database safe that its operator has restored: what people did in the one from before, if it can
    still be read, is done again, and what is planned is held. Raises DatabaseError."""
    since = Since()
    if before is not None:
        with open_side(before, now) as side:
            since = done_in(side)
    with open_side(url, now) as side:
        side.must_be_idle()
        return make_safe(side, since)


def done_in(side: Side) -> Since:
    """What people did in a database."""
    return Since(
        erasures=[
            (bytes(person_hash), at) for person_hash, at in side.run("SELECT person_hash, at FROM erasure")
        ],
        salts=_salts(side),
        withdrawn=side.run("SELECT consent_at, id FROM person WHERE consent_version = ''"),
        closed=side.run("SELECT outcome, closed_at, closed_because, id FROM episode WHERE state = 'closed'"),
        people=side.run(_PEOPLE),
    )


def make_safe(side: Side, since: Since) -> MadeSafe:
    """Repeat what people did since the backup; hold what is planned: nobody knows what was sent since."""
    erased = _erase_again(side, since)
    ended = _end_again(side, since)
    side.run("DELETE FROM owed_reply")  # nobody knows which replies were sent since
    held = side.run(
        "UPDATE follow_up SET held = 1, ready_at = NULL, owner = NULL, leased_until = NULL"
        " WHERE state = 'planned' RETURNING id"
    )
    side.commit()
    return MadeSafe(erased, ended, len(held))


def _erase_again(side: Side, since: Since) -> int:
    """A mark is slow to make, so none is made for those who are still there as the backup knows them."""
    known = {(bytes(person_hash), at) for person_hash, at in side.run("SELECT person_hash, at FROM erasure")}
    missing = [erasure for erasure in since.erasures if tuple(erasure) not in known]
    side.write("erasure", ("person_hash", "at"), missing)
    _add_salts(side, since.salts)
    latest: dict[Any, int] = dict(sorted((tuple(each) for each in since.erasures), key=lambda each: each[1]))
    people = {tuple(each) for each in side.run(_PEOPLE)} - {tuple(each) for each in since.people}
    gone = [
        person
        for person, agreed in people
        if latest and any(agreed <= latest.get(mark_of(salt, person), -1) for salt in since.salts)
    ]
    for person in gone:
        side.run("DELETE FROM person WHERE id = :id", id=person)
    return len(gone)


def _salts(side: Side) -> list[str]:
    """Its own, and those of the databases whose erasures it took over: each database is made with its own."""
    kept = "SELECT key, value FROM meta WHERE key IN (:own, :older)"
    found = {key: str(value) for key, value in side.run(kept, own=_SALT, older=_OLDER_SALTS)}
    return [found[_SALT], *found.get(_OLDER_SALTS, "").split()]


def _add_salts(side: Side, salts: Sequence[str]) -> None:
    """Marks are of use only with the salt that they were made with: at the next restore, too."""
    own, *older = _salts(side)
    added = [salt for salt in salts if salt not in (own, *older)]
    if added:
        side.run(
            "INSERT INTO meta (key, value) VALUES (:key, :value)"
            " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            key=_OLDER_SALTS,
            value=" ".join([*older, *added]),
        )


def _end_again(side: Side, since: Since) -> int:
    """Consent that was taken back and episodes that were closed; their contacts are cancelled with them."""
    ended = 0
    for at, person in since.withdrawn:
        ended += len(
            side.run(
                "UPDATE person SET consent_version = '', consent_at = :at"
                " WHERE id = :id AND consent_version <> '' RETURNING id",
                at=at,
                id=person,
            )
        )
    for outcome, closed_at, because, episode in since.closed:
        closed = side.run(
            "UPDATE episode SET state = 'closed', version = version + 1, outcome = :outcome,"
            " closed_at = :closed_at, closed_because = :because"
            " WHERE id = :id AND state = 'open' RETURNING id",
            outcome=outcome,
            closed_at=closed_at,
            because=because,
            id=episode,
        )
        if closed:
            side.run(
                "UPDATE follow_up SET state = 'cancelled', ready_at = NULL, owner = NULL, leased_until = NULL"
                " WHERE episode_id = :id AND state = 'planned'",
                id=episode,
            )
        ended += len(closed)
    return ended
