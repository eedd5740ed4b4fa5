"""Commands about the key that seals what people said."""

import asyncio
from pathlib import Path

import click

from tgbot.cli.shared import read_settings
from tgbot.errors import BackcheckError


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
        write_private(file, f"{new_key()}\n{older}")
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
    from tgbot.store.keys import prove
    from tgbot.store.keys import rotate as reseal

    settings, now = read_settings(), SystemClock().now()
    if settings.key is None:
        raise BackcheckError("BACKCHECK_KEY_FILE is not set; `backcheck keys new FILE` makes a key.")
    database, secret = settings.database.get_secret_value(), settings.key.get_secret_value()

    async def work() -> int:
        opening.must_be_there(database)
        opening.must_be_stopped(database, now)
        async with opening.open_store(database, now, keys=secret) as store:
            people = await reseal(store)
            await prove(store, secret)
            return people

    click.echo(f"Sealed with the first key: everything that {asyncio.run(work())} people said.")


COMMANDS = (keys,)
