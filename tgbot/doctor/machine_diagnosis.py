"""What is installed here, and what only the bot's user may read."""

import platform
import sys
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from sqlite3 import sqlite_version

from tgbot import __version__
from tgbot.doctor.diagnosis import Diagnosis, broken, look, well
from tgbot.errors import BackcheckError
from tgbot.pictures.renderer import PictureRenderer
from tgbot.settings import PREFIX, Settings
from tgbot.store.opening import is_postgres
from tgbot.store.private_files import open_to_others

SECRETS = ("TOKEN", "KEY", "DATABASE", "PROXY", "WEBHOOK_SECRET")


def diagnose_version() -> Diagnosis:
    python = ".".join(map(str, sys.version_info[:3]))
    return well(
        "version", f"Backcheck {__version__}, Python {python}, SQLite {sqlite_version}, {platform.system()}."
    )


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
