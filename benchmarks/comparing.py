"""Ours beside python-telegram-bot, aiogram and grammY, part by part; at length, RESULTS.md is written."""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from benchmarks import claiming, finding, machine, memory, sending, tables, taps, targets
from benchmarks.stage import BOTS, Stage
from benchmarks.targets import Target

RESULTS = Path(__file__).parent / "RESULTS.md"


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured, and by when (seconds from the start) each part begins nothing new."""

    rounds: int
    lengths: taps.Lengths
    taps_until: float
    sends: int
    memory_taps: int
    memory_until: float
    stored: tuple[int, int]
    asked: int  # times each question is asked


WHOLE = Plan(3, taps.WHOLE, 260.0, 3_000, memory.CHATS, 520.0, (10_000, 1_000_000), 5)
QUICK = Plan(1, taps.QUICK, 50.0, 1_000, 20_000, 95.0, (10_000, 100_000), 1)
LONG = Plan(3, taps.WHOLE, 260.0, 3_000, memory.LONG, 3_600.0, (10_000, 1_000_000), 5)

Part = tuple[str, str, list[Target]]  # heading, Markdown, targets


class Comparison:
    def __init__(self, stage: Stage | None, plan: Plan, now: Callable[[], float] = monotonic) -> None:
        self._stage = stage
        self._plan = plan
        self._now = now
        self._began = now()

    def parts(self, names: Iterable[str]) -> Iterator[Part]:
        """Each part as soon as it is measured."""
        for name in names:
            print(f"{name} …", flush=True)
            yield PARTS[name](self)

    def taps(self) -> Part:
        found = taps.measure(
            self.stage, self._plan.lengths, self._plan.rounds, lambda: self._left(self._plan.taps_until) > 0
        )
        return "Taps", tables.of_taps(found), list(targets.of_taps(found))

    def sends(self) -> Part:
        found = sending.measure(self.stage, self._plan.sends, self._plan.rounds)
        return "Messages that nobody asked for", tables.of_sends(found), list(targets.of_sends(found))

    def memory(self) -> Part:
        found = memory.measure(
            self.stage, self._plan.memory_taps, lambda: self._left(self._plan.memory_until)
        )
        return "Memory", tables.of_memory(found), list(targets.of_memory(found))

    def claims(self) -> Part:
        return "The courier's claim", tables.of_claims(claiming.measure(self._plan.stored)), []

    def finder(self) -> Part:
        return "Finding an answer", tables.of_finding(finding.measure(self._plan.asked)), []

    @property
    def stage(self) -> Stage:
        assert self._stage, "only the parts in ON_STAGE have one"
        return self._stage

    def _left(self, seconds: float) -> float:
        return self._began + seconds - self._now()


PARTS: dict[str, Callable[[Comparison], Part]] = {
    "taps": Comparison.taps,
    "sends": Comparison.sends,
    "claims": Comparison.claims,
    "finder": Comparison.finder,
    "memory": Comparison.memory,
}
ON_STAGE = {"taps", "sends", "memory"}


def compare(names: list[str], plan: Plan, bots: Collection[str] = BOTS) -> None:
    """Measure these parts and print them. All of them together, at length, are written to RESULTS.md."""
    with ExitStack() as stack:
        bots = bots if {"taps", "sends"}.intersection(names) else {"ours"}
        stage = stack.enter_context(Stage.opened(bots)) if ON_STAGE.intersection(names) else None
        parts = list(Comparison(stage, plan).parts(names))
        text = document(machine.described(stage) if stage else "", parts)
    print(f"\n{text}")
    if set(names) == set(PARTS) and set(bots) == set(BOTS) and plan is not QUICK:
        RESULTS.write_text(text, encoding="utf-8")
        print(f"Written to benchmarks/{RESULTS.name}.")


def document(about: str, parts: list[Part]) -> str:
    """RESULTS.md."""
    reached = [target for _, _, found in parts for target in found]
    sections = [f"## {heading}\n\n{text}" for heading, text, _ in parts]
    if reached:
        sections.insert(0, f"## Targets\n\n{targets.as_table(reached)}")
    intro = "Written by `make bench`; how to read it: [README.md](README.md)."
    return "\n\n".join(["# Results", intro, *([about] if about else []), *sections]) + "\n"
