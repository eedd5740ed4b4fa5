"""What a tap costs while /metrics is read each second and while nobody reads it, by turns in one bot.

Read the ratio: the processor time of a tap with scrapes, by that without in the same pair. On a busy machine
it varies by far more than scrapes cost; then read what one costs by itself, read in a row after those taps.
"""

import statistics
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import urlopen

from benchmarks.mock.scenario import Scenario
from benchmarks.stage import Bot, Stage
from benchmarks.tables import ratios, spread, table
from benchmarks.taps import WAITING
from tests.integration.watching import a_free_address

PAIRS, WARM, SECONDS, EVERY = 8, 2.0, 3.0, 1.0
IN_A_ROW = 300


@contextmanager
def scraped(url: str) -> Iterator[list[int]]:
    """Somebody reads it at once and then each second. How many bytes each answer had."""
    over, sizes = threading.Event(), list[int]()

    def scrape() -> None:
        while True:
            with urlopen(url, timeout=20) as answer:  # noqa: S310 – our own address
                sizes.append(len(answer.read()))
            if over.wait(EVERY):
                return

    reader = threading.Thread(target=scrape)
    reader.start()
    try:
        yield sizes
    finally:
        over.set()
        reader.join()


def visit(bot: Bot) -> tuple[float, float]:
    """Taps a second at saturation, and the processor time of one."""
    report, processor = bot.plays(Scenario(waiting=WAITING, again=True, seconds=SECONDS))
    if report.unanswered or report.mistakes:
        print(f"unanswered {report.unanswered}, mistakes {report.mistakes}")
    return report.per_second, processor / max(report.taps - report.unanswered, 1)


def scrape_alone(bot: Bot, url: str) -> float:
    """Seconds of the bot's processor that it takes to answer one."""
    before = bot.usage().processor
    for _ in range(IN_A_ROW):
        with urlopen(url, timeout=20) as answer:  # noqa: S310 – our own address
            answer.read()
    return (bot.usage().processor - before) / IN_A_ROW


def main() -> None:
    host, port = a_free_address()
    url = f"http://{host}:{port}/metrics"
    alone, beside = list[tuple[float, float]](), list[tuple[float, float]]()
    scrapes = list[int]()
    with Stage.opened(["ours"]) as stage:
        stage.further = {"BACKCHECK_METRICS": f"{host}:{port}"}
        with stage.bot(stage.peers[-1]) as bot:
            bot.plays(Scenario(waiting=WAITING, again=True, seconds=WARM))
            for number in range(PAIRS):
                if number % 2:
                    alone.append(visit(bot))
                with scraped(url) as sizes:
                    beside.append(visit(bot))
                scrapes += sizes
                if not number % 2:
                    alone.append(visit(bot))
            each = scrape_alone(bot, url)
    named = {"nobody reads it": alone, "each second": beside}
    rows = [
        [name, spread([rate for rate, _ in found]), spread([cost for _, cost in found], scale=1e6)]
        for name, found in named.items()
    ]
    print(table(["/metrics", "taps/s", "CPU a tap, µs"], rows))
    costs = ratios([cost for _, cost in beside], [cost for _, cost in alone])
    print(f"{len(scrapes)} scrapes of {statistics.median(scrapes):,.0f} bytes: {spread(costs, 3)} × the cost")
    print(f"One takes {each * 1000:.2f} ms of the processor: {each / EVERY:.2%} of a core")
