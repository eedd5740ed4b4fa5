"""What is stored outlives the plan it was stored under: ids that the pack no longer has break nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.courses import ONSET, Told
from tests.fakes.phone import FRAME, begun
from tgbot.content import Tier
from tgbot.followup.deciding import decide
from tgbot.followup.episode import Course, Entry, Episode, FollowUp, FollowUpState
from tgbot.followup.events import (
    Amend,
    Answered,
    CheckInAnswer,
    CheckInDelivered,
    Doubted,
    FollowUpEvent,
    OneMoreWanted,
    PlanChanged,
    Snoozed,
    Started,
    Undeliverable,
    Undone,
)
from tgbot.followup.protocol import Change, Felt, Function, plan_mark
from tgbot.screens.buttons import AnswerCheckIn, ShowMenu, Undo
from tgbot.screens.check_screens import CheckScreens
from tgbot.screens.diary_screens import course_lines
from tgbot.screens.screen import Key, ScreenContext
from tgbot.service.episodes import Episodes
from tgbot.service.follow_up import PlanChanges
from tgbot.service.store_port import Transaction

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
    "event",
    [CheckInDelivered("f1"), Doubted("f1"), Undeliverable("f1"), Snoozed("f1", NOW + DAY), Undone("f1")],
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


def of_an_older_plan(*planned: FollowUp, entries: tuple[Entry, ...] = ()) -> Course:
    return Course(Episode("e1", 1, ONSET, ONSET, plan="0 older"), planned, entries)


def coming(step: str, days: int, number: int = 1) -> FollowUp:
    return FollowUp(f"f{number}", "e1", 1, step, ONSET + days * DAY, ONSET + days * DAY)


def test_what_is_planned_keeps_its_step_and_its_hour_under_another_plan() -> None:
    main = FRAME.protocol.main
    decision = decide(FRAME.protocol, of_an_older_plan(coming(main, 4)), PlanChanged(), NOW)

    assert decision.effects == ()


def test_a_planned_step_that_is_gone_becomes_the_rung_that_comes_nearest_at_the_promised_hour() -> None:
    course = of_an_older_plan(coming("d6", 6), coming("d8", 8, 2))
    effects = decide(FRAME.protocol, course, PlanChanged(), NOW).effects

    moved = [one.follow_up for one in effects if isinstance(one, Amend)]
    assert [one.due_at for one in moved] == [ONSET + 6 * DAY, ONSET + 8 * DAY]
    assert moved[0].step == "d7"
    assert moved[1].step not in ("d7", "d8")
    assert all(one.step in FRAME.protocol.steps for one in moved)


def test_while_get_help_today_stands_a_step_that_is_gone_becomes_the_safety_net() -> None:
    sign = next(sign.id for sign in FRAME.protocol.signs.values() if sign.tier is Tier.SAME_DAY)
    told = Entry("n1", "e1", 1, NOW, "safety", sign, FRAME.protocol.main)
    course = of_an_older_plan(coming("net-of-older", 4), entries=(told,))
    (amended,) = decide(FRAME.protocol, course, PlanChanged(), NOW).effects

    assert isinstance(amended, Amend)
    assert amended.follow_up.step == FRAME.protocol.net


def test_where_every_rung_was_asked_already_a_step_that_is_gone_becomes_one_that_was_asked_for() -> None:
    rungs = [rung.id for rung in FRAME.protocol.ladder]
    asked = [
        replace(coming(step, 2, number), state=FollowUpState.ANSWERED, sent_at=NOW)
        for number, step in enumerate(rungs, start=2)
    ]
    course = of_an_older_plan(coming("of-older", 60), *asked)
    (amended,) = decide(FRAME.protocol, course, PlanChanged(), NOW).effects

    assert isinstance(amended, Amend)
    assert amended.follow_up.step == FRAME.protocol.asked


def test_two_plans_that_differ_anywhere_have_two_marks_and_one_has_one() -> None:
    plan = FRAME.protocol
    later = replace(plan, rules=replace(plan.rules, closest=timedelta(hours=7)))
    main = replace(plan.steps[plan.main], purpose="another")
    other = replace(plan, steps={**plan.steps, plan.main: main})

    sign = next(iter(plan.signs.values()))
    flagged = replace(plan, signs={**plan.signs, sign.id: replace(sign, flags=("another",))})

    assert len({plan_mark(each) for each in (plan, later, other, flagged)}) == 4
    assert plan_mark(plan) == plan_mark(replace(plan))


async def test_an_open_episode_says_under_which_plan_it_runs_and_is_taken_over_once() -> None:
    phone = await begun()
    assert (await phone.course()).episode.plan == plan_mark(FRAME.protocol)
    newer = replace(FRAME.protocol, version="newer")
    episodes = Episodes(phone.store, phone.clock, newer)
    changes = PlanChanges(phone.store, phone.clock, lambda: episodes)
    planned = (await phone.course()).planned

    await changes.take_over()
    course = await phone.course()
    assert course.episode.plan == plan_mark(newer)
    assert course.planned == planned, "what was promised comes as promised"
    await changes.take_over()
    assert (await phone.course()).episode == course.episode


async def test_a_check_in_that_waited_under_a_dropped_step_comes_and_is_answered_after_the_change() -> None:
    phone = await begun()
    (waiting,) = (await phone.course()).planned
    dropped = replace(waiting, step="d3-of-an-older-plan")
    course = await phone.course()
    older = replace(course.episode, plan="0 older")

    async def work(tx: Transaction) -> None:
        await tx.people.save_episode(older)
        await tx.people.save_follow_up(dropped)

    await phone.store.transact(phone.person_id, work)
    episodes = Episodes(phone.store, phone.clock, FRAME.protocol)
    await PlanChanges(phone.store, phone.clock, lambda: episodes).take_over()
    await phone.time_passes(timedelta(hours=73))
    for label in ("Open", "None of these", "Better", "Some things"):
        await phone.taps(label)

    assert (await phone.course()).planned, "the plan goes on"
