"""Everything that the bot needs, looked at one after the other: what is installed, Telegram, the database,
the words, whether it runs. What fails in one place keeps nobody from the next.
"""

import asyncio
import platform
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import date, timedelta
from importlib.util import find_spec
from pathlib import Path
from sqlite3 import sqlite_version

from tgbot import __version__
from tgbot.doctor.database_diagnosis import diagnose_database
from tgbot.doctor.diagnosis import Diagnosis, broken, look, well
from tgbot.doctor.telegram_diagnosis import diagnose_telegram
from tgbot.errors import BackcheckError
from tgbot.packs import checks
from tgbot.packs.loader import open_pack
from tgbot.packs.signatures import ledger
from tgbot.packs.whole import Whole, load_whole
from tgbot.packs.yaml_files import PackErrors
from tgbot.pictures.renderer import PictureRenderer
from tgbot.service.ports import Clock
from tgbot.settings import PREFIX, Settings, SettingsError
from tgbot.store.opening import is_postgres
from tgbot.store.private_files import open_to_others
from tgbot.web.health_probe import UnwellError, ask

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


SOON = timedelta(days=30)  # a review that lapses within it is told


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


async def examine(environ: Mapping[str, str], clock: Clock) -> AsyncIterator[Diagnosis]:
    """One diagnosis after the other. Settings that make no sense end it: nobody knows what was meant."""
    yield diagnose_version()
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
