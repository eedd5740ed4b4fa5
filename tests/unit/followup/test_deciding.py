"""The plan, branch by branch, as the clinical brief has it."""

from datetime import timedelta

import pytest

from tests.fakes.courses import ONSET, Told
from tgbot.followup.episode import ClosedBecause, EpisodeState, Outcome
from tgbot.followup.events import (
    Answered,
    CheckAsked,
    CheckInAnswer,
    Declined,
    FoundSafe,
    OneMoreWanted,
    OnsetChanged,
    Reopened,
    SafetyCheckWanted,
    Snoozed,
    Started,
    Stopped,
    Superseded,
    Undone,
)
from tgbot.followup.protocol import Change, Function

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BETTER, SAME, WORSE, GONE = Change.BETTER, Change.SAME, Change.WORSE, Change.GONE


def at_72_hours() -> Told:
    told = Told()
    told.happens(Started(None, 6))
    told.delivered()
    return told


def test_the_main_check_in_is_due_exactly_72_hours_after_onset() -> None:
    told = Told(now=ONSET + 5 * HOUR)
    told.happens(Started())

    assert told.planned == [("h72", 72 * HOUR, False)]


def test_a_same_day_sign_at_the_start_brings_the_safety_net_and_keeps_the_main_check_in() -> None:
    told = Told()
    told.happens(Started("fever", 6))

    assert told.planned == [("h24", DAY, False), ("h72", 3 * DAY, False)]


def test_an_emergency_at_the_start_starts_nothing() -> None:
    told = Told()

    assert told.happens(Started("chest")).declined is Declined.NOT_AFTER_EMERGENCY
    assert told.planned == []


@pytest.mark.parametrize(
    ("days", "step"), [(3, "h72"), (7, "d7"), (20, "d14"), (30, "d28"), (45, "d42"), (90, "d56")]
)
def test_an_onset_long_ago_is_checked_at_once_with_the_step_of_its_day(days: int, step: str) -> None:
    told = Told(now=ONSET + days * DAY)
    told.happens(Started())

    assert [one.step for one in told.course.follow_ups if not one.reminder] == [step]
    assert told.planned[0][2], "with its one reminder"


@pytest.mark.parametrize(
    ("change", "advice", "planned"),
    [
        (BETTER, "better", [("d14", 14 * DAY, False)]),
        (SAME, "same", [("d7", 7 * DAY, False)]),
        (WORSE, "worse", [("h24", 4 * DAY, False)]),
        (GONE, "gone", []),
    ],
)
def test_each_answer_at_72_hours_has_its_own_advice_and_next_step(
    change: Change, advice: str, planned: list[object]
) -> None:
    told = at_72_hours()

    assert told.answers(change, Function.MOST).advice == advice
    assert told.planned == planned


def test_somebody_who_cannot_sleep_is_sent_today_as_if_worse_and_in_other_words() -> None:
    told = at_72_hours()

    assert told.answers(SAME, Function.LITTLE).advice == "little"
    assert told.planned == [("h24", 4 * DAY, False)]
    assert told.course.episode.outcome is Outcome.SAME


def test_an_emergency_at_a_check_in_ends_every_follow_up() -> None:
    told = at_72_hours()
    told.answers(sign="numb")

    assert told.planned == []
    assert told.course.episode.closed_because == ClosedBecause.EMERGENCY
    assert told.course.episode.outcome is Outcome.EMERGENCY


def test_after_an_emergency_one_question_a_day_later_only_if_it_is_wanted() -> None:
    told = at_72_hours()
    told.answers(sign="numb")
    told.happens(SafetyCheckWanted())
    told.happens(SafetyCheckWanted())
    assert [step for step, _, _ in told.planned] == ["safe"]

    safe = told.delivered()
    assert told.planned == [], "it is never reminded of"
    assert told.happens(FoundSafe(safe.id)).advice == "safe"
    assert told.course.episode.state is EpisodeState.CLOSED


def test_the_question_after_an_emergency_can_be_wanted_again_when_that_was_a_wrong_tap_or_not_the_last() -> (
    None
):
    told = at_72_hours()
    told.answers(sign="numb")
    told.happens(SafetyCheckWanted())
    told.happens(Undone(told.course.follow_ups[0].id))
    told.answers(sign="legs")
    told.happens(SafetyCheckWanted())
    assert [step for step, _, _ in told.planned] == ["safe"]

    told.happens(FoundSafe(told.delivered().id))
    told.passes(HOUR)
    told.happens(Reopened())
    told.delivered()
    told.answers(sign="chest")
    told.happens(SafetyCheckWanted())
    assert [step for step, _, _ in told.planned] == ["safe"]


def test_the_question_whether_somebody_is_safe_is_no_check_in() -> None:
    told = Told(now=ONSET + HOUR)
    told.happens(Started())
    told.happens(CheckAsked())
    told.answers(sign="numb")
    told.happens(SafetyCheckWanted())
    safe = told.delivered()
    told.happens(Reopened())

    assert told.course.waiting is None
    assert told.happens(Answered(safe.id, CheckInAnswer(change=GONE))).declined is Declined.UNKNOWN
    told.happens(CheckAsked())
    assert told.course.waiting is not None
    assert told.course.waiting.step == "asked"


def test_one_reminder_after_a_day_and_then_silence() -> None:
    told = at_72_hours()
    assert told.planned == [("h72", 4 * DAY, True)]

    told.delivered()

    assert told.planned == []
    assert told.course.episode.state is EpisodeState.OPEN, "no news is not good news"


def test_persisting_pain_is_followed_to_eight_weeks_and_no_further() -> None:
    told = at_72_hours()
    steps, advice = ["h72"], [told.answers(SAME, Function.SOME).advice]
    while told.course.planned:
        steps.append(told.delivered().step)
        advice.append(told.answers(SAME, Function.SOME).advice)

    assert steps == ["h72", "d7", "d14", "d28", "d42", "d56"]
    assert advice == ["same", "same_week", "same_fortnight", "same_month", "same_month", "same_last"]
    assert told.course.episode.closed_because == ClosedBecause.DONE


def test_easing_pain_skips_the_check_of_the_first_week() -> None:
    told = at_72_hours()
    told.answers(BETTER, Function.MOST)

    assert told.delivered().step == "d14"


def test_a_late_answer_gets_the_advice_of_its_day() -> None:
    told = at_72_hours()
    told.passes(12 * DAY)

    assert told.answers(SAME, Function.SOME).advice == "same_fortnight"
    assert told.planned == [("d28", 28 * DAY, False)]


def test_the_safety_net_is_not_cast_for_ever() -> None:
    told = at_72_hours()
    told.answers(WORSE)
    nets = 0
    while told.course.planned and told.course.planned[0].step == "h24":
        nets += 1
        told.delivered()
        told.answers(WORSE)

    assert nets == 3
    assert told.planned == [("d14", 14 * DAY, False)]


def test_a_wrong_tap_can_be_taken_back_within_a_day() -> None:
    told = at_72_hours()
    check = told.course.follow_ups[0]
    told.answers(GONE)
    told.happens(Undone(check.id))

    assert told.course.episode.state is EpisodeState.OPEN
    assert told.course.episode.outcome is None
    assert told.planned == [("h72", 4 * DAY, True)]
    assert told.answers(WORSE).advice == "worse"


def test_after_a_day_an_answer_stands() -> None:
    told = at_72_hours()
    check = told.course.follow_ups[0]
    told.answers(GONE)
    told.passes(DAY + HOUR)

    assert told.happens(Undone(check.id)).declined is Declined.TOO_LATE_TO_UNDO


def test_a_second_answer_changes_nothing() -> None:
    told = at_72_hours()
    check = told.course.follow_ups[0]
    told.answers(BETTER, Function.MOST)
    before = told.course
    again = told.happens(Undone("forged"))

    assert again.declined is Declined.UNKNOWN
    assert told.course == before
    assert check.step == "h72"


def test_a_snoozed_check_in_comes_again_and_its_reminder_is_withdrawn() -> None:
    told = at_72_hours()
    check = told.course.follow_ups[0]
    told.happens(Snoozed(check.id, told.now + HOUR))

    assert [(one.step, one.send_at) for one in told.course.planned] == [("h72", ONSET + 73 * HOUR)]


def test_a_snooze_lasts_two_days_at_most_whoever_forges_the_button() -> None:
    told = at_72_hours()
    check = told.course.follow_ups[0]
    told.happens(Snoozed(check.id, told.now + 400 * DAY))

    assert told.next_contact().send_at == told.now + 2 * DAY


def test_stop_means_silence_and_restart_goes_on_where_the_plan_is() -> None:
    told = Told()
    told.happens(Started())
    told.happens(Stopped())
    assert told.planned == []

    told.passes(HOUR)
    told.happens(Reopened())

    assert told.planned == [("h72", 3 * DAY, False)]


def test_a_stopped_episode_reopened_after_72_hours_is_checked_at_once() -> None:
    told = Told()
    told.happens(Started())
    told.happens(Stopped())
    told.passes(5 * DAY)
    told.happens(Reopened())

    assert told.answers(SAME, Function.SOME).advice == "same"


def test_a_new_episode_ends_the_old_one() -> None:
    told = Told()
    told.happens(Started())
    told.happens(Superseded())

    assert told.planned == []
    assert told.course.episode.closed_because == ClosedBecause.SUPERSEDED


def test_an_earlier_onset_moves_the_check_in_and_a_much_earlier_one_asks_at_once() -> None:
    told = Told()
    told.happens(Started())
    told.happens(OnsetChanged(ONSET - DAY))
    assert told.planned == [("h72", 72 * HOUR, False)]

    told.happens(OnsetChanged(ONSET - 4 * DAY))

    assert told.answers(SAME, Function.SOME).advice == "same"


def test_an_onset_in_the_future_is_refused() -> None:
    told = Told()
    told.happens(Started())

    assert told.happens(OnsetChanged(ONSET + HOUR)).declined is Declined.FUTURE_ONSET


def test_a_check_in_that_could_not_be_sent_is_followed_by_the_next() -> None:
    told = Told()
    told.happens(Started())
    lost = told.next_contact()
    told.passes(11 * DAY)
    told.loses(lost.id)

    assert told.planned == [("d14", 14 * DAY, False)]


def test_when_nothing_could_be_sent_until_the_end_the_episode_closes_and_says_so() -> None:
    told = Told()
    told.happens(Started())
    told.passes(80 * DAY)
    told.loses(told.next_contact().id)

    assert told.course.episode.closed_because == ClosedBecause.EXPIRED


def test_one_can_say_how_it_is_before_being_asked() -> None:
    told = Told()
    told.happens(Started())
    told.passes(10 * HOUR)
    told.happens(CheckAsked())
    decision = told.answers(WORSE)

    assert decision.advice == "worse"
    assert told.planned == [("h24", 34 * HOUR, False), ("h72", 72 * HOUR, False)]


def test_after_gone_one_more_check_only_if_it_is_wanted() -> None:
    told = at_72_hours()
    told.answers(GONE)
    told.happens(OneMoreWanted())

    assert told.planned == [("d42", 42 * DAY, False)]
    assert told.course.episode.state is EpisodeState.OPEN


def test_a_check_in_asked_too_early_by_a_wrong_onset_is_withdrawn_and_comes_at_its_hour() -> None:
    told = Told()
    told.happens(Started())
    told.happens(OnsetChanged(ONSET - 5 * DAY))
    told.happens(OnsetChanged(ONSET))

    assert told.planned == [("h72", 72 * HOUR, False)]
    assert told.delivered().step == "h72"


def test_an_answered_check_in_is_not_asked_again_whatever_the_onset() -> None:
    told = at_72_hours()
    told.answers(SAME, Function.SOME)
    told.happens(OnsetChanged(ONSET + DAY))

    assert told.planned == [("d7", 7 * DAY, False)]


def test_taking_back_an_answer_that_was_volunteered_restores_the_plan_it_replaced() -> None:
    told = at_72_hours()
    told.answers(SAME, Function.SOME)
    told.passes(DAY)
    told.happens(CheckAsked())
    told.answers(GONE)
    asked = next(one for one in told.course.follow_ups if one.step == "asked")
    told.happens(Undone(asked.id))

    assert told.planned == [("d7", 7 * DAY, False)]
    assert told.course.episode.outcome is Outcome.SAME


def test_taking_it_back_after_worse_restores_the_safety_net() -> None:
    told = at_72_hours()
    told.answers(WORSE)
    told.passes(2 * HOUR)
    told.happens(CheckAsked())
    told.answers(BETTER, Function.MOST)
    asked = next(one for one in told.course.follow_ups if one.step == "asked")
    told.happens(Undone(asked.id))

    assert told.planned == [("h24", 4 * DAY, False)]


def test_a_check_in_that_came_too_early_by_a_wrong_onset_may_be_reminded_of_anew() -> None:
    told = at_72_hours()
    told.delivered()
    told.passes(HOUR)
    told.happens(OnsetChanged(told.now - DAY))
    assert [step for step, _, _ in told.planned] == ["h72"]
    told.delivered()

    assert told.planned == [("h72", 4 * DAY, True)]


def test_a_check_in_that_waited_when_the_episode_was_stopped_waits_again_and_is_not_asked_twice() -> None:
    told = Told()
    told.happens(Started())
    told.happens(OnsetChanged(ONSET - 14 * DAY))
    told.happens(Stopped())
    told.happens(Reopened())

    assert [one.step for one in told.course.follow_ups if one.sent_at] == ["d14"]
    assert told.answers(SAME, Function.SOME).advice == "same_fortnight"
