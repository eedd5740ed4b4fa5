"""Two bots of one token on one database, which is a mistake: each says who the other is."""

import asyncio
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.crash.settling import until
from tests.integration.conftest import READ_ONCE
from tests.integration.processes import running
from tgbot.clock import TravelClock
from tgbot.settings import Settings
from tgbot.simulator.simulator_server import Simulator
from tgbot.wiring.process import run


@pytest.mark.timeout(480)  # a whole process starts, on a machine that may be busy
async def test_two_pollers_on_one_database_name_each_other(
    simulator: Simulator, settings: Settings, clock: TravelClock, tmp_path: Path
) -> None:
    database = settings.database.get_secret_value()
    async with running(simulator, tmp_path, BACKCHECK_DATABASE=database) as other:
        stop = asyncio.Event()
        with capture_logs() as logs:
            mine = asyncio.create_task(run(settings, clock, stop, READ_ONCE))
            await until(
                lambda: any("another_instance_polls" in line["event"] for line in logs), 240, "no 409"
            )
            stop.set()
            await mine
        there = (tmp_path / "log").read_text()

    told = {line["event"]: line["others"] for line in logs if "others" in line}
    assert f"(process {other})" in told["another_process_uses_this_database"]
    assert f"(process {other})" in told["another_instance_polls"]
    assert "another_instance_polls" in there or "another_process_uses_this_database" in there
