"""The command line. Every command imports what it needs when it runs, so that each starts at once."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from tgbot import __version__
from tgbot.cli import (
    data,
    diagnosing,
    key_commands,
    review,
    rights,
    running,
    watching,
    webhook_commands,
    word_commands,
)
from tgbot.errors import BackcheckError
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


class Commands(click.Group):
    """A group whose commands all speak plainly when something is wrong."""

    def invoke(self, ctx: click.Context) -> object:
        with plain_errors():
            return super().invoke(ctx)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="backcheck", message="%(prog)s %(version)s")
def main() -> None:
    """Answers questions about upper-back spasms on Telegram, and checks back at 72 hours."""
    os.umask(UMASK)


ROOMS = (running, word_commands, review, data, rights, key_commands, watching, webhook_commands, diagnosing)
for command in (command for room in ROOMS for command in room.COMMANDS):
    main.add_command(command)
