"""The measure of one person: how much goes in, when they are told, and when they are forgotten."""

from datetime import timedelta

import pytest

from tgbot.chat.admission import MESSAGE, TAP, Admission, FloodGate
from tgbot.clock import ManualClock

ADA, BEN = 7, 8
IN, OUT, TOLD = Admission(allowed=True), Admission(allowed=False), Admission(allowed=False, notify=True)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def test_three_at_once_then_one_in_two_seconds_and_one_word_about_it() -> None:
    clock = ManualClock()
    gate = FloodGate(clock)

    assert [gate.admit(ADA) for _ in range(5)] == [IN, IN, IN, TOLD, OUT]
    clock.push(seconds(1.9))
    assert gate.admit(ADA) == OUT
    clock.push(seconds(0.1))
    assert [gate.admit(ADA), gate.admit(ADA)] == [IN, OUT]
    assert gate.admit(BEN) == IN


def test_a_tap_costs_an_eighth() -> None:
    gate = FloodGate(ManualClock())

    assert [gate.admit(ADA, TAP) for _ in range(25)] == [IN] * 24 + [TOLD]
    assert MESSAGE == 8 * TAP


def test_whoever_was_quiet_for_half_of_it_is_told_anew() -> None:
    clock = ManualClock()
    gate = FloodGate(clock)
    for _ in range(4):
        gate.admit(ADA)
    clock.push(seconds(3))
    assert [gate.admit(ADA), gate.admit(ADA)] == [IN, TOLD]


def test_nothing_is_saved_up_beyond_three() -> None:
    clock = ManualClock()
    gate = FloodGate(clock)
    gate.admit(ADA)
    clock.push(seconds(3_600))

    assert [gate.admit(ADA).allowed for _ in range(4)] == [True, True, True, False]


@pytest.mark.parametrize(("charged", "rests"), [(0, 2.0), (1, 4.0), (3, 8.0), (50, 8.0)])
def test_what_went_in_although_nothing_was_left_is_rested_off_in_eight_seconds_at_most(
    charged: int, rests: float
) -> None:
    clock = ManualClock()
    gate = FloodGate(clock)
    for _ in range(3):
        gate.admit(ADA)
    for _ in range(charged):
        gate.charge(ADA, MESSAGE)
    clock.push(seconds(rests - 0.01))
    assert not gate.admit(ADA).allowed
    clock.push(seconds(0.01))
    assert gate.admit(ADA).allowed


def test_after_ten_thousand_people_those_who_were_quiet_for_twelve_seconds_are_forgotten() -> None:
    clock = ManualClock()
    gate = FloodGate(clock)
    for person in range(9_999):
        gate.admit(person)
    clock.push(seconds(11))
    gate.admit(20_000)
    assert len(gate._buckets) == 10_000
    clock.push(seconds(1))
    gate.admit(20_001)
    assert sorted(gate._buckets) == [20_000, 20_001]


def test_a_crowd_that_is_not_quiet_is_looked_through_when_it_has_doubled() -> None:
    gate = FloodGate(ManualClock())
    for person in range(10_002):
        gate.admit(person)

    assert len(gate._buckets) == 10_002
    assert gate._most == 20_002
