"""What was measured, as Markdown. Each figure is the median of its rounds, with the least and the most.

A ratio pairs what ran in the same round, so that a machine that is slow for a while slows both.
"""

from collections.abc import Iterable, Sequence
from statistics import median

from benchmarks.finding import Finding
from benchmarks.memory import Memory
from benchmarks.sending import IN_FLIGHT, Sends
from benchmarks.stage import OURS
from benchmarks.taps import AWAY, CROWD, Sample, Taps

BASE = "PTB default"
MIB = 1024 * 1024
_MS, _US = 1e3, 1e6


def spread(values: Sequence[float], digits: int = 0, scale: float = 1.0) -> str:
    """Median (least–most), or the one value there is; a dash without any."""
    if not values:
        return "–"
    middle, least, most = (
        f"{value * scale:,.{digits}f}" for value in (median(values), min(values), max(values))
    )
    return middle if len(values) == 1 else f"{middle} ({least}–{most})"


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Round by round, as long as both have run."""
    return [mine / other for mine, other in zip(ours, theirs, strict=False) if other]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---", *("---:" for _ in head[1:])], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


_CAN = (
    "bot",
    "taps/s",
    f"× {BASE}",
    "CPU a tap, µs",
    "× less CPU",
    f"taps/s {AWAY * 1000:.0f} ms away",
    "first answer, s",
    "memory then, MiB",
    "unanswered",
    "mistakes",
)
_WAIT = (
    "p99",
    "p50 at half of what it can",
    "p99",
    f"p99 of {CROWD:,} at once",
    "× p99 at half",
    "all answered after",
    f"p99 of {CROWD:,} within one second",
    "× p99 at half",
)


def of_taps(taps: Taps) -> str:
    """Two tables: what a bot can, and how long people wait."""
    base = taps.samples.get(BASE, [])
    can = [_can(name, samples, base) for name, samples in taps.samples.items()]
    wait = [_wait(name, samples) for name, samples in taps.samples.items()]
    head = ["ms until a tap is answered", f"p50 at {taps.same_load:.0f} taps/s", *_WAIT]
    failed = [f"{name} failed: {why}" for name, why in taps.failed.items()]
    return "\n\n".join([table(_CAN, can), table(head, wait), *_ceiling(taps), *failed])


def _ceiling(taps: Taps) -> list[str]:
    """How far the mock is from being what was measured."""
    took = [sample.mock_processor for samples in taps.samples.values() for sample in samples]
    least = min(took, default=0.0)
    if not least:
        return []
    return [
        f"The mock took {least * _US:.0f} µs of its core for a tap:"
        f" it could serve {1 / least:,.0f} taps/s or more."
    ]


def _can(name: str, samples: list[Sample], base: list[Sample]) -> list[str]:
    rates = [sample.per_second for sample in samples]
    faster = ratios(rates, [sample.per_second for sample in base])
    cheaper = ratios([sample.processor for sample in base], [sample.processor for sample in samples])
    return [
        name,
        spread(rates),
        spread(faster, 1),
        spread([sample.processor for sample in samples], 0, _US),
        spread(cheaper, 1),
        spread([sample.far_per_second for sample in samples]),
        spread([sample.first_answer for sample in samples], 1),
        spread([sample.memory / MIB for sample in samples]),
        str(sum(sample.unanswered for sample in samples)),
        _mistakes(sample.mistakes for sample in samples),
    ]


def _wait(name: str, samples: list[Sample]) -> list[str]:
    return [
        name,
        spread([sample.same[0] for sample in samples], 1, _MS),
        spread([sample.same[1] for sample in samples], 1, _MS),
        spread([sample.half[0] for sample in samples], 1, _MS),
        spread([sample.half[1] for sample in samples], 1, _MS),
        spread([sample.crowd_p99 for sample in samples], 0, _MS),
        spread([sample.crowd_p99 / sample.half[1] for sample in samples if sample.half[1]], 0),
        spread([sample.crowd_drained for sample in samples], 0, _MS),
        spread([sample.second_p99 for sample in samples], 1, _MS),
        spread([sample.second_p99 / sample.half[1] for sample in samples if sample.half[1]], 1),
    ]


def _mistakes(counts: Iterable[dict[str, int]]) -> str:
    every: dict[str, int] = {}
    for count in counts:
        for mistake, times in count.items():
            every[mistake] = every.get(mistake, 0) + times
    return ", ".join(f"{mistake}: {times}" for mistake, times in every.items()) or "0"


def of_sends(sends: Sends) -> str:
    bases = sends.at_once.get(BASE, []), sends.one_by_one.get(BASE, [])
    rows = [
        [f"{name}{how}", spread(rates), *(spread(ratios(rates, base), 1) for base in bases)]
        for how, found in ((f", {IN_FLIGHT} at once", sends.at_once), (", one by one", sends.one_by_one))
        for name, rates in found.items()
    ]
    failed = [f"{name} failed: {why}" for name, why in sends.failed.items()]
    return "\n\n".join(
        [
            table(["bot", "messages/s", f"× {BASE} at once", f"× {BASE} one by one"], rows),
            f"Mistakes: {_mistakes([sends.mistakes])}.",
            *failed,
        ]
    )


def of_memory(memory: Memory) -> str:
    lines = [["at rest, everything loaded", f"{memory.rest / MIB:.0f}"]]
    for taps, used in memory.after:
        last = taps == memory.after[-1][0]
        if last or taps % 50_000 == 0:
            short = ", when the time was over" if last and taps < memory.wanted else ""
            lines.append([f"after {taps:,} taps{short}", f"{used / MIB:.0f}"])
    told = f"Unanswered: {memory.unanswered}. Mistakes: {_mistakes([memory.mistakes])}."
    return table([OURS, "MiB"], lines) + "\n\n" + told


def of_claims(claims: dict[int, list[float]]) -> str:
    rows = [[f"{stored:,}", f"{median(taken):.2f}"] for stored, taken in claims.items()]
    few, many = (median(taken) for taken in (claims[min(claims)], claims[max(claims)]))
    return table(["follow-ups stored", "ms for a claim of 8"], rows) + f"\n\nRatio {many / few:.2f}."


def of_finding(found: Finding) -> str:
    rows = [
        [f"{found.questions} questions, p50", f"{found.p50 * _MS:.2f}"],
        ["p99", f"{found.p99 * _MS:.2f}"],
    ]
    rows += [[f"{length:,} characters", f"{took * _MS:.1f}"] for length, took in found.long.items()]
    return table(["finder", "ms"], rows)
