"""People tap: how many a second, how long each waits, what it costs. All bots by turns, one mock."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.mock.scenario import Report, Scenario
from benchmarks.peers.installing import Peer
from benchmarks.stage import Bot, FailedError, Stage

WAITING = 200  # people whose taps are open at saturation: two full getUpdates
CROWD = 1_000  # people who tap at once, and within one second
AWAY = 0.05  # seconds to Telegram and back


@dataclass(frozen=True, slots=True)
class Lengths:
    """Seconds of each measurement."""

    warm: float
    full: float
    steady: float
    far: float


WHOLE, QUICK = Lengths(1.0, 4.0, 3.0, 3.0), Lengths(0.4, 1.5, 1.2, 1.2)


@dataclass(slots=True)
class Sample:
    """One bot in one round. Times are in seconds, memory in bytes."""

    first_answer: float = 0.0
    memory: int = 0
    per_second: float = 0.0
    processor: float = 0.0  # a tap's
    mock_processor: float = 0.0  # a tap's
    same: tuple[float, float] = (0.0, 0.0)  # p50, p99 under the load that every bot gets
    half: tuple[float, float] = (0.0, 0.0)  # under half of what it can
    half_per_second: float = 0.0
    crowd_p99: float = 0.0
    crowd_drained: float = 0.0
    second_p99: float = 0.0  # of as many within one second
    second_answered: int = 0
    far_per_second: float = 0.0
    unanswered: int = 0
    mistakes: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Taps:
    """What all rounds found: the samples of each bot, the load that all got, and who failed how."""

    samples: dict[str, list[Sample]] = field(default_factory=dict)
    same_load: float = 0.0
    failed: dict[str, str] = field(default_factory=dict)


def measure(stage: Stage, lengths: Lengths, rounds: int, in_time: Callable[[], bool]) -> Taps:
    """Every bot once a round, the next round in the opposite order, while there is time for another round."""
    taps = Taps()
    for number in range(rounds):
        if number and not in_time():
            break
        for peer in stage.peers if number % 2 == 0 else reversed(stage.peers):
            if peer.name in taps.failed:
                continue
            print(f"  round {number + 1}: {peer.name} …", flush=True)
            try:
                taps.samples.setdefault(peer.name, []).append(_visit(stage, peer, lengths, taps))
            except (FailedError, OSError) as error:
                taps.failed[peer.name] = str(error)
    return taps


def _visit(stage: Stage, peer: Peer, lengths: Lengths, taps: Taps) -> Sample:
    with stage.bot(peer) as bot:
        sample = Sample(bot.first_answer, bot.usage().memory)
        bot.plays(Scenario(waiting=WAITING, again=True, seconds=lengths.warm))
        _saturated(bot, sample, lengths)
        taps.same_load = taps.same_load or sample.per_second / 2  # of the first, which is the slowest
        steady = _counted(sample, bot, Scenario(per_second=taps.same_load, seconds=lengths.steady))
        sample.same = (steady.p50, steady.p99)
        sample.half_per_second = sample.per_second / 2
        steady = _counted(sample, bot, Scenario(per_second=sample.half_per_second, seconds=lengths.steady))
        sample.half = (steady.p50, steady.p99)
        crowd = _counted(sample, bot, Scenario(waiting=CROWD, patience=15.0))
        sample.crowd_p99, sample.crowd_drained = crowd.p99, crowd.drained
        second = Scenario(per_second=CROWD, scattered=True, seconds=1.0, patience=15.0)
        scattered = _counted(sample, bot, second)
        sample.second_p99 = scattered.p99
        sample.second_answered = scattered.taps - scattered.unanswered
        # The last, and with little patience: who answers one after the other leaves most of them waiting.
        far, _ = bot.plays(
            Scenario(waiting=WAITING, again=True, seconds=lengths.far, round_trip=AWAY, patience=0.3)
        )
        sample.far_per_second = far.per_second
        sample.mistakes += Counter(far.mistakes)
        return sample


def _saturated(bot: Bot, sample: Sample, lengths: Lengths) -> None:
    scenario = Scenario(waiting=WAITING, again=True, seconds=lengths.full)
    full, processor = bot.plays(scenario)
    answered = max(full.taps - full.unanswered, 1)
    sample.per_second = full.per_second
    sample.processor, sample.mock_processor = processor / answered, full.busy / answered
    _count(sample, full)


def _counted(sample: Sample, bot: Bot, scenario: Scenario) -> Report:
    report, _ = bot.plays(scenario)
    _count(sample, report)
    return report


def _count(sample: Sample, report: Report) -> None:
    sample.unanswered += report.unanswered
    sample.mistakes += Counter(report.mistakes)
