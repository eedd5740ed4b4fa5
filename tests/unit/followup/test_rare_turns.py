"""Turns that are seldom taken: an onset that moves, an answer of an older check-in, a snooze and silence."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.courses import ONSET, PROTOCOL, Told
from tgbot.followup.episode import ClosedBecause, EpisodeState, FollowUpState
from tgbot.followup.events import (
    Answered,
    CheckAsked,
    CheckInAnswer,
    Declined,
    ExtraCheckInDropped,
    ExtraCheckInWanted,
    HoursChanged,
    OnsetChanged,
    PainSaid,
    SafetyCheckWanted,
    Snoozed,
    Started,
    Undone,
)
from tgbot.followup.planning import wanted
from tgbot.followup.protocol import Change, Function

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def answered_at_72_hours(change: Change = Change.SAME) -> Told:
    told = Told()
    told.happens(Started(None, 6))
    told.delivered()
    told.answers(change, Function.SOME)
    return told


# -- an onset that moves


def test_an_onset_that_is_later_moves_the_next_step_with_it() -> None:
    told = answered_at_72_hours()
    told.happens(OnsetChanged(ONSET + 12 * HOUR))

    assert told.planned == [("d7", 7 * DAY, False)]
    assert told.course.planned[0].due_at == ONSET + 7 * DAY + 12 * HOUR


def test_an_onset_so_early_that_a_step_has_passed_asks_it_at_once_with_one_reminder() -> None:
    told = answered_at_72_hours()
    told.happens(OnsetChanged(told.now - 8 * DAY))

    waiting = told.course.waiting
    assert waiting is not None
    assert waiting.step == "d7"
    assert [(one.step, one.reminder) for one in told.course.planned] == [("d7", True)]


def test_an_onset_so_early_that_all_answered_steps_have_passed_goes_on_with_the_next_by_what_was_said() -> (
    None
):
    told = answered_at_72_hours()
    told.delivered()
    told.answers(Change.BETTER, Function.MOST)
    told.happens(OnsetChanged(told.now - 10 * DAY))

    assert told.planned == [("d14", 14 * DAY, False)]


def test_an_onset_after_which_nothing_is_left_closes_the_episode_as_done() -> None:
    told = answered_at_72_hours()
    while told.course.planned:
        told.delivered()
        told.answers(Change.SAME, Function.SOME)
        if told.course.planned and told.course.planned[0].step == "d56":
            break
    told.delivered()
    told.happens(Answered(told.course.waiting.id, CheckInAnswer(None, None, Change.SAME, Function.SOME)))  # type: ignore[union-attr]
    assert told.course.episode.closed_because == ClosedBecause.DONE
    assert told.happens(OnsetChanged(ONSET - DAY)).declined is Declined.CLOSED


def test_a_net_that_is_planned_is_kept_when_the_onset_moves() -> None:
    told = Told()
    told.happens(Started("fever", 6))
    told.happens(OnsetChanged(ONSET - 10 * HOUR))

    assert ("h24", False) in [(one.step, one.reminder) for one in told.course.planned]
    assert ("h72", 72 * HOUR, False) in told.planned


def test_a_later_step_that_was_asked_too_early_is_withdrawn_and_comes_at_its_new_hour() -> None:
    told = answered_at_72_hours()
    asked = told.delivered()
    assert asked.step == "d7"
    told.happens(OnsetChanged(ONSET + 2 * DAY))

    assert told.planned == [("d7", 7 * DAY, False)]
    assert told.course.waiting is None
    before = told.course.row(asked.id)
    assert before is not None
    assert (before.state, before.sent_at) == (FollowUpState.CANCELLED, None)


def test_after_worse_a_new_onset_plans_the_next_step_beside_the_safety_net() -> None:
    told = answered_at_72_hours(Change.WORSE)
    told.happens(OnsetChanged(ONSET - 5 * HOUR))

    assert told.planned == [("h24", 4 * DAY + 5 * HOUR, False), ("d7", 7 * DAY, False)]


@pytest.mark.parametrize("ahead", [timedelta(microseconds=1), HOUR, 400 * DAY])
def test_an_onset_in_the_future_changes_nothing(ahead: timedelta) -> None:
    told = answered_at_72_hours()
    before = told.course

    assert told.happens(OnsetChanged(told.now + ahead)).declined is Declined.FUTURE_ONSET
    assert told.course == before
    new = Told(onset=ONSET + ahead, now=ONSET)
    assert new.happens(Started()).declined is Declined.FUTURE_ONSET
    assert new.course.follow_ups == ()


def test_an_onset_of_this_instant_is_not_in_the_future() -> None:
    told = Told()
    assert told.happens(Started()).declined is None
    assert told.happens(OnsetChanged(told.now)).declined is None


# -- undo


def test_an_answer_to_an_older_check_in_stays_when_a_newer_one_was_answered() -> None:
    told = answered_at_72_hours()
    older = next(one for one in told.course.follow_ups if one.step == "h72" and not one.reminder)
    told.passes(HOUR)
    told.happens(CheckAsked())
    told.answers(Change.WORSE)
    before = told.course

    assert told.happens(Undone(older.id)).declined is Declined.TOO_LATE_TO_UNDO
    assert told.course == before


def test_of_two_safety_nets_only_the_newest_can_be_taken_back() -> None:
    told = answered_at_72_hours(Change.WORSE)
    first = told.delivered()
    told.answers(Change.WORSE)
    second = told.delivered()
    told.answers(Change.WORSE)

    assert told.happens(Undone(first.id)).declined is Declined.TOO_LATE_TO_UNDO
    assert told.happens(Undone(second.id)).declined is None


def test_taking_an_answer_back_takes_its_score_back_and_no_other() -> None:
    told = answered_at_72_hours()
    check = next(one for one in told.course.follow_ups if one.step == "h72" and not one.reminder)
    told.happens(PainSaid(check.id, 8))
    told.passes(HOUR)
    told.notes("pain", "3")
    told.happens(Undone(check.id))

    assert [one.value for one in told.course.entries if one.kind == "pain"] == ["6", "3"]


def test_a_score_comes_too_late_after_a_day_and_never_without_an_answer() -> None:
    told = Told()
    told.happens(Started())
    check = told.delivered()
    assert told.happens(PainSaid(check.id, 5)).declined is Declined.UNKNOWN
    told.answers(Change.SAME, Function.SOME)
    assert told.happens(PainSaid(check.id, 11)).declined is Declined.ALREADY_ANSWERED
    assert told.happens(PainSaid("forged", 5)).declined is Declined.UNKNOWN
    told.passes(DAY)
    assert told.happens(PainSaid(check.id, 5)).declined is None
    told.passes(timedelta(seconds=1))
    assert told.happens(PainSaid(check.id, 5)).declined is Declined.ALREADY_ANSWERED


# -- snooze, then silence


def test_a_snoozed_check_in_that_nobody_answers_gets_its_one_reminder_and_then_silence() -> None:
    told = Told()
    told.happens(Started())
    check = told.delivered()
    told.happens(Snoozed(check.id, told.now + 2 * HOUR))
    again = told.delivered()
    assert again.id == check.id
    assert [(one.step, one.reminder, one.due_at - told.now) for one in told.course.planned] == [
        ("h72", True, DAY)
    ]
    told.delivered()

    assert told.course.planned == ()
    assert told.course.episode.state is EpisodeState.OPEN
    assert told.answers(Change.SAME, Function.SOME).advice == "same", "an answer is welcome all the same"


def test_a_snooze_into_the_past_is_at_once_and_never_earlier() -> None:
    told = Told()
    told.happens(Started())
    check = told.delivered()
    told.happens(Snoozed(check.id, told.now - 5 * DAY))

    assert [one.send_at for one in told.course.planned] == [told.now]


def test_a_reminder_can_be_snoozed_and_brings_its_check_in() -> None:
    told = Told()
    told.happens(Started())
    told.delivered()
    reminder = told.delivered()
    assert reminder.reminder
    told.happens(Snoozed(reminder.id, told.now + HOUR))

    assert [(one.step, one.reminder) for one in told.course.planned] == [("h72", False)]


def test_what_is_answered_or_closed_cannot_be_snoozed() -> None:
    told = answered_at_72_hours()
    check = next(one for one in told.course.follow_ups if one.step == "h72" and not one.reminder)

    assert told.happens(Snoozed(check.id, told.now + HOUR)).declined is Declined.ALREADY_ANSWERED
    assert told.happens(Snoozed("forged", told.now + HOUR)).declined is Declined.UNKNOWN
    far = told.course.planned[0]
    assert told.happens(Snoozed(far.id, told.now + HOUR)).declined is Declined.CLOSED
    told.course = replace(told.course, episode=replace(told.course.episode, state=EpisodeState.CLOSED))
    assert told.happens(Snoozed(far.id, told.now + HOUR)).declined is Declined.CLOSED
    assert far.state is FollowUpState.PLANNED


# -- other hours, and check-ins that were wished for


def test_other_hours_leave_a_safety_net_where_it_is_whatever_was_said_with_the_sign() -> None:
    for pain in (None, 6):
        told = Told()
        told.happens(Started("fever", pain))
        planned = told.planned
        told.passes(HOUR)
        told.happens(HoursChanged())
        assert told.planned == planned


@pytest.mark.parametrize(
    ("ahead", "declined"),
    [
        (timedelta(), Declined.NOT_THEN),
        (timedelta(seconds=1), None),
        (60 * DAY, None),
        (60 * DAY + timedelta(seconds=1), Declined.NOT_THEN),
        (71 * HOUR, None),
        (71 * HOUR + timedelta(seconds=1), Declined.COMES_ANYWAY),
        (72 * HOUR, Declined.COMES_ANYWAY),
        (73 * HOUR - timedelta(seconds=1), Declined.COMES_ANYWAY),
        (73 * HOUR, None),
    ],
)
def test_a_check_in_can_be_wished_for_within_sixty_days_and_not_beside_another(
    ahead: timedelta, declined: Declined | None
) -> None:
    told = Told()
    told.happens(Started())

    assert told.happens(ExtraCheckInWanted(told.now + ahead)).declined is declined
    assert len(told.planned) == (2 if declined is None else 1)


def test_three_can_be_wished_for_and_another_when_one_is_not_wanted_any_more() -> None:
    told = Told()
    told.happens(Started())
    for days in (10, 20, 30):
        assert told.happens(ExtraCheckInWanted(told.now + days * DAY)).declined is None
    assert told.happens(ExtraCheckInWanted(told.now + 40 * DAY)).declined is Declined.TOO_MANY_EXTRA
    first = next(one for one in told.course.planned if one.step == "asked")
    main = next(one for one in told.course.planned if one.step == "h72")
    assert told.happens(ExtraCheckInDropped(main.id)).declined is Declined.UNKNOWN
    assert told.happens(ExtraCheckInDropped(first.id)).declined is None
    assert told.happens(ExtraCheckInWanted(told.now + 40 * DAY)).declined is None


# -- which check-in an answer is for


def test_nobody_is_asked_before_the_first_check_in_and_then_the_newest_that_came() -> None:
    told = Told()
    told.happens(Started())
    assert wanted(PROTOCOL, told.course, told.now) is None
    first = told.delivered()
    assert wanted(PROTOCOL, told.course, told.now) == told.course.row(first.id)
    told.delivered()
    assert wanted(PROTOCOL, told.course, told.now) == told.course.row(first.id), "a reminder asks nothing"
    told.answers(Change.SAME, Function.SOME)
    assert wanted(PROTOCOL, told.course, told.now) is None
    coming = told.next_contact()
    told.now = coming.send_at
    assert wanted(PROTOCOL, told.course, told.now) == coming, "a tap may be quicker than the receipt"


def test_of_a_closed_episode_only_the_question_after_an_emergency_is_wanted() -> None:
    told = Told()
    told.happens(Started())
    told.delivered()
    told.answers(sign="numb")
    assert wanted(PROTOCOL, told.course, told.now) is None
    told.happens(SafetyCheckWanted())
    safe = told.delivered()
    assert wanted(PROTOCOL, told.course, told.now) == told.course.row(safe.id)
