"""Every branch, by the words shown: what was told before, whether they were seen, how it is, and when.

What is expected is written here in letters and not taken from the plan: nobody's urgency falls below the
highest thing that still has to be looked at; nothing is said of a comparison, a visit or a score not given.
"""

import re
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.courses import Told
from tests.fakes.languages import english
from tgbot.content import Tier
from tgbot.followup.check_in_answers import standing
from tgbot.followup.episode import EpisodeState, FollowUp, FollowUpState, Person
from tgbot.followup.events import (
    Answered,
    CheckAsked,
    CheckInAnswer,
    OnsetChanged,
    PainSaid,
    Reopened,
    Started,
)
from tgbot.followup.protocol import Change, Function, Seen
from tgbot.screens.buttons import NONE, AnswerCheckIn, Begin
from tgbot.screens.check_screens import CheckScreens
from tgbot.screens.diary_screens import DiaryScreens
from tgbot.screens.markup import plain
from tgbot.screens.screen import Key, Screen
from tgbot.screens.start_screens import StartScreens

FRAME = english()
CHECK, START = CheckScreens(FRAME), StartScreens(FRAME)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
STEPS = {"h24": 1, "asked": 1, "h72": 3, "d7": 7, "d14": 14, "d28": 28, "d42": 42, "d56": 56}
BEFORE = ("nothing", "fever", "skin", "night", "worse", "little", "chest")
ZONES = (None, "Europe/London")
ANSWERS = [
    (change, function)
    for change in (Change.GONE, Change.BETTER, Change.SAME, Change.WORSE)
    for function in ((None,) if change in (Change.GONE, Change.WORSE) else tuple(Function))
]
SAYS_WORSE = re.compile(r"(?<!if it )(?<!or it )\b(?:is getting worse|it is worse|worse again)", re.I)
SAYS_SEEN = re.compile(
    r"where you were seen|keep the visit|visit is booked|your visit today|been seen\? go", re.I
)
SAYS_UNSEEN = re.compile(r"have not been seen(?!,)(?! yet\?)|no one has looked at it\.", re.I)
PROMISE = re.compile(r"I will (?:ask(?: you)?(?: again)?|write) on ([^.,]+ at \d\d:\d\d(?:, your time| UTC))")


def headline(screen: Screen) -> str:
    return plain(screen.text).partition("\n")[0].lower()


def told_before(what: str, zone: str | None, days: int) -> Told:
    """An episode in which this was told at its start, or at a check-in of the day before."""
    told = Told()
    told.course = replace(told.course, zone=zone)
    told.happens(Started(what if what in ("fever", "skin", "night") else None, 6))
    if what in ("worse", "little", "chest"):
        told.passes(HOUR)
        told.happens(CheckAsked())
        change, function = (Change.WORSE, None) if what == "worse" else (Change.SAME, Function.LITTLE)
        told.answers(sign="chest") if what == "chest" else told.answers(change, function)
        told.passes(HOUR)
        told.happens(Reopened())
    told.now = max(told.now, told.course.episode.onset + days * DAY)
    return told


def asks(told: Told, step: str) -> FollowUp:
    """The check-in of this step, as if it had just come."""
    one = FollowUp(
        f"c{len(told.course.follow_ups)}",
        "e1",
        1,
        step,
        told.now,
        told.now,
        state=FollowUpState.SENT,
        sent_at=told.now,
    )
    told.course = replace(told.course, follow_ups=(*told.course.follow_ups, one))
    return one


def needed(before: str, seen: Seen | None, change: Change, function: Function | None, step: str) -> str:
    """How soon somebody has to look at it, in letters."""
    bad = change is Change.WORSE or (function is Function.LITTLE and change is not Change.GONE)
    if before == "chest" and seen is not Seen.YES:
        return "now"
    if bad:
        return "today"
    if before in ("fever", "skin", "night") and seen is not Seen.YES and change is not Change.GONE:
        return "today"
    if before in ("worse", "little") and seen is not Seen.YES and change is Change.SAME:
        return "today"
    if change is Change.SAME and step not in ("h24", "asked"):
        return "week"
    return "nothing"


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("step", STEPS)
def test_no_answer_is_told_less_than_what_still_has_to_be_looked_at(step: str, before: str) -> None:
    for zone, (change, function) in product(ZONES, ANSWERS):
        for seen in (None,) if before == "nothing" else tuple(Seen):
            the_advice_is_urgent_enough(step, before, seen, zone, change, function)


def the_advice_is_urgent_enough(
    step: str, before: str, seen: Seen | None, zone: str | None, change: Change, function: Function | None
) -> None:
    told = told_before(before, zone, STEPS[step])
    one = asks(told, step)
    first = CHECK.ask(told.course, one, None, AnswerCheckIn(one.id, NONE))
    assert ("able to get seen" in first.text) == (seen is not None), (
        "asked for whom it matters, and no one else"
    )
    decision = told.happens(Answered(one.id, CheckInAnswer(None, seen, change, function)))
    screen = CHECK.advice(told.course, one, decision.advice or "", None, told.now)
    said, top = plain(screen.text), headline(screen)

    how_soon = needed(before, seen, change, function, step)
    if how_soon == "now":
        assert "needs help now" in top
        assert plain(FRAME.call(None)) in said
    if how_soon == "today":
        assert "today" in top, top
    if how_soon == "week":
        assert re.search(r"this week|see a doctor about it now|month|today|now", said), said
    assert how_soon == "now" or change is Change.WORSE or not SAYS_WORSE.search(said), said
    assert seen in (Seen.YES, Seen.BOOKED) or not SAYS_SEEN.search(said), said
    assert seen is Seen.NO or not SAYS_UNSEEN.search(said), said
    assert "last time" not in said
    assert "of 10" not in said, "no score was given yet"
    the_promise_is_the_plan(told, said)


def the_promise_is_the_plan(told: Told, said: str) -> None:
    ahead = [one for one in told.course.planned if not one.reminder]
    promised = PROMISE.findall(said)
    assert promised == [FRAME.when.yours(ahead[0].send_at, told.course.zone)] if ahead else promised == [], (
        said
    )


@settings(max_examples=150)
@given(
    st.lists(st.tuples(st.sampled_from(ANSWERS), st.sampled_from(Seen)), min_size=1, max_size=6),
    st.sampled_from(ZONES),
)
def test_whatever_was_answered_so_far_no_advice_contradicts_it(
    history: list[tuple[tuple[Change, Function | None], Seen]], zone: str | None
) -> None:
    told = told_before("nothing", zone, 1)
    for step, ((change, function), if_asked) in zip(
        ("h24", "h72", "d7", "d14", "d28", "d42"), history, strict=False
    ):
        told.now = max(told.now, told.course.episode.onset + STEPS[step] * DAY)
        one = asks(told, step)
        first = CHECK.ask(told.course, one, None, AnswerCheckIn(one.id, NONE))
        seen = if_asked if "able to get seen" in first.text else None
        decision = told.happens(Answered(one.id, CheckInAnswer(None, seen, change, function)))
        screen = CHECK.advice(told.course, one, decision.advice or "", None, told.now)
        said = plain(screen.text)

        if needed("nothing", seen, change, function, step) == "today":
            assert "today" in headline(screen)
        assert change is Change.WORSE or not SAYS_WORSE.search(said), said
        assert seen in (Seen.YES, Seen.BOOKED) or not SAYS_SEEN.search(said), said
        assert seen is Seen.NO or not SAYS_UNSEEN.search(said), said
        assert "of 10" not in said
        the_promise_is_the_plan(told, said)
        if told.course.episode.state is not EpisodeState.OPEN:
            return


STARTS = [
    (sign, zone, hours)
    for sign, zone, hours in product((None, "fever", "skin", "night"), ZONES, (1, 47, 60, 71, 80, 400))
]


@pytest.mark.parametrize(("sign", "zone", "hours"), STARTS)
def test_with_consent_the_start_ends_as_urgently_as_its_sign_and_promises_what_is_planned(
    sign: str | None, zone: str | None, hours: int
) -> None:
    told = Told()
    told.passes(hours * HOUR)
    told.course = replace(told.course, zone=zone)
    told.happens(Started(sign, 10))
    if told.course.waiting is not None:
        return  # it is asked at once, as a check-in
    screen = START.planned(told.course, None, told.now)
    said = plain(screen.text)

    assert ("today" in headline(screen)) == (sign is not None), said
    assert plain(FRAME.call(None)) in said, "the safety net goes with the promise"
    if zone is not None:
        the_promise_is_the_plan(told, said)
    elif sign is not None and told.course.planned[0].step == "h24":
        assert "24 hours from now" in said
        assert "72 hours" not in said
    else:
        assert "72 hours after it began" in said


@pytest.mark.parametrize(
    "sign", [one.id for one in FRAME.protocol.signs.values() if one.tier is Tier.SAME_DAY]
)
@pytest.mark.parametrize("person", [None, Person(1, None, country="GB")])  # type: ignore[arg-type]
def test_without_consent_a_same_day_sign_still_means_today(sign: str, person: Person | None) -> None:
    screen = START.no_consent(Begin("x", sign, "10", "n", background="-"), person)
    said = plain(screen.text)

    assert "today" in headline(screen)
    assert "72 hours" not in said
    assert "3 days" not in said
    assert "Nothing was stored" in said
    assert plain(FRAME.call(person)) in said


def test_without_consent_and_without_a_sign_the_72_hour_rule_is_said() -> None:
    said = plain(START.no_consent(Begin("x", NONE, "10", "n", background="-"), None).text)

    assert "not eased 3 days after it began, have a doctor or physio look at it that week" in said
    assert "If nothing clear set it off, or it gets worse, be seen that day" in said


def test_the_first_check_in_compares_with_the_score_of_its_day_and_never_with_a_last_time() -> None:
    told = told_before("nothing", "Europe/London", 3)
    one = asks(told, "h72")
    said = plain(CHECK.ask(told.course, one, None, AnswerCheckIn(one.id, NONE)).text)

    assert "On Monday 23 November you noted 6 of 10." in said
    assert "last" not in said


def test_without_a_score_the_first_check_in_compares_with_the_beginning_and_the_next_with_the_answer() -> (
    None
):
    told = Told()
    told.happens(Started())
    one = told.delivered()
    assert "compared with how it began" in CHECK.ask(told.course, one, None, AnswerCheckIn(one.id, NONE)).text
    told.answers(Change.SAME, Function.SOME)
    two = told.delivered()
    assert (
        "compared with your last answer"
        in CHECK.ask(told.course, two, None, AnswerCheckIn(two.id, NONE)).text
    )


def test_the_score_of_a_check_in_is_kept_with_it_replaced_by_a_second_and_named_next_time() -> None:
    told = told_before("nothing", "Europe/London", 3)
    one = asks(told, "h72")
    told.happens(Answered(one.id, CheckInAnswer(None, None, Change.SAME, Function.SOME)))
    advice = CHECK.advice(told.course, one, "same", None, told.now)
    assert "How bad is it now" in advice.text
    assert [key.text for row in advice.rows[:2] for key in row] == [str(score) for score in range(11)]
    assert len(advice.rows) <= 5
    for score in (8, 4):
        told.passes(HOUR)
        told.happens(PainSaid(one.id, score))
    shown = CHECK.advice(told.course, one, "same", None, told.now)

    assert "Noted: 4 of 10." in shown.text
    assert [entry.value for entry in told.course.entries if entry.kind == "pain"] == ["6", "4"]
    two = asks(told, "d7")
    assert (
        "On Thursday 26 November you noted 4 of 10."
        in CHECK.ask(told.course, two, None, AnswerCheckIn(two.id, NONE)).text
    )


def test_worse_three_times_in_a_row_is_not_told_the_same_twice() -> None:
    for seen in (Seen.NO, Seen.BOOKED, Seen.YES):
        told = told_before("nothing", "Europe/London", 3)
        texts = []
        for _ in range(4):
            one = asks(told, "h24")
            said = told.happens(Answered(one.id, CheckInAnswer(None, seen, Change.WORSE)))
            texts.append(said.advice)
            told.passes(DAY)
        assert all(first != second for first, second in pairwise(texts)), texts
        assert len(set(texts[:3])) == 3


def test_a_same_day_sign_that_is_still_there_is_named_as_such() -> None:
    told = told_before("fever", "Europe/London", 1)
    one = asks(told, "h24")
    decision = told.happens(Answered(one.id, CheckInAnswer("fever")))

    assert decision.advice == "urgent_again"
    assert "still there" in headline(CHECK.advice(told.course, one, "urgent_again", None, told.now))


def test_a_sign_that_was_seen_to_stands_no_more_and_one_that_was_not_stands_at_every_step() -> None:
    told = told_before("fever", "Europe/London", 1)
    for day, step in ((1, "h24"), (3, "h72"), (7, "d7")):
        told.now = told.course.episode.onset + day * DAY + HOUR
        one = asks(told, step)
        said = told.happens(Answered(one.id, CheckInAnswer(None, Seen.NO, Change.BETTER, Function.MOST)))
        assert said.advice in ("unseen", "unseen_again")
    told.now += DAY
    one = asks(told, "h24")
    told.happens(Answered(one.id, CheckInAnswer(None, Seen.YES, Change.BETTER, Function.MOST)))
    told.now += 8 * DAY
    one = asks(told, "d14")
    assert told.happens(Answered(one.id, CheckInAnswer(None, None, Change.SAME, Function.SOME))).advice == (
        "same_fortnight"
    )


@pytest.mark.parametrize(
    ("before", "change", "stands"),
    [
        ("worse", Change.SAME, True),
        ("worse", Change.BETTER, False),
        ("worse", Change.GONE, False),
        ("fever", Change.BETTER, True),
        ("fever", Change.GONE, False),
        ("chest", Change.GONE, True),
    ],
)
def test_what_nobody_has_seen_stands_until_the_pain_itself_has_answered_it(
    before: str, change: Change, stands: bool
) -> None:
    told = told_before(before, "Europe/London", 3)
    one = asks(told, "h72")
    function = None if change is Change.GONE else Function.MOST
    told.happens(Answered(one.id, CheckInAnswer(None, Seen.NO, change, function)))

    assert (standing(FRAME.protocol, told.course) is not None) == stands


def test_what_is_planned_moves_with_the_onset_and_the_sign_still_stands() -> None:
    told = told_before("fever", "Europe/London", 0)
    told.happens(OnsetChanged(told.now - 20 * HOUR))

    assert "You told me: “fever" in FRAME.stands(told.course)


def test_every_key_of_the_check_in_fits_and_no_screen_has_more_than_five_rows_of_advice() -> None:
    for before, change in product(BEFORE, (Change.GONE, Change.BETTER, Change.SAME, Change.WORSE)):
        told = told_before(before, None, 3)
        one = asks(told, "h72")
        said = told.happens(Answered(one.id, CheckInAnswer(None, Seen.NO, change, Function.SOME)))
        screen = CHECK.advice(told.course, one, said.advice or "", None, told.now)
        assert len(screen.rows) <= 5
        assert all(isinstance(key, Key) for row in screen.rows for key in row)


def test_a_noted_score_says_what_stands_and_has_the_warning_signs_one_tap_away() -> None:
    told = told_before("fever", "Europe/London", 1)
    screen = DiaryScreens(FRAME).noted_pain("9", told.course, told.now)

    assert "Noted: 9 of 10." in screen.text
    assert "You told me: “fever" in plain(screen.text)
    assert FRAME.plain("button.urgent") in [key.text for row in screen.rows for key in row]
