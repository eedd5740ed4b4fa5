"""The command line. Every command imports what it needs when it runs, so that each starts at once."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from tgbot import __version__
from tgbot.cli import data, running, words
from tgbot.errors import BackcheckError
from tgbot.settings import shipped_content
from tgbot.store.private_files import UMASK


@contextmanager
def plain_errors() -> Iterator[None]:
    """What an operator can mend is said in a sentence a problem and ends with 1, without a traceback."""
    try:
        yield
    except BackcheckError as error:
        for sentence in error.sentences:
            click.echo(f"backcheck: {sentence}", err=True)
        sys.exit(1)


def tell_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    """The program's version and the pack's, as the log of a start says them."""
    if not wanted or context.resilient_parsing:
        return
    with plain_errors():
        click.echo(f"backcheck {__version__}, words {words_version()}")
    context.exit()


def words_version() -> str:
    """The version that the pack of this environment gives itself; nothing else of it is read."""
    from tgbot.packs.yaml_files import read

    root = Path(os.environ.get("BACKCHECK_CONTENT") or shipped_content())
    try:
        about = read(root / "pack.yaml", "pack.yaml").data
    except BackcheckError:
        about = None
    return str(about["version"]) if isinstance(about, dict) and "version" in about else "not to be read"


class Commands(click.Group):
    """A group whose commands all speak plainly when something is wrong."""

    def invoke(self, ctx: click.Context) -> object:
        with plain_errors():
            return super().invoke(ctx)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=tell_version,
    help="Say which version this is, and of which words.",
)
def main() -> None:
    """Answers questions about upper-back spasms on Telegram, and checks back at 72 hours."""
    os.umask(UMASK)


for command in (*running.COMMANDS, *words.COMMANDS, *data.COMMANDS):
    main.add_command(command)
