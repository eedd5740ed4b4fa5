"""Messages a second by 1, 2 and 3 whole bots on one PostgreSQL, the server and the mock on the same cores.

Each is `backcheck run`; the check-ins fall due when all have started. Beside the rate stands what a message
took of a core in the replicas, in the server and in the mock.
"""

import asyncio
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.mock.scenario import Scenario
from benchmarks.peers.installing import Peer
from benchmarks.sending import settle
from benchmarks.stage import OURS, Stage
from tests.postgres import Server, rows
from tgbot.store.postgres.schema import migrate_schema

COUNT = 3_000
TO_START = 50.0  # seconds until the check-ins fall due: a start takes processor time, too
LONGEST = 120.0
BOT = Peer(OURS, (sys.executable, "-m", "tgbot", "run"), "this checkout")


def measure(stage: Stage, server: Server, replicas: int) -> str:
    with server.database() as url, ExitStack() as stack:
        migrate_schema(url)
        due = datetime.now(UTC) + timedelta(seconds=TO_START)
        asyncio.run(settle(url, due, COUNT))
        bots = [stack.enter_context(stage.started(BOT, url)) for _ in range(replicas)]
        time.sleep(max(0.0, (due - datetime.now(UTC)).total_seconds() - 1))
        stage.begin(Scenario(sends=COUNT, seconds=LONGEST))
        before, served = sum(bot.usage().processor for bot in bots), server.seconds()
        report = stage.report(LONGEST)
        time.sleep(1)  # what is on its way is settled
        bot_ms = (sum(bot.usage().processor for bot in bots) - before) * 1000 / COUNT
        server_ms = (server.seconds() - served) * 1000 / COUNT
        ((sent,),) = rows(url, "SELECT count(*) FROM follow_up WHERE state = 'sent'")
        return (
            f"{replicas} replica(s): {report.per_second:>5,.0f} messages a second; of a core for each"
            f" {bot_ms:.2f} ms in the replicas, {server_ms:.2f} in the server,"
            f" {report.busy * 1000 / COUNT:.2f} in the mock; {report.sent} sent, {sent} settled,"
            f" mistakes {report.mistakes}"
        )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "server")
        try:
            with Stage.opened([]) as stage:
                stage.cores = []  # whoever has work takes a core: there are more processes than cores
                stage.further = {"HOME": os.environ["HOME"]}  # where what the finder learned is kept
                for replicas in (1, 2, 3):
                    print(measure(stage, server, replicas), flush=True)
        finally:
            server.stop()
