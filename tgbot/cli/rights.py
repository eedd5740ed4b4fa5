"""Commands for a person's rights, used by letter: everything about them, and its erasure."""

import asyncio
from pathlib import Path

import click

from tgbot.cli.shared import read_settings
from tgbot.errors import BackcheckError
from tgbot.settings import secret_of


@click.command()
@click.argument("person", type=int)
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
@click.argument("person", type=int)
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
        opening.must_be_there(database)
        opening.must_be_idle(database)
        async with opening.open_store(database, now, keys=key) as store:
            return await Privacy(store).forget(person, now)

    gone = asyncio.run(work())
    click.echo(f"Erased. Episodes: {gone.episodes}. Check-ins: {gone.follow_ups}. Entries: {gone.entries}.")
    click.echo("Backups from before still hold it; delete them in time.")


COMMANDS = (export, forget)
