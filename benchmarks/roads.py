"""What a tap costs by aiohttp's session and by its connector alone, plain and over TLS, by turns.

Read the ratios: the processor time of a tap by the connector, by that of the session in the same round.
"""

import sys

from benchmarks.mock.scenario import Scenario
from benchmarks.peers.installing import Peer
from benchmarks.stage import OURS, Stage
from benchmarks.tables import ratios, spread, table
from benchmarks.taps import WAITING
from tgbot.chat.telegram_connection import TelegramConnection

ROUNDS, WARM, SECONDS = 5, 1.0, 4.0
BY = {
    "connector": (sys.executable, "-m", "tgbot", "run"),
    "session": (sys.executable, "-m", "benchmarks.roads"),
}


def main() -> None:
    rows = []
    for line in ("plain", "TLS"):
        found: dict[str, list[float]] = {by: [] for by in BY}
        rates: dict[str, list[float]] = {by: [] for by in BY}
        with Stage.opened([], tls=line == "TLS") as stage:
            for number in range(ROUNDS):
                for by in BY if number % 2 else reversed(BY):
                    per_second, processor = _visit(stage, Peer(OURS, BY[by], ""))
                    found[by].append(processor)
                    rates[by].append(per_second)
        rows += [[f"{line}, {by}", spread(rates[by]), spread(found[by], scale=1e6)] for by in BY]
        paired = ratios(found["connector"], found["session"])
        print(f"{line}: {spread(paired, 2)} of the session's processor time", flush=True)
    print(table(["", "taps/s", "CPU a tap, µs"], rows))


def _visit(stage: Stage, peer: Peer) -> tuple[float, float]:
    """Taps a second at saturation, and the processor time of one."""
    with stage.bot(peer) as bot:
        bot.plays(Scenario(waiting=WAITING, again=True, seconds=WARM))
        report, processor = bot.plays(Scenario(waiting=WAITING, again=True, seconds=SECONDS))
        if report.unanswered or report.mistakes:
            print(f"unanswered {report.unanswered}, mistakes {report.mistakes}")
        return report.per_second, processor / max(report.taps - report.unanswered, 1)


class BySession(TelegramConnection):
    async def use_direct_requests(self, url: str, bot_id: int) -> None:
        """Never."""


if __name__ == "__main__":
    from tgbot.chat import startup
    from tgbot.cli import main as backcheck

    vars(startup)["TelegramConnection"] = BySession
    backcheck(["run"])
