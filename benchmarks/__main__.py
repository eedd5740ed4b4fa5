"""`python -m benchmarks [part …] [--quick | --long]`: measure, side by side in one run, as ratios.

Without a name every part of the comparison (benchmarks/README.md) is measured; the other benchmarks run by
their names only.
"""

import argparse
import importlib
import signal
import sys

from benchmarks import comparing
from benchmarks.stage import BOTS

ALONE = (
    "claiming",
    "emergency",
    "finding",
    "flooding",
    "moving",
    "pictures",
    "profiling",
    "reloading",
    "replicas",
    "roads",
    "scraping",
    "simulator_speed",
    "whole_replicas",
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    names = [*comparing.PARTS, *ALONE]
    parser.add_argument("names", nargs="*", metavar="part", help=f"one of {', '.join(names)}")
    much = parser.add_mutually_exclusive_group()
    much.add_argument("--quick", action="store_true", help="two minutes instead of ten")
    much.add_argument("--long", action="store_true", help="memory over 500,000 taps, however long it takes")
    parser.add_argument("--only", nargs="+", choices=BOTS, default=BOTS, help="these bots; all, if not given")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that every `finally` runs and no bot is left
    if unknown := sorted(set(chosen.names) - set(names)):
        parser.error(f"there is no {', '.join(unknown)}; there are {', '.join(names)}")
    plan = comparing.QUICK if chosen.quick else comparing.LONG if chosen.long else comparing.WHOLE
    if parts := [name for name in comparing.PARTS if name in chosen.names or not chosen.names]:
        comparing.compare(parts, plan, chosen.only)
    for name in ALONE:
        if name in chosen.names:
            module = importlib.import_module(f"benchmarks.{name}")
            print(f"\n# {name}\n{(module.__doc__ or '').strip()}\n")
            module.main()


if __name__ == "__main__":
    main()
