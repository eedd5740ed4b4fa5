"""The targets, and whether what was measured reaches them: one place that says yes or no."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from statistics import median

from benchmarks.memory import CHATS, Memory
from benchmarks.sending import IN_FLIGHT, Sends
from benchmarks.stage import OURS
from benchmarks.tables import BASE, MIB, ratios, table
from benchmarks.taps import CROWD, Sample, Taps

_OTHERS = {BASE: 25.0, "aiogram": 4.0, "grammY runner": 2.0}
FAR, SENDS, REST, BURST, FLAT = 400.0, 6.0, 120.0, 3.0, 0.1


@dataclass(frozen=True, slots=True)
class Target:
    what: str
    wanted: str
    reached: str
    holds: bool


def of_taps(taps: Taps) -> Iterator[Target]:
    ours = taps.samples.get(OURS, [])
    if not ours:
        return
    for name, wanted in _OTHERS.items():
        pairs = ratios(
            [sample.per_second for sample in ours],
            [sample.per_second for sample in taps.samples.get(name, [])],
        )
        if pairs:
            yield _least(f"taps/s against {name}", wanted, median(pairs), "×")
    yield _least("taps/s with 50 ms to Telegram and back", FAR, median(s.far_per_second for s in ours), "/s")
    yield from _of_crowds(ours)
    wrong = sum(sample.unanswered + sample.mistakes.total() for sample in ours)
    yield _most("taps unanswered, answered twice or wrongly", 0, wrong, "")


def _of_crowds(ours: list[Sample]) -> Iterator[Target]:
    crowd = median(sample.crowd_p99 / sample.half[1] for sample in ours if sample.half[1])
    least = median(0.99 * CROWD / s.per_second / s.half[1] for s in ours if s.half[1] and s.per_second)
    told = _most("1,000 taps at once: p99 against the p99 at half of saturation", BURST, crowd, "×")
    yield replace(told, reached=f"{told.reached} (of which {least:,.0f}× are 1,000 taps at its taps/s)")
    second = median(sample.second_p99 / sample.half[1] for sample in ours if sample.half[1])
    told = _most("1,000 taps within one second: p99 against the same", BURST, second, "×")
    answered, tapped = sum(sample.second_answered for sample in ours), CROWD * len(ours)
    reached = f"{told.reached} ({answered:,} of {tapped:,} answered)"
    yield replace(told, reached=reached, holds=told.holds and answered == tapped)


def of_sends(sends: Sends) -> Iterator[Target]:
    ways = ((f"{IN_FLIGHT} at once as the courier's", sends.at_once), ("one by one", sends.one_by_one))
    for how, theirs in ways:
        if pairs := ratios(sends.at_once.get(OURS, []), theirs.get(BASE, [])):
            yield _least(f"courier against {BASE}'s sends, {how}", SENDS, median(pairs), "×")


def of_memory(memory: Memory) -> Iterator[Target]:
    if memory.rest:
        yield _most("memory at rest", REST, memory.rest / MIB, " MiB")
    settled = [used for taps, used in memory.after if taps >= CHATS]
    if len(settled) > 1:
        drift = max(abs(used / settled[0] - 1) for used in settled)
        what = f"memory from {CHATS:,} to {memory.after[-1][0]:,} taps, drift"
        yield _most(what, FLAT * 100, drift * 100, " %")


def _least(what: str, wanted: float, reached: float, unit: str) -> Target:
    return Target(what, f"≥ {wanted:g}{unit}", f"{reached:,.1f}{unit}", reached >= wanted)


def _most(what: str, wanted: float, reached: float, unit: str) -> Target:
    return Target(what, f"≤ {wanted:g}{unit}", f"{reached:,.1f}{unit}", reached <= wanted)


def as_table(targets: list[Target]) -> str:
    rows = [[t.what, t.wanted, t.reached, "yes" if t.holds else "**no**"] for t in targets]
    return table(["target", "wanted", "reached", "holds"], rows)
