"""What Prometheus reads of a running bot, and what is made of it: the dashboard and the alerts."""

import asyncio
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx
import yaml
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from tests.crash.settling import until
from tests.integration.conftest import READ_ONCE
from tests.integration.watching import a_free_address, comes_up
from tgbot.clock import TravelClock
from tgbot.settings import Settings
from tgbot.simulator.faults import Fault
from tgbot.simulator.simulator_server import Simulator
from tgbot.store.sqlite.backups import note_backup
from tgbot.wiring.process import run

ROOT = Path(__file__).parents[2]
LABELS = {"kind", "outcome", "holds", "part", "state", "le", "version", "pack_version"}


def values(families: Iterable[Metric]) -> dict[str, float]:
    """By name and labels, as Prometheus writes them, but for buckets."""
    found = {}
    for family in families:
        for sample in family.samples:
            assert set(sample.labels) <= LABELS, "no label may name anybody"
            assert not any(re.search(r"\d{6,}", value) for value in sample.labels.values())
            labels = ",".join(f"{value}" for name, value in sorted(sample.labels.items()))
            found[sample.name + (f"[{labels}]" if labels else "")] = sample.value
    return found


async def scraped(simulator: Simulator, settings: Settings, clock: TravelClock) -> list[Metric]:
    """After a question, an emergency, something not understood and a 429."""
    address, stop = a_free_address(), asyncio.Event()
    note_backup(Path(settings.database.get_secret_value()), clock.now())
    running = asyncio.create_task(
        run(settings.model_copy(update={"health": address}), clock, stop, READ_ONCE)
    )
    async with httpx.AsyncClient(base_url=f"http://{address[0]}:{address[1]}", timeout=30) as watcher:
        await comes_up(watcher)
        await until(lambda: simulator.tg.updates.is_polled, 60, "nobody polls")
        ada = simulator.person("Ada")
        simulator.tg.faults.add(Fault("too_many", method="sendMessage", seconds=1))
        for text in ("heat or ice?", "crushing chest pain and I cannot breathe", "qwertz asdfgh"):
            await ada.send(text, wait=60)
        answer = await watcher.get("/metrics")
    stop.set()
    await running
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return list(text_string_to_metric_families(answer.text))


async def test_a_scrape_tells_what_happened(
    simulator: Simulator, settings: Settings, clock: TravelClock
) -> None:
    families = await scraped(simulator, settings, clock)
    found = values(families)

    assert found["backcheck_updates_total[message,processed]"] == 3
    assert found["backcheck_found_total[urgent]"] == 1
    assert found["backcheck_emergency_seconds_count"] == 1
    assert found["backcheck_reply_seconds_count"] == 2
    assert found["backcheck_too_many_requests_total[chat]"] == 1
    assert found["backcheck_oldest_due_seconds"] == 0
    assert found["backcheck_backup_age_seconds"] < 300
    assert found["backcheck_database_seconds_count"] > 0
    assert {f"backcheck_sign_of_life_age_seconds[{part}]" for part in ("poller", "courier")} <= set(found)
    assert found["process_resident_memory_bytes"] > 0

    known = {sample.name for family in families for sample in family.samples}
    rules, dashboard = alerts(), json.loads((ROOT / "deploy/grafana.json").read_text())
    asked = [rule["expr"] for rule in rules]
    asked += [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    missing = {
        name
        for expression in asked
        for name in re.findall(r"backcheck_[a-z_]+", expression)
        if name not in known
    }
    assert missing <= {"backcheck_review_days", "backcheck_follow_ups"}, "asked for, and nobody tells it"


async def test_what_has_not_failed_yet_is_there_with_nought(
    simulator: Simulator, settings: Settings, clock: TravelClock
) -> None:
    """The increase of a series that begins with 1 is 0: the first failure would go unnoticed."""
    found = values(await scraped(simulator, settings, clock))

    assert found["backcheck_updates_total[callback_query,unanswered]"] == 0
    assert found["backcheck_updates_total[message,quarantined]"] == 0
    assert found["backcheck_too_many_requests_total[everybody]"] == 0
    assert found["backcheck_pictures_total[failed]"] == 0
    assert found["backcheck_found_total[suggest]"] == 0
    assert found["backcheck_check_in_attempts_total[refused]"] == 0


def alerts() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load((ROOT / "deploy/alerts.yaml").read_text())["groups"]
    return list(group["rules"])


def test_each_of_the_six_alerts_says_what_to_do() -> None:
    headings = re.findall(r"^### (\w+)$", (ROOT / "docs/operating.md").read_text(), re.MULTILINE)

    assert len(alerts()) == 6
    for rule in alerts():
        assert rule["alert"] in headings
        assert rule["annotations"]["runbook"] == f"docs/operating.md#{rule['alert'].lower()}"


async def test_metrics_may_have_a_port_of_their_own(
    simulator: Simulator, settings: Settings, clock: TravelClock
) -> None:
    health, metrics, stop = a_free_address(), a_free_address(), asyncio.Event()
    both = settings.model_copy(update={"health": health, "metrics": metrics})
    running = asyncio.create_task(run(both, clock, stop, READ_ONCE))
    async with httpx.AsyncClient() as watcher:
        async with asyncio.timeout(60):
            while True:
                try:
                    answer = await watcher.get(f"http://{metrics[0]}:{metrics[1]}/metrics")
                except httpx.ConnectError:
                    await asyncio.sleep(0.05)
                    continue
                if answer.status_code == 200:
                    break
                assert answer.text == "starting\n"
                await asyncio.sleep(0.05)
        beside = await watcher.get(f"http://{health[0]}:{health[1]}/metrics")
    stop.set()
    await running
    assert "backcheck_info" in answer.text
    assert beside.status_code == 404
