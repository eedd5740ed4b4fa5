"""The plan once more, in letters: what is expected by reading protocol.yaml notices no fault in it."""

from datetime import timedelta

import pytest

from tests.fakes.courses import ONSET, PROTOCOL, Told
from tgbot.followup.events import Answered, CheckInAnswer, Started
from tgbot.followup.protocol import Change, Felt, Function, Reason, Seen

DAY, HOUR = timedelta(days=1), timedelta(hours=1)

# The step, and to each answer the advice and the next step (or the end).
STEPS = {
    "h24": ("gone close", "better h72", "same_early h72", "little h24", "worse h24"),
    "h72": ("gone close", "better d14", "same d7", "little h24", "worse h24"),
    "d7": ("gone close", "better d14", "same_week d14", "little h24", "worse h24"),
    "d14": ("gone close", "better_fortnight d28", "same_fortnight d28", "little h24", "worse h24"),
    "d28": ("gone close", "better_month d42", "same_month d42", "little h24", "worse h24"),
    "d42": ("gone close", "better_month d56", "same_month d56", "little h24", "worse h24"),
    "d56": ("gone close", "better_last close", "same_last close", "little close", "worse_last close"),
    "asked": ("gone close", "better h72", "same_early h72", "little h24", "worse h24"),
}
# Told before, seen, and to each answer the advice and the next step; a dash is answered by its day.
STANDING = {
    ("emergency", "yes"): ("-", "-", "seen_same by_day", "seen_little h24", "seen_worse h24"),
    ("emergency", "booked"): ("emergency_unseen h24",) * 5,
    ("emergency", "no"): ("emergency_unseen h24",) * 5,
    ("sign", "yes"): ("-", "-", "seen_same by_day", "seen_little h24", "seen_worse h24"),
    ("sign", "booked"): ("gone_booked close", "booked h24", "booked h24", "booked h24", "booked_worse h24"),
    ("sign", "no"): ("gone_unseen close", "unseen h24", "unseen h24", "unseen h24", "unseen_worse h24"),
    ("worse", "yes"): ("-", "-", "seen_same by_day", "seen_little h24", "seen_worse h24"),
    ("worse", "booked"): ("-", "booked_better by_day", "booked h24", "booked h24", "booked_worse h24"),
    ("worse", "no"): ("-", "-", "unseen h24", "-", "unseen_worse h24"),
}
HOURS = {"h24": 24, "h72": 72, "d7": 168, "d14": 336, "d28": 672, "d42": 1008, "d56": 1344}


@pytest.mark.parametrize("step", STEPS)
def test_each_answer_at_each_step_has_its_advice_and_its_next_step(step: str) -> None:
    branches = PROTOCOL.steps[step].branches

    assert tuple(f"{branches[how].advice} {branches[how].next}" for how in Felt) == STEPS[step]


@pytest.mark.parametrize(("reason", "seen"), STANDING)
def test_while_get_help_today_stands_each_answer_has_its_advice_and_its_next_step(
    reason: str, seen: str
) -> None:
    said = PROTOCOL.standing[Reason(reason)][Seen(seen)]
    cells = tuple(f"{said[how].advice} {said[how].next}" if how in said else "-" for how in Felt)

    assert cells == STANDING[reason, seen]


def test_the_rules_have_the_values_that_the_documents_name() -> None:
    rules = PROTOCOL.rules
    assert (rules.reminder_after, rules.expires_after, rules.closest) == (DAY, 7 * DAY, DAY)
    assert (rules.undo_within, rules.late_after, rules.worse_in_a_row) == (DAY, HOUR, 3)
    assert (rules.net_before_quiet, rules.net_closest) == (3 * HOUR, 10 * HOUR)
    assert {step: PROTOCOL.steps[step].after for step in HOURS} == {
        step: hours * HOUR for step, hours in HOURS.items()
    }


@pytest.mark.parametrize(
    ("change", "function", "next_hours"),
    [
        (Change.GONE, None, None),
        (Change.BETTER, Function.MOST, 336),
        (Change.SAME, Function.SOME, 168),
        (Change.SAME, Function.LITTLE, 96),
        (Change.WORSE, None, 96),
    ],
)
def test_what_is_said_at_72_hours_is_followed_when_it_should_be(
    change: Change, function: Function | None, next_hours: int | None
) -> None:
    told = Told()
    told.happens(Started(None, 6))
    check = told.delivered()
    told.happens(Answered(check.id, CheckInAnswer(None, None, change, function)))

    assert [one.due_at - ONSET for one in told.course.planned] == ([next_hours * HOUR] if next_hours else [])
