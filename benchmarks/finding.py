"""How long the finder takes: for the questions of content/en/questions.yaml, and for the longest texts."""

from dataclasses import dataclass
from time import perf_counter
from typing import Any

from pydantic import TypeAdapter

from benchmarks.mock.scenario import percentiles
from tgbot.finder.finding import find
from tgbot.packs.checks import QUESTIONS_FILE
from tgbot.packs.whole import load_whole
from tgbot.packs.yaml_files import read
from tgbot.settings import shipped_content

LONGEST = (4_096, 10_000)  # a message at most, and what nobody can send


@dataclass(slots=True)
class Finding:
    """Seconds: p50 and p99 over the questions, and the median for a text of so many characters."""

    questions: int
    p50: float
    p99: float
    long: dict[int, float]


def measure(rounds: int) -> Finding:
    """Each question `rounds` times, one after the other."""
    root = shipped_content()
    index = load_whole(root).index
    file = QUESTIONS_FILE.format(locale="en")
    rows = TypeAdapter(list[dict[str, Any]]).validate_python(read(root / file, file).data)
    questions = [str(row["ask"]) for row in rows]

    def timed(text: str) -> float:
        began = perf_counter()
        find(index, text)
        return perf_counter() - began

    for question in questions:  # once unmeasured
        find(index, question)
    p50, p99 = percentiles([timed(question) for _ in range(rounds) for question in questions])
    everything = " ".join(questions)
    texts = {length: (everything * (1 + length // len(everything)))[:length] for length in LONGEST}
    long = {length: percentiles([timed(text) for _ in range(rounds)])[0] for length, text in texts.items()}
    return Finding(len(questions), p50, p99, long)


def main() -> None:
    found = measure(3)
    print(f"{found.questions} questions: p50 {found.p50 * 1000:.2f} ms, p99 {found.p99 * 1000:.2f} ms")
    for length, took in found.long.items():
        print(f"{length:,} characters: {took * 1000:.1f} ms")
