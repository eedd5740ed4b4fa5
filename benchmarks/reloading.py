"""Ten reloads, one of a broken pack and one that must be learned anew, while 1,000 people tap each second.

The bot that an operator runs, as a process, with the mock on the other core. Nothing may stay unanswered.
That no answer mixes two packs is tested in tests/integration/test_reload.py.
"""

import json
import os
import shutil
import signal
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from benchmarks.mock.scenario import Report, Scenario
from benchmarks.stage import Bot, Stage
from tests.integration.watching import a_free_address
from tgbot.settings import shipped_content

TAPS, RELOADS, BROKEN, LEARNED = 1_000, 10, 3, 6
QUIET = 20.0  # seconds without a reload, to compare with
PATIENCE = 90.0  # for one reload


class Author:
    """Saves the pack again and again; at some times with a mistake, or with a wording to be learned."""

    def __init__(self, root: Path) -> None:
        self._topics, self._heat = root / "en" / "topics.yaml", root / "en" / "answers" / "q-heat-or-ice.yaml"
        self._whole = self._topics.read_text(encoding="utf-8")

    def saves(self, number: int) -> None:
        self._topics.write_text("- no topic" if number == BROKEN else self._whole, encoding="utf-8")
        if number == LEARNED:
            text = self._heat.read_text(encoding="utf-8")
            self._heat.write_text(text.replace("aliases:\n", "aliases:\n  - hot bottle or not\n", 1), "utf-8")


def about(url: str) -> dict[str, Any]:
    """What the bot says of its words; it may be unready, as the mock tells it no time."""
    try:
        answer = urlopen(f"{url}/readyz", timeout=20)  # noqa: S310 – our own address
    except HTTPError as unready:
        answer = unready
    except OSError:
        return {}
    with answer:
        pack: dict[str, Any] = json.load(answer).get("pack", {})
        return pack


def reload(bot: Bot, url: str) -> tuple[float, str]:
    """How long it took, and what was wrong."""
    began = time.monotonic()
    while (before := about(url).get("loads")) is None and time.monotonic() - began < PATIENCE:
        time.sleep(0.1)
    os.kill(bot.process.pid, signal.SIGUSR1)
    while (pack := about(url)).get("loads", before) == before:
        time.sleep(0.1)
        if time.monotonic() - began > PATIENCE:
            raise TimeoutError("no reload")
    return time.monotonic() - began, str(pack["problem"])


def said(name: str, report: Report) -> None:
    wait = f"p50 {report.p50 * 1000:.1f} ms, p99 {report.p99 * 1000:.1f} ms"
    print(f"{name}: {report.taps} taps, unanswered {report.unanswered}, mistakes {report.mistakes}, {wait}")


def main() -> None:
    host, port = a_free_address()
    url = f"http://{host}:{port}"
    with tempfile.TemporaryDirectory() as folder, Stage.opened(["ours"]) as stage:
        root = Path(shutil.copytree(shipped_content(), Path(folder) / "content"))
        author = Author(root)
        stage.further = {"BACKCHECK_CONTENT": str(root), "BACKCHECK_HEALTH": f"{host}:{port}"}
        with stage.bot(stage.peers[-1]) as bot:
            bot.plays(Scenario(per_second=TAPS, seconds=2.0))
            said("without", bot.plays(Scenario(per_second=TAPS, seconds=QUIET))[0])
            stage.begin(Scenario(per_second=TAPS, seconds=PATIENCE, patience=30.0))
            for number in range(1, RELOADS + 1):
                author.saves(number)
                took, problem = reload(bot, url)
                print(f"  reload {number}: {took:.1f} s {problem}", flush=True)
            said("with", stage.report(PATIENCE + 30.0))
