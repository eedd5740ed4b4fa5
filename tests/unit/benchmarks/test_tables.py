"""The tables are computed from rounds that belong together; whether a target holds is said in one place."""

from collections import Counter

import pytest

from benchmarks import tables, targets
from benchmarks.memory import Memory
from benchmarks.sending import Sends
from benchmarks.taps import Sample, Taps

MIB = 1024 * 1024


def sampled(*rates: float) -> list[Sample]:
    return [
        Sample(
            per_second=rate,
            half=(0.002, 0.01),
            crowd_p99=0.5,
            second_p99=0.02,
            second_answered=1_000,
            mock_processor=5e-5,
        )
        for rate in rates
    ]


TAPS = Taps({"PTB default": sampled(40, 80, 48), "Backcheck": sampled(1000, 1800, 1320)}, same_load=50)


@pytest.mark.parametrize(
    ("values", "said"),
    [([], "–"), ([1234.4], "1,234"), ([3.0, 1.0, 2.0], "2 (1–3)"), ([1.0, 2.0], "2 (1–2)")],
)
def test_a_figure_is_the_median_with_the_least_and_the_most(values: list[float], said: str) -> None:
    assert tables.spread(values) == said


def test_a_ratio_pairs_what_ran_in_the_same_round() -> None:
    assert tables.ratios([1000, 1800, 1320], [100, 200, 120]) == [10, 9, 11]
    assert tables.ratios([1000, 1800], [100]) == [10], "a round that one of them did not run is no pair"


def test_the_table_of_taps_shows_every_bot_with_its_ratio() -> None:
    text = tables.of_taps(TAPS)

    assert "| Backcheck | 1,320 (1,000–1,800) | 25.0 (22.5–27.5) |" in text
    assert "| PTB default | 48 (40–80) | 1.0 (1.0–1.0) |" in text
    assert "it could serve 20,000 taps/s" in text


def test_who_failed_is_named_with_the_reason() -> None:
    assert "aiogram failed: answered nothing" in tables.of_taps(Taps(failed={"aiogram": "answered nothing"}))


def test_mistakes_of_all_rounds_are_added() -> None:
    twice = [Sample(mistakes=Counter({"edited twice": 2})), Sample(mistakes=Counter({"edited twice": 1}))]

    assert "edited twice: 3" in tables.of_taps(Taps({"a bot": twice}))


def test_a_target_is_judged_by_the_median_of_the_ratios() -> None:
    reached = {target.what: target for target in targets.of_taps(TAPS)}

    against = reached["taps/s against PTB default"]
    assert (against.reached, against.holds) == ("25.0×", True)
    crowd = reached["1,000 taps at once: p99 against the p99 at half of saturation"]
    assert (crowd.reached, crowd.holds) == ("50.0× (of which 75× are 1,000 taps at its taps/s)", False)
    second = reached["1,000 taps within one second: p99 against the same"]
    assert (second.reached, second.holds) == ("2.0× (3,000 of 3,000 answered)", True)
    assert "taps/s against aiogram" not in reached, "what did not run is no target reached or missed"


def test_a_crowd_of_which_somebody_is_dropped_reaches_no_target() -> None:
    lost = sampled(1000)
    lost[0].second_answered = 999

    (second,) = [t for t in targets.of_taps(Taps({"Backcheck": lost})) if "within one second" in t.what]

    assert (second.reached, second.holds) == ("2.0× (999 of 1,000 answered)", False)


def test_the_courier_is_compared_with_as_many_sends_at_once_and_with_a_plain_loop() -> None:
    sends = Sends({"PTB default": [50, 100], "Backcheck": [500, 600]}, {"PTB default": [100, 100]})

    at_once, one_by_one = targets.of_sends(sends)

    assert (at_once.reached, at_once.holds) == ("8.0×", True)
    assert (one_by_one.reached, one_by_one.holds) == ("5.5×", False)


def test_memory_is_flat_when_it_stays_within_a_tenth_of_what_it_was_after_all_chats() -> None:
    after = [(50_000, 141 * MIB), (100_000, 150 * MIB), (500_000, 160 * MIB)]
    grown = Memory(wanted=500_000, rest=120 * MIB, after=after)

    rest, flat = targets.of_memory(grown)

    assert (rest.holds, flat.reached, flat.holds) == (True, "6.7 %", True)
    assert "after 500,000 taps | 160 |" in tables.of_memory(grown)


def test_the_last_number_of_taps_is_shown_and_whether_the_time_was_over() -> None:
    cut = Memory(wanted=100_000, rest=140 * MIB, after=[(10_000, 141 * MIB), (17_321, 142 * MIB)])

    text = tables.of_memory(cut)

    assert "after 17,321 taps, when the time was over | 142 |" in text
    assert "10,000" not in text
