"""Commands about what is kept: counts of it, the database's schema, copies of it, what a copy holds back, the
key that seals it; and one person's part, handed over or erased by letter.
"""

import asyncio
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import click

from tgbot.errors import BackcheckError
from tgbot.followup.episode import FollowUpState
from tgbot.settings import read_settings, secret_of


def telegram_id(_context: click.Context, _: click.Parameter, value: str) -> int:
    """A person's id: Telegram gives out whole numbers of at most 52 bits."""
    try:
        number = int(value)
    except ValueError:
        number = 0
    if not 0 < number < 2**52:
        raise click.BadParameter(f"{value} is no Telegram id: that is a whole number of up to 16 digits.")
    return number


PERSON = click.argument("person", callback=telegram_id)


@click.command()
def migrate() -> None:
    """Bring the database to this version's schema; a backup is made first. Makes a missing one."""
    from tgbot.clock import SystemClock
    from tgbot.store import opening

    database = read_settings().database.get_secret_value()
    opening.must_be_idle(database)
    done = opening.migrate(database, SystemClock().now())
    if not done.before:
        click.echo(f"There was no database at {done.where}: a new, empty one is there now.")
    kept = f" The file from before is {done.backup}." if done.backup else ""
    click.echo(f"Schema {done.before} → {done.after}.{kept}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--keep", type=click.IntRange(min=1), help="In a folder: how many of its dated copies stay.")
def backup(file: Path, keep: int | None) -> None:
    """Copy the database to FILE while the bot runs, and read the copy through.

    FILE may be a folder, in which a dated copy is made, or - for standard output.
    """
    from tgbot.clock import SystemClock
    from tgbot.store.opening import file_of
    from tgbot.store.sqlite.backups import back_up_into, back_up_to, stream_backup

    database = file_of(read_settings().database.get_secret_value(), "Use pg_dump.")
    now, out = SystemClock().now(), sys.stdout.buffer
    if keep is not None and not file.is_dir():
        raise click.UsageError(
            f"--keep is for a folder that is there: make {file} first, or leave --keep out."
        )
    if str(file) == "-":
        if out.isatty():
            raise click.UsageError("A terminal is no place for a database: send it to a file or a program.")
        stream_backup(out, database, now)
    elif file.is_dir():
        target, gone = back_up_into(file, database, now, keep)
        click.echo(f"{target} is a whole copy." + (f" Older ones removed: {len(gone)}." if gone else ""))
    else:
        back_up_to(file, database, now)
        click.echo(f"{file} is a whole copy.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--lost-erasure-log", is_flag=True, help="Restore although the old database cannot be read.")
def restore(file: Path, lost_erasure_log: bool) -> None:
    """Put the backup FILE in the database's place. Stop the bot first."""
    from tgbot.clock import SystemClock
    from tgbot.store.opening import file_of
    from tgbot.store.restoring import restore as restore_database

    database = file_of(read_settings().database.get_secret_value(), "See docs/scaling.md.")
    done = restore_database(file, database, SystemClock().now(), lost_erasure_log)
    click.echo(
        f"Restored. Erased again: {done.erased_again}. Ended again: {done.ended}. "
        f"Held follow-ups: {done.held}."
    )
    if done.kept:
        click.echo(f"The database from before is {done.kept}; it holds people's data, so delete it in time.")
    if done.held:
        click.echo("Nobody is written to before you decide about these: see `backcheck release`.")


@click.command()
@click.option("--send/--cancel", default=None, help="Send what fell due meanwhile, or give it up.")
def release(send: bool | None) -> None:
    """Decide about the follow-ups that a restore has held, with the bot stopped; without an option, see them.

    What fell due since the backup may have been sent already: it is sent now, saying that it is late, or
    given up, and the plan goes on with its next step. What is not due yet is sent at its time either way.
    """
    from tgbot.clock import SystemClock
    from tgbot.packs.protocol_file import load_protocol
    from tgbot.service.episodes import Episodes
    from tgbot.service.follow_up import Released, UndecidedError, release
    from tgbot.service.store_port import Held
    from tgbot.store.opening import must_be_idle, open_store, open_to_read

    settings, clock = read_settings(), SystemClock()
    database, key = settings.database.get_secret_value(), secret_of(settings.key)

    async def look() -> Held:
        async with open_to_read(database, key) as store:
            return await store.operate(lambda tx: tx.queue.held(clock.now()))

    waiting = asyncio.run(look())
    if send is None:
        if waiting.due + waiting.to_come:
            raise UndecidedError(waiting.due, waiting.to_come)
        click.echo("Nothing is held, so there is nothing to decide.")
        return

    async def work(send: bool) -> Released:
        must_be_idle(database)
        async with open_store(database, clock.now(), keys=key) as store:
            episodes = Episodes(store, clock, load_protocol(settings.content))
            return await release(store, episodes, clock.now(), send=send)

    done = asyncio.run(work(send))
    click.echo(f"To be sent: {done.to_send}. Given up: {done.given_up}.")


@click.command()
@click.argument("before", required=False)
@click.option("--lost-erasure-log", is_flag=True, help="The database from before cannot be read any more.")
def restored(before: str | None, lost_erasure_log: bool) -> None:
    """Make a PostgreSQL database safe that you have restored yourself, before any bot starts on it.

    BEFORE is the address of the database that the restored one replaces: who was erased there since is erased
    again, and what was stopped stays stopped. Everything planned is held until `backcheck release`.
    """
    from tgbot.clock import SystemClock
    from tgbot.store.restoring import after_restore

    if (before is None) != lost_erasure_log:
        raise click.UsageError("Name the database from before, or say --lost-erasure-log.")
    done = after_restore(read_settings().database.get_secret_value(), before, SystemClock().now())
    click.echo(
        f"Safe. Erased again: {done.erased_again}. Ended again: {done.ended}. Held follow-ups: {done.held}."
    )
    if done.held:
        click.echo("Nobody is written to before you decide about these: see `backcheck release`.")


@click.command()
@click.argument("source")
@click.argument("target")
def move(source: str, target: str) -> None:
    """Move everything from the database SOURCE to TARGET, each a file or postgresql://…; stop the bots first.

    Rows and checksums of both are compared. SOURCE is marked, so that no bot starts on it again; moving back
    is the same command. Run it again if it was interrupted.
    """
    from tgbot.clock import SystemClock
    from tgbot.store.opening import move_all

    for table in move_all(source, target, SystemClock().now()):
        click.echo(f"{table.rows:>9,}  {table.name:<18}  {table.checksum}")
    click.echo("Everything is in the target, row for row. The source holds people's data still: delete it.")


@click.group()
def keys() -> None:
    """The key that keeps what people said unreadable in the database (docs/privacy.md)."""


@keys.command()
@click.argument("file", type=click.Path(path_type=Path))
def new(file: Path) -> None:
    """Make a new key: FILE is made with it, or it becomes the first line of FILE.

    Keep a copy apart from the database and its backups: without the key nobody can read them again.
    """
    from tgbot.store.private_files import write_private
    from tgbot.store.sealing import new_key

    try:
        older = file.read_text(encoding="utf-8") if file.exists() else ""
        write_private(file, f"{new_key()}\n{older}", owned_like=file if file.exists() else file.parent)
    except (OSError, UnicodeDecodeError) as error:
        raise BackcheckError(f"{file} cannot be written ({error}).") from error
    click.echo(f"A new key is the first line of {file}. Keep a copy of it apart from the database.")
    if older:
        click.echo("Now `backcheck keys rotate` seals everything with it; then the older lines may go.")


@keys.command()
def rotate() -> None:
    """Seal everything with the first key of BACKCHECK_KEY_FILE, also what was plain. Stop the bot first."""
    from tgbot.clock import SystemClock
    from tgbot.store import opening
    from tgbot.store.opening import prove
    from tgbot.store.opening import rotate as reseal

    settings, now = read_settings(), SystemClock().now()
    if settings.key is None:
        raise BackcheckError("BACKCHECK_KEY_FILE is not set; `backcheck keys new FILE` makes a key.")
    database, secret = settings.database.get_secret_value(), settings.key.get_secret_value()

    async def work() -> int:
        opening.must_hold_ours(database)
        opening.must_be_stopped(database, now)
        async with opening.open_store(database, now, keys=secret) as store:
            people = await reseal(store)
            await prove(store, secret)
            return people

    click.echo(f"Sealed with the first key: everything that {asyncio.run(work())} people said.")


@click.command()
@PERSON
@click.argument("file", type=click.Path(path_type=Path))
def export(person: int, file: Path) -> None:
    """Write everything about PERSON (a Telegram user id) to FILE, a zip: for somebody who asks by letter."""
    from tgbot.clock import SystemClock
    from tgbot.packs.loader import load
    from tgbot.screens.faq_screens import Screens
    from tgbot.service.personal_data import PersonalData, Privacy, archive
    from tgbot.store.opening import open_to_read
    from tgbot.store.private_files import write_new

    settings, now = read_settings(), SystemClock().now()

    async def collect() -> PersonalData | None:
        database, key = settings.database.get_secret_value(), secret_of(settings.key)
        async with open_to_read(database, key) as store:
            return await Privacy(store).collect(person)

    data = asyncio.run(collect())
    if data is None:
        raise BackcheckError(f"Nothing is stored about {person}.")
    page = Screens(load(settings.content)).export_page(now)
    try:
        write_new(file, archive(data, page, now))
    except OSError as error:
        raise BackcheckError(
            f"{file} cannot be written ({error.strerror}); nothing is overwritten."
        ) from error
    click.echo(f"Everything about {person} is in {file}: health data, so hand it to nobody else.")


@click.command()
@PERSON
@click.option("--yes", is_flag=True, help="Do not ask again.")
def forget(person: int, yes: bool) -> None:
    """Erase everything about PERSON (a Telegram user id), as /forget does.

    An SQLite database has one writer: stop the bot first. On PostgreSQL the replicas may go on.
    """
    from tgbot.clock import SystemClock
    from tgbot.service.personal_data import Privacy
    from tgbot.service.store_port import Erased
    from tgbot.store import opening

    settings, now = read_settings(), SystemClock().now()
    database, key = settings.database.get_secret_value(), secret_of(settings.key)
    if not yes:
        click.confirm(f"Erase everything about {person}? It cannot be undone.", abort=True)

    async def work() -> Erased:
        opening.must_hold_ours(database)
        opening.must_be_idle(database)
        async with opening.open_store(database, now, keys=key) as store:
            return await Privacy(store).forget(person, now)

    gone = asyncio.run(work())
    click.echo(f"Erased. Episodes: {gone.episodes}. Check-ins: {gone.follow_ups}. Entries: {gone.entries}.")
    click.echo("Backups from before still hold it; delete them in time.")


@click.command()
@click.option("--days", type=click.IntRange(1, 3650), default=30, show_default=True, help="How far back.")
def stats(days: int) -> None:
    """What people asked, what was not understood, what helped: counts only, small ones hidden."""
    from tgbot.clock import SystemClock
    from tgbot.service.questions import counted
    from tgbot.store.opening import open_to_read

    since = (SystemClock().now() - timedelta(days=days)).date()

    async def work() -> Mapping[str, list[tuple[str, str]]]:
        async with open_to_read(read_settings().database.get_secret_value()) as store:
            return await counted(store, since)

    for kind, subjects in (asyncio.run(work()) or {"nothing": []}).items():
        click.echo(f"{kind.replace('_', ' ')} since {since}")
        for subject, times in subjects:
            click.echo(f"  {times:>6}  {subject}")


@click.command("follow-ups")
@click.option("--days", type=click.IntRange(1, 3650), default=30, show_default=True, help="How far back.")
@click.option(
    "--state",
    type=click.Choice([one.value for one in FollowUpState]),
    help="List those of one state: id and due time.",
)
def follow_ups(days: int, state: str | None) -> None:
    """What became of the planned messages: counts and ids, never names or words.

    `unconfirmed`: two attempts broke off, and nobody knows whether one arrived. `refused`: Telegram would not
    take it. `expired`: it could not be sent for seven days. `late`: still to be sent, and overdue.
    """
    from tgbot.clock import SystemClock
    from tgbot.store.opening import open_to_read

    now = SystemClock().now()
    since = now - timedelta(days=days)

    async def lines() -> list[str]:
        async with open_to_read(read_settings().database.get_secret_value()) as store:
            if state is not None:
                asked = FollowUpState(state)
                found = await store.operate(lambda tx: tx.operations.in_state(asked, since))
                return [f"{due.follow_up}  {due.at:%Y-%m-%d %H:%M}Z" for due in found]
            counts = await store.operate(lambda tx: tx.operations.became(since, now))
            return [
                f"planned for after {since.date()}",
                *(f"  {times:>6}  {name}" for name, times in counts.items()),
            ]

    click.echo("".join(f"{line}\n" for line in asyncio.run(lines())), nl=False)


COMMANDS = (stats, follow_ups, migrate, backup, restore, release, restored, move, keys, export, forget)
