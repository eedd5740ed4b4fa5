"""The stage of `make bench`: real processes on it, and nothing of them left afterwards."""

import sys
from pathlib import Path

import benchmarks.peers
from benchmarks import claiming
from benchmarks.mock.scenario import Scenario
from benchmarks.peers.installing import Peer
from benchmarks.stage import Stage

PTB = Path(benchmarks.peers.__file__).parent / "ptb_bot.py"


def test_a_bot_on_the_stage_answers_every_tap_and_leaves_nothing_behind() -> None:
    with Stage.opened([]) as stage:
        with stage.bot(Peer("plain", (sys.executable, str(PTB)), "")) as bot:
            report, _ = bot.plays(Scenario(waiting=30, patience=30.0))
            process = bot.process
        assert process.returncode is not None
        folder = stage.folder

    assert (report.taps, report.unanswered, report.mistakes) == (30, 0, {})
    assert not folder.exists()


def test_what_is_measured_of_claims_fits_the_schema_of_today() -> None:
    found = claiming.measure((10_000,))

    assert [len(taken) for taken in found.values()] == [claiming.DUE // claiming.LIMIT]
