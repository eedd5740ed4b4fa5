"""Everything looked at, one after the other; what fails in one place keeps nobody from the next."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

from tgbot.doctor.database_diagnosis import diagnose_database
from tgbot.doctor.diagnosis import Condition, Diagnosis, broken, exit_code, look, well
from tgbot.doctor.machine_diagnosis import diagnose_machine, diagnose_version
from tgbot.doctor.pack_diagnosis import diagnose_pack
from tgbot.doctor.telegram_diagnosis import diagnose_telegram
from tgbot.service.ports import Clock
from tgbot.settings import Settings, SettingsError
from tgbot.web.health_probe import UnwellError, ask


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


_SIGNS = {Condition.OK: "ok     ", Condition.LOOK: "look   ", Condition.BROKEN: "BROKEN "}


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
    rows = [
        {
            "subject": each.subject,
            "condition": each.condition.value,
            "says": each.says,
            "remedy": each.remedy,
        }
        for each in found
    ]
    return json.dumps({"exit": exit_code(found), "found": rows}, ensure_ascii=False, indent=1)
