"""What is stored outlives the plan it was stored under: ids that the pack no longer has break nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.courses import ONSET, Told
from tests.fakes.phone import FRAME
from tgbot.content import Tier
from tgbot.followup.course import Course
from tgbot.followup.deciding import decide
from tgbot.followup.episode import Entry, Episode, FollowUp, FollowUpState
from tgbot.followup.events import (
    Answered,
    CheckInAnswer,
    CheckInDelivered,
    Doubted,
    FollowUpEvent,
    Lost,
    OneMoreWanted,
    Snoozed,
    Started,
    Undone,
)
from tgbot.followup.protocol import Change, Felt, Function
from tgbot.screens.buttons import AnswerCheckIn, ShowMenu, Undo
from tgbot.screens.check_screens import CheckScreens
from tgbot.screens.course_lines import course_lines
from tgbot.screens.screen import Key
from tgbot.screens.screen_context import ScreenContext

FIRST = next(sign.id for sign in FRAME.protocol.signs.values() if sign.tier is Tier.EMERGENCY)
WITHOUT = {name: sign for name, sign in FRAME.protocol.signs.items() if name != FIRST}
LATER = ScreenContext(FRAME.pack, replace(FRAME.protocol, signs=WITHOUT))


def test_a_sign_that_is_asked_no_more_still_stands_in_the_history_as_a_sign() -> None:
    told = Told()
    told.happens(Started(None, 6))
    told.delivered()
    told.answers(sign=FIRST)

    assert "a warning sign" in [line.what for line in course_lines(LATER, told.course)]


def test_the_card_for_a_sign_that_is_asked_no_more_is_an_emergency_all_the_same() -> None:
    second = next(sign.id for sign in WITHOUT.values() if sign.tier is Tier.EMERGENCY)
    screens = CheckScreens(LATER)

    assert screens.not_yet(FIRST, None, "f1") == screens.not_yet(second, None, "f1")


def test_one_more_check_in_comes_at_the_step_that_the_plan_names() -> None:
    told = Told()
    told.happens(Started(None, 6))
    told.delivered()
    told.answers(Change.GONE)
    plan = replace(FRAME.protocol, one_more="d28")
    (planned,) = decide(plan, told.course, OneMoreWanted(), NOW).effects

    assert getattr(planned, "step", "") == "d28"


GONE = "d3-of-an-older-plan"
NOW = ONSET + timedelta(days=3, hours=1)
DAY = timedelta(days=1)


def asked_by_an_older_plan(state: FollowUpState = FollowUpState.SENT) -> Course:
    one = FollowUp("f1", "e1", 1, GONE, ONSET + 3 * DAY, ONSET + 3 * DAY, state=state, sent_at=NOW)
    return Course(Episode("e1", 1, ONSET, ONSET), (one,))


@pytest.mark.parametrize("change", [change for change in Change if change is not Change.UNKNOWN])
def test_a_check_in_whose_step_the_plan_has_dropped_is_answered_all_the_same(change: Change) -> None:
    course = asked_by_an_older_plan()
    said = Answered("f1", CheckInAnswer(change=change, function=Function.SOME))
    decision = decide(FRAME.protocol, course, said, NOW)
    main = FRAME.protocol.steps[FRAME.protocol.main]
    assert (decision.declined, decision.advice) == (None, main.branches[Felt(change.value)].advice)

    answered = replace(asked_by_an_older_plan(FollowUpState.ANSWERED), episode=decision.episode)
    screen = CheckScreens(FRAME).advice(answered, answered.follow_ups[0], decision.advice or "", None, NOW)
    keys = [key.press for row in screen.rows for key in row if isinstance(key, Key)]
    assert screen.text.startswith(FRAME.pack.ui[f"advice.{decision.advice}"][:20])
    assert Undo("f1") in keys
    assert ShowMenu() in keys


@pytest.mark.parametrize(
    "event", [CheckInDelivered("f1"), Doubted("f1"), Lost("f1"), Snoozed("f1", NOW + DAY), Undone("f1")]
)
def test_whatever_happens_to_a_check_in_of_a_dropped_step_has_an_answer(event: FollowUpEvent) -> None:
    safe, screens = Entry("n1", "e1", 1, NOW, "safety", "none", GONE), CheckScreens(FRAME)
    for state in FollowUpState:
        course = replace(asked_by_an_older_plan(state), entries=(safe,))
        (one,) = course.follow_ups
        decide(FRAME.protocol, course, event, NOW)

        for screen in (
            screens.notice(course, one, NOW),
            screens.snooze(one),
            screens.ask(course, one, None, AnswerCheckIn(one.id)),
        ):
            assert screen.text
            assert screen.rows


def test_advice_that_has_no_words_any_more_is_not_said_in_others() -> None:
    course = asked_by_an_older_plan(FollowUpState.ANSWERED)
    screen = CheckScreens(FRAME).advice(course, course.follow_ups[0], "same-of-an-older-pack", None, NOW)

    assert screen.text.startswith(FRAME.say("declined.already_answered"))
