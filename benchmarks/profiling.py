"""Where a tap's time goes: the real bot at saturation under Python's profiler, which slows it threefold.

Read the shares, not the seconds. What is written in C, SQLite's threads and the kernel do not show.
"""

import cProfile
import os
import pstats
import signal
import sys
from pathlib import Path
from time import monotonic, sleep

from benchmarks.mock.scenario import Scenario
from benchmarks.peers.installing import Peer
from benchmarks.stage import OURS, Stage
from benchmarks.taps import WAITING

SECONDS = 5.0
LINES = 40


def main() -> None:
    with Stage.opened(["ours"]) as stage:
        file = stage.folder / "profile"
        with stage.bot(Peer(OURS, (sys.executable, "-m", "benchmarks.profiling", str(file)), "")) as bot:
            full = Scenario(waiting=WAITING, again=True, seconds=SECONDS)
            plain, processor = bot.plays(full)
            bot.process.send_signal(signal.SIGUSR2)
            slowed, _ = bot.plays(full)
            bot.process.send_signal(signal.SIGUSR2)
            _wait_for(file)
        taps = plain.taps - plain.unanswered
        print(f"{plain.per_second:,.0f} taps/s, {processor / max(taps, 1) * 1e6:,.0f} µs of processor a tap;")
        print(f"{slowed.per_second:,.0f} taps/s under the profiler, {slowed.taps} taps")
        statistics = pstats.Stats(str(file)).strip_dirs()
        statistics.sort_stats("tottime").print_stats(LINES)
        statistics.sort_stats("cumulative").print_stats(LINES)


def _wait_for(file: Path) -> None:
    end = monotonic() + 10.0
    while not file.exists() and monotonic() < end:
        sleep(0.05)


def profiled(file: Path) -> None:
    """`backcheck run`; the first SIGUSR2 starts the profiler, the second writes what it saw."""
    from tgbot.cli import main as backcheck

    profiler = cProfile.Profile()

    def write(*_: object) -> None:
        profiler.disable()
        profiler.dump_stats(file.with_suffix(".new"))
        file.with_suffix(".new").rename(file)
        os._exit(0)

    def begin(*_: object) -> None:
        signal.signal(signal.SIGUSR2, write)
        profiler.enable()

    signal.signal(signal.SIGUSR2, begin)
    backcheck(["run"])


if __name__ == "__main__":
    profiled(Path(sys.argv[1]))
