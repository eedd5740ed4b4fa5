"""The database: reachable, of a known schema, whole, private, copied lately; and what is overdue in it.

It is looked at without changing it, beside a running bot or without one.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tgbot.doctor.diagnosis import Diagnosis, broken, look, well
from tgbot.errors import BackcheckError, DatabaseError
from tgbot.service.housekeeping import LEAST_FREE
from tgbot.service.ports import Clock
from tgbot.service.store_port import Held
from tgbot.settings import Settings, secret_of
from tgbot.store.opening import is_postgres, open_to_read
from tgbot.store.private_files import open_to_others
from tgbot.store.sqlite.backups import last_backup
from tgbot.store.sqlite.connection import files_of, free_share, read_only
from tgbot.store.sqlite.migrate import shipped, version_of

BACKUP_AGE = timedelta(days=2)
LOOKED_BACK = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class DatabaseReport:
    """`schema` is 0 where there is no database yet; `known` is the schema of this version of Backcheck.

    `too_new`: it cannot be worked with. `damage` is what the integrity check says when it is not "ok".
    Of a file: `free`, the disk's free share, None where nobody can tell, as with a server's; `exposed`, what
    others may read; `backed_up`, the last copy.
    """

    where: str
    schema: int
    known: int
    too_new: bool = False
    damage: str = ""
    free: float | None = None
    exposed: tuple[Path, ...] = ()
    backed_up: datetime | None = None


def inspect_file(path: Path) -> DatabaseReport:
    """Raises DatabaseError for what cannot be opened or is none of ours."""
    known, where, free = shipped()[-1].number, str(path.absolute()), free_share(path)
    if not path.absolute().parent.is_dir():
        raise DatabaseError(f"The folder {path.absolute().parent} is not there.")
    if not path.exists():
        return DatabaseReport(where, 0, known, free=free)
    try:
        with read_only(path) as connection:
            schema = version_of(connection)
            (answer, *_), *_ = connection.execute("PRAGMA integrity_check(1)").fetchall()
    except sqlite3.Error as error:
        raise DatabaseError(f"The database {path} cannot be read: {error}.") from error
    return DatabaseReport(
        where=where,
        schema=schema,
        known=known,
        too_new=schema > known,
        damage="" if answer == "ok" else str(answer).splitlines()[-1],
        free=free,
        exposed=tuple(open_to_others(*files_of(path))),
        backed_up=last_backup(path),
    )


def inspect(url: str) -> DatabaseReport:
    """The database that `url` names. Raises DatabaseError."""
    from tgbot.store.opening import is_postgres, must_have_driver

    if not is_postgres(url):
        return inspect_file(Path(url))
    must_have_driver()
    from tgbot.store.postgres.connecting import where
    from tgbot.store.postgres.schema import schema_of, shipped_steps

    known = shipped_steps()[-1].number
    schema, compatible = schema_of(url)
    return DatabaseReport(where(url), schema, known, too_new=compatible > known)


async def diagnose_database(settings: Settings, clock: Clock) -> list[Diagnosis]:
    url = settings.database.get_secret_value()
    try:
        report = inspect(url)
    except BackcheckError as error:
        return [broken("database", error.sentences[0], "Look at BACKCHECK_DATABASE, or restore a backup.")]
    found = [_schema(report), *diagnose_file(report)]
    if report.schema == report.known and not report.damage:
        found += await _inside(settings, clock)
    if report.schema and not is_postgres(url):
        found.append(_backup(report.backed_up, clock.now()))
    return found


def _schema(report: DatabaseReport) -> Diagnosis:
    where, schema, known = report.where, report.schema, report.known
    if not schema:
        remedy = "`backcheck run` makes one; a surprise here means a mistyped BACKCHECK_DATABASE."
        return look("database", f"There is none at {where} yet.", remedy)
    if report.damage:
        return broken("database", f"{where} is damaged: {report.damage}", "Restore a backup.")
    if report.too_new:
        said = f"{where} has schema {schema}, this version knows {known}."
        return broken("database", said, "Run the newer version, or restore a backup.")
    if schema < known:
        said = f"{where} has schema {schema}, this version makes it {known} at its start."
        return look("database", said, "Nothing to do: a copy of the file is made before.")
    return well("database", f"{where}, schema {schema}, whole.")


def diagnose_file(report: DatabaseReport) -> Iterator[Diagnosis]:
    """Who can read it, and whether its disk has room."""
    for file in report.exposed:
        yield look("database", f"{file} can be read by others.", f"chmod 600 {file}")
    if report.free is None:
        return
    if report.free < LEAST_FREE:
        said = f"{report.free:.0%} of the disk is free; when it is full no check-in can be sent."
        yield look("disk", said, "Make room.")
    else:
        yield well("disk", f"{report.free:.0%} is free.")


async def _inside(settings: Settings, clock: Clock) -> list[Diagnosis]:
    """What can only be read with the key: whether it fits, and what is overdue."""
    now = clock.now()
    try:
        async with open_to_read(settings.database.get_secret_value(), secret_of(settings.key)) as store:
            held = await store.operate(lambda tx: tx.queue.held(now))
            became = await store.operate(lambda tx: tx.operations.became(now - LOOKED_BACK, now))
            poison = await store.operate(lambda tx: tx.operations.quarantined(now - LOOKED_BACK))
    except BackcheckError as error:
        return [broken("key", error.sentences[0], "Set BACKCHECK_KEY_FILE to the key it was sealed with.")]
    check_ins = _check_ins(held, became.get("late", 0), became.get("unconfirmed", 0))
    return [check_ins, *_put_aside(poison), _sealed(settings)]


def _put_aside(poison: int) -> Iterator[Diagnosis]:
    if poison:
        said = f"{poison} in 30 days could not be processed and were put aside."
        yield look("messages", said, "The log says why: its lines are called update_quarantined.")


def _sealed(settings: Settings) -> Diagnosis:
    if settings.key is None:
        remedy = "`backcheck keys new FILE` makes a key (docs/privacy.md)."
        return look("key", "What people said is plain in the database.", remedy)
    return well("key", "What people said is sealed, and the key fits.")


def _check_ins(held: Held, late: int, unconfirmed: int) -> Diagnosis:
    if waiting := held.due + held.to_come:
        said = f"{waiting} are held since a restore; nobody is written to before you decide."
        return look("check-ins", said, "`backcheck release` says what can be done.")
    if late:
        return look("check-ins", f"{late} should have been sent by now.", "Is the bot running? See its log.")
    if unconfirmed:
        said = f"{unconfirmed} in 30 days broke off twice, and nobody knows whether they arrived."
        return look("check-ins", said, "`backcheck follow-ups --state unconfirmed` lists them.")
    return well("check-ins", "None is late, none is held.")


def _backup(at: datetime | None, now: datetime) -> Diagnosis:
    remedy = "`backcheck backup --keep 14 FOLDER`, every day (docs/operating.md)."
    if at is None:
        return look("backup", "`backcheck backup` was never run here.", remedy)
    hours = round((now - at) / timedelta(hours=1))
    if now - at > BACKUP_AGE:
        return look("backup", f"The last one is {hours} hours old.", remedy)
    return well("backup", f"The last one is {hours} hours old.")
