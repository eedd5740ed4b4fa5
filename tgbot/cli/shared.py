"""What every command needs: the settings from the environment, and the log."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tgbot.errors import BackcheckError
from tgbot.settings import Settings, shipped_content


def read_settings() -> Settings:
    """The settings of this environment. Raises BackcheckError for what an operator must mend."""
    return Settings.read(os.environ)


def words_version() -> str:
    """The version that the pack of this environment gives itself; nothing else of it is read."""
    from tgbot.packs.yaml_files import read

    root = Path(os.environ.get("BACKCHECK_CONTENT") or shipped_content())
    try:
        about = read(root / "pack.yaml", "pack.yaml").data
    except BackcheckError:
        about = None
    return str(about["version"]) if isinstance(about, dict) and "version" in about else "not to be read"


def start_log(settings: Settings, level: str = "INFO") -> None:
    """Log as the settings say, secrets hidden."""
    from tgbot.logs import configure

    configure(settings.log, settings.secrets(), level)


def learn_first(settings: Settings) -> None:
    """Learn changed words before anything runs: said on stderr, and a signal ends it at once.

    What is wrong with the pack is told by whoever reads it next.
    """
    import click

    from tgbot.packs.whole import load_whole
    from tgbot.packs.yaml_files import PackErrors

    with suppress(PackErrors):
        load_whole(settings.content, say=lambda line: click.echo(line, err=True))


@contextmanager
def extra(name: str) -> Iterator[None]:
    """Around imports that need an optional extra of the package: without it, say how to get it."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise BackcheckError(
            f"This needs more than is installed ({error.name}): `pip install 'backcheck[{name}]'`."
        ) from error
