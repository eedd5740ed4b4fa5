"""`backcheck doctor`: everything that the bot needs, looked at one after the other, with what to do about
what is wrong. It changes nothing, beside a running bot or without one; what fails keeps nobody from the next.
"""

import asyncio
import json
import platform
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from sqlite3 import sqlite_version

from tgbot import __version__
from tgbot.chat.startup import TelegramReport, TokenRefusedError, UnreachableError, probe
from tgbot.clock import TOLERANCE
from tgbot.errors import BackcheckError, DatabaseError
from tgbot.packs import checks
from tgbot.packs.loader import open_pack
from tgbot.packs.signatures import ledger
from tgbot.packs.whole import Whole, load_whole
from tgbot.packs.yaml_files import PackErrors
from tgbot.pictures.renderer import PictureRenderer
from tgbot.service.housekeeping import LEAST_FREE
from tgbot.service.ports import Clock
from tgbot.service.store_port import Held
from tgbot.settings import PREFIX, Settings, SettingsError, secret_of
from tgbot.store.opening import is_postgres, must_have_driver, open_to_read
from tgbot.store.private_files import open_to_others
from tgbot.store.sealing import SealError
from tgbot.store.sqlite.backups import last_backup
from tgbot.store.sqlite.connection import files_of, free_share, read_only
from tgbot.store.sqlite.migrate import shipped, version_of
from tgbot.web.health_probe import UnwellError, ask

SECRETS = ("TOKEN", "KEY", "DATABASE", "PROXY", "WEBHOOK_SECRET")
SOON = timedelta(days=30)  # a review that lapses within it is told
MANY_WAITING = 100  # updates: what one poll shows
RECENTLY = timedelta(days=1)
BACKUP_AGE = timedelta(days=2)
LOOKED_BACK = timedelta(days=30)


class Condition(StrEnum):
    """`BROKEN`: the bot cannot work, or not wholly. `LOOK`: it works, and somebody should look at this."""

    OK = "ok"
    LOOK = "look at this"
    BROKEN = "broken"


_SIGNS = {Condition.OK: "ok     ", Condition.LOOK: "look   ", Condition.BROKEN: "BROKEN "}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """`remedy` says what to do; nothing to do when all is well."""

    subject: str
    condition: Condition
    says: str
    remedy: str = ""


def well(subject: str, says: str) -> Diagnosis:
    return Diagnosis(subject, Condition.OK, says)


def look(subject: str, says: str, remedy: str) -> Diagnosis:
    return Diagnosis(subject, Condition.LOOK, says, remedy)


def broken(subject: str, says: str, remedy: str) -> Diagnosis:
    return Diagnosis(subject, Condition.BROKEN, says, remedy)


def exit_code(found: Iterable[Diagnosis]) -> int:
    """0: all is well; 1: something is broken; 2: something is to be looked at."""
    conditions = {diagnosis.condition for diagnosis in found}
    if Condition.BROKEN in conditions:
        return 1
    return 2 if Condition.LOOK in conditions else 0


def as_lines(found: Iterable[Diagnosis]) -> list[str]:
    """For reading: a line each, and below it what to do."""
    lines = []
    for each in found:
        lines.append(f"{_SIGNS[each.condition]} {each.subject:<10} {each.says}")
        if each.remedy:
            lines.append(f"{'':19}→ {each.remedy}")
    return lines


def as_json_text(found: Sequence[Diagnosis]) -> str:
    """For scripts: the exit code and every line."""
    rows = {"exit": exit_code(found), "found": [asdict(each) for each in found]}
    return json.dumps(rows, ensure_ascii=False, indent=1)


async def examine(environ: Mapping[str, str], clock: Clock) -> AsyncIterator[Diagnosis]:
    """One diagnosis after the other. Settings that make no sense end it: nobody knows what was meant."""
    python, system = ".".join(map(str, sys.version_info[:3])), platform.system()
    yield well("version", f"Backcheck {__version__}, Python {python}, SQLite {sqlite_version}, {system}.")
    try:
        settings = Settings.read(environ)
    except SettingsError as error:
        for sentence in error.sentences:
            yield broken("settings", sentence, "docs/operating.md has all settings.")
        return
    for found in await diagnose_telegram(settings, clock):
        yield found
    for found in await diagnose_database(settings, clock):
        yield found
    for found in diagnose_pack(settings, clock.now().date()):
        yield found
    for found in diagnose_machine(settings, environ):
        yield found
    yield await _running(settings.health)


async def _running(address: tuple[str, int] | None) -> Diagnosis:
    if address is None:
        remedy = "Set BACKCHECK_HEALTH=127.0.0.1:8080, so that a supervisor and `backcheck health` can ask."
        return look("health", "The bot says nowhere how it is.", remedy)
    try:
        await asyncio.to_thread(ask, address)
    except UnwellError as error:
        return look("health", error.sentences[0], "Start it, or see its log.")
    return well("health", "The bot runs and is well.")


def diagnose_machine(settings: Settings, environ: Mapping[str, str]) -> Iterator[Diagnosis]:
    yield from _extras(settings)
    yield from _fonts(settings)
    yield from _secret_files(environ)


def _extras(settings: Settings) -> Iterator[Diagnosis]:
    drawing = PictureRenderer(settings.font)
    if is_postgres(settings.database.get_secret_value()) and not find_spec("psycopg_pool"):
        said = "BACKCHECK_DATABASE is PostgreSQL's, and its driver is not installed."
        yield broken("extras", said, "pip install 'backcheck[postgres]'")
    if drawing.charts and drawing.cards:
        yield well("extras", "Charts and cards can be drawn.")
        return
    lacking = "the card" if drawing.charts else "the chart and the card"
    yield look("extras", f"What draws {lacking} is not installed.", "pip install 'backcheck[card]'")


def _fonts(settings: Settings) -> Iterator[Diagnosis]:
    try:
        letters = PictureRenderer(settings.font).letters()
    except BackcheckError as error:
        yield broken("fonts", error.sentences[0], "Name another font, or none.")
        return
    if letters is not None:
        yield well("fonts", f"{len(letters)} letters can be shown in chart and card.")


def _secret_files(environ: Mapping[str, str]) -> Iterator[Diagnosis]:
    """The mode of a container's secrets, below /run, is the container's affair."""
    named = [environ.get(f"{PREFIX}{name}_FILE", "") for name in SECRETS]
    files = [Path(name) for name in named if name and not name.startswith("/run/")]
    for file in open_to_others(*files):
        yield look("secrets", f"{file} can be read by others.", f"chmod 600 {file}")


def diagnose_pack(settings: Settings, today: date) -> Iterator[Diagnosis]:
    root = settings.content
    try:
        whole = load_whole(root)
    except PackErrors as errors:
        first, more = errors.sentences[0], len(errors.sentences) - 1
        said = f"{root}/{first}" + (f", and {more} more" if more else "")
        yield broken("pack", said, f"`backcheck check {root}` lists everything.")
        return
    yield _checked(root, whole, today)
    yield from _country(settings, whole)
    yield from _signed(root, today)


def _checked(root: Path, whole: Whole, today: date) -> Diagnosis:
    findings = checks.check(root, today)
    said = f"{whole.pack.name} {whole.pack.version} in {root}: {checks.summary(findings)}."
    if checks.failed(findings, strict=False):
        return broken("pack", said, f"`backcheck check {root}` lists everything.")
    return well("pack", said)


def _country(settings: Settings, whole: Whole) -> Iterator[Diagnosis]:
    if settings.country is not None and settings.country not in whole.pack.countries:
        remedy = "Set a country of the pack, or add yours to its emergency.yaml."
        yield broken("country", f"BACKCHECK_COUNTRY is {settings.country}, which the pack lacks.", remedy)


def _signed(root: Path, today: date) -> Iterator[Diagnosis]:
    try:
        found = ledger(root, "en", today, open_pack(root))
    except BackcheckError as error:
        yield broken("reviews", error.sentences[0], "Mend signatures.yaml.")
        return
    if found.unsigned:
        remedy = "The bot says so to everybody; docs/review.md tells how words are signed."
        yield look("reviews", f"Not signed: {found.unsigned}.", remedy)
    ends = [min(s.until for s in standing.by) for standing in found.standings.values() if standing.by]
    soon = [until for until in ends if today <= until <= today + SOON]
    if soon:
        said = f"{len(soon)} reviews lapse within 30 days, the first on {min(soon)}."
        yield look("reviews", said, "Have the words reviewed again: `backcheck sign --verify` lists them.")
    elif not found.unsigned:
        yield well("reviews", f"Everything is signed, until {min(ends)} at least.")


async def diagnose_telegram(settings: Settings, clock: Clock) -> list[Diagnosis]:
    if settings.token is None:
        return [broken("token", "BACKCHECK_TOKEN is not set.", "Ask BotFather on Telegram for one.")]
    token = settings.token.get_secret_value()
    try:
        report = await probe(token, settings.api_url, secret_of(settings.proxy), clock)
    except TokenRefusedError:
        return [
            broken(
                "token", "Telegram refuses it.", "Look at it again, and at BACKCHECK_API_URL if it is set."
            )
        ]
    except UnreachableError as error:
        remedy = "Look at the network, at BACKCHECK_API_URL and at BACKCHECK_PROXY."
        return [broken("telegram", error.sentences[0], remedy)]
    return [
        well("token", f"It is @{report.username}'s."),
        _time(report.ahead),
        _source(report, settings.webhook),
        *_failures(report, clock.now()),
    ]


def _time(ahead: timedelta | None) -> Diagnosis:
    if ahead is None:
        return look("clock", "Telegram's answers name no time.", "Is there a proxy that takes it away?")
    seconds = round(ahead.total_seconds())
    if abs(ahead) <= TOLERANCE:
        return well("clock", f"It differs from Telegram's by {abs(seconds)} s.")
    where = "ahead of" if seconds > 0 else "behind"
    return look(
        "clock", f"It is {abs(seconds)} s {where} Telegram's.", "Set the machine's time (timedatectl)."
    )


def _source(report: TelegramReport, wanted: str | None) -> Diagnosis:
    if report.webhook and wanted is None:
        remedy = "Take it away with `backcheck webhook delete`, or set BACKCHECK_WEBHOOK."
        return broken("updates", f"Telegram posts to {report.webhook}, so nobody can poll.", remedy)
    if report.webhook != (wanted or ""):
        remedy = "`backcheck webhook set`, or start the bot: it sets it."
        return look("updates", "Telegram does not post to BACKCHECK_WEBHOOK.", remedy)
    how = f"posted to {wanted}" if wanted else "polled"
    said = f"Updates are {how}; {report.waiting} wait."
    if report.waiting < MANY_WAITING:
        return well("updates", said)
    return look("updates", said, "Is the bot running? It takes them all as soon as it does.")


def _failures(report: TelegramReport, now: datetime) -> Iterator[Diagnosis]:
    at = report.last_error_at
    if at is not None and report.webhook and now - at < RECENTLY:
        said = f"Telegram could not post at {at:%Y-%m-%d %H:%M}Z: {report.last_error}."
        yield look("webhook", said, "Look at the server in front of the bot (docs/operating.md).")


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
    except SealError as error:
        return [broken("key", error.sentences[0], "Set BACKCHECK_KEY_FILE to the key it was sealed with.")]
    except BackcheckError as error:
        return [broken("database", error.sentences[0], "Look who has it open, or restore a backup.")]
    check_ins = _check_ins(held, became.get("late", 0), became.get("unconfirmed", 0))
    rows = [check_ins, _sealed(settings)]
    if poison:
        said = f"{poison} in 30 days could not be processed and were put aside."
        rows.insert(1, look("messages", said, "The log says why: its lines are called update_quarantined."))
    return rows


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
