"""The words: can they be used, does the check pass, who signed them, until when."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from tgbot.doctor.diagnosis import Diagnosis, broken, look, well
from tgbot.errors import BackcheckError
from tgbot.packs import checks
from tgbot.packs.loader import open_pack
from tgbot.packs.problems import PackErrors
from tgbot.packs.signatures import ledger
from tgbot.packs.whole import Whole, load_whole
from tgbot.settings import Settings

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
