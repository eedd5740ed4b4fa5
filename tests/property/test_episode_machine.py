"""Thousands of histories of one person and one clock, against what must never go wrong."""

import asyncio
import re
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.fakes.phone import FRAME, Phone
from tgbot.followup.episode import ClosedBecause, Course, EpisodeState, FollowUpState
from tgbot.screens.buttons import AnswerCheckIn, PickOnset, SetQuiet, Snooze, pack, unpack
from tgbot.screens.check_screens import CHANGES, FUNCTIONS
from tgbot.screens.settings_screens import QUIET_CHOICES

PROTOCOL = FRAME.protocol
LADDER = {step.id for step in PROTOCOL.ladder}
EMERGENCIES = ("chest", "tearing", "numb", "legs", "fall")
WAITING = (FollowUpState.SENT, FollowUpState.UNCONFIRMED, FollowUpState.UNREACHABLE)
SAID = re.compile(r"(?:write|again) on (\w+ \d+ \w+ at \d\d:\d\d(?:, your time| UTC))")

moments = st.integers(min_value=1, max_value=60 * 24 * 4).map(lambda minutes: timedelta(minutes=minutes))
outages = st.integers(min_value=1, max_value=24 * 14).map(lambda hours: timedelta(hours=hours))


class OnePerson(RuleBasedStateMachine):
    """Rules are what people, time and trouble do; everything a person does is a tap on a real button."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.phone = Phone()
        self.snoozed: Counter[str] = Counter()
        self.agreed = False

    def teardown(self) -> None:
        self.loop.close()

    def does(self, coroutine: Any) -> Any:
        return self.loop.run_until_complete(coroutine)

    @initialize(
        onset=st.sampled_from(["Just now", "2 days ago", "3 days ago"]),
        sign=st.sampled_from(["None of these", "Fever, very ill"]),
        zone=st.sampled_from(["London", "Kolkata", "New York", "Sydney"]),
    )
    def starts(self, onset: str, sign: str, zone: str) -> None:
        signs = (sign,) if sign == "None of these" else ("One of these ›", sign)
        for label in ("", onset, *signs, "Go on ›", "6", "Yes, check on me"):
            self.does(self.phone.taps(label) if label else self.phone.types("episode"))
        self.agreed = True
        choices = [key.text for key in self.phone.keys(max(self.phone.chat)) if key.text.endswith(zone)]
        if choices:
            self.does(self.phone.taps(choices[0]))

    # -- what people do

    @rule(which=st.integers(0, 40), where=st.integers(0, 6))
    def taps_anything(self, which: int, where: int) -> None:
        """Any button of the last messages, the stale ones included."""
        message = sorted(self.phone.chat)[-1 - where % len(self.phone.chat)]
        keys = self.phone.keys(message)
        if keys:
            self._press(keys[which % len(keys)].press, message)

    @rule(change=st.sampled_from(CHANGES), function=st.sampled_from(FUNCTIONS))
    def answers(self, change: str, function: str) -> None:
        """The check-in that waits, to its end."""
        waiting = self._waiting()
        if waiting:
            self._press(AnswerCheckIn(waiting, "-", "no", change, function), max(self.phone.chat))

    @rule(sign=st.sampled_from(tuple(PROTOCOL.signs)))
    def answers_with_a_warning_sign(self, sign: str) -> None:
        waiting = self._waiting()
        if waiting:
            self._press(AnswerCheckIn(waiting, sign), max(self.phone.chat))

    @rule(how=st.sampled_from("het"))
    def snoozes(self, how: str) -> None:
        waiting = self._waiting()
        if waiting:
            self._press(Snooze(waiting, how), max(self.phone.chat))

    @rule(wish=st.sampled_from(["in 5 hours", "in 2 days", "tomorrow at 11 pm", "in 3 weeks", "on friday"]))
    def wishes_to_be_checked_on(self, wish: str) -> None:
        self.does(self.phone.writes(f"check on me {wish}"))
        self.every_hour_that_was_said_is_the_stored_one()

    @rule(command=st.sampled_from(["episode", "cancel", "settings", "history", "pain", "card", "zone"]))
    def types_a_command(self, command: str) -> None:
        self.types(command)

    @rule(city=st.sampled_from(["London", "Kathmandu", "Los Angeles", "Auckland", "Nowhere"]))
    def travels(self, city: str) -> None:
        self.types("zone", city)

    @rule(hours=st.sampled_from([*QUIET_CHOICES, "off"]))
    def changes_quiet_hours(self, hours: str) -> None:
        self._press(SetQuiet(hours), max(self.phone.chat))

    @rule(how=st.sampled_from(["n", "h3", "h20", "d2", "d3", "d5", "w2", "w8"]))
    def edits_the_onset(self, how: str) -> None:
        open_one = next((one for one in self._courses() if one.episode.state is EpisodeState.OPEN), None)
        if open_one is not None:
            self._press(PickOnset(how, open_one.episode.id), max(self.phone.chat))

    @rule()
    def forgets(self) -> None:
        self.does(
            self.phone.store.transact(
                self.phone.person_id,
                lambda tx: tx.people.forget(self.phone.person_id, self.phone.clock.now()),
            )
        )
        self.agreed = False
        person, courses = self.does(self.phone.stored())
        assert person is None
        assert courses == ()

    # -- what time and trouble do

    @rule(by=moments)
    def time_passes(self, by: timedelta) -> None:
        self.does(self.phone.time_passes(by))

    @rule(by=outages)
    def nothing_runs_for_a_while(self, by: timedelta) -> None:
        self.phone.clock.push(by)
        self.does(self.phone.delivers())

    @rule()
    def the_last_update_comes_again(self) -> None:
        before = self.does(self.phone.stored())
        self.does(self.phone.comes_again())
        after = self.does(self.phone.stored())
        assert _facts(before[1]) == _facts(after[1]), "the same update changed things twice"

    @rule()
    def the_courier_dies_holding_a_lease(self) -> None:
        clock = self.phone.clock
        until = clock.now() + timedelta(seconds=60)
        self.does(self.phone.store.operate(lambda tx: tx.queue.claim_due("dead", clock.now(), until, 8)))

    @precondition(lambda self: not self.phone.blocked)
    @rule()
    def blocks_the_bot(self) -> None:
        self.phone.blocked = True

    @precondition(lambda self: self.phone.blocked)
    @rule()
    def lets_it_in_again(self) -> None:
        self.phone.blocked = False

    # -- what must never go wrong

    @invariant()
    def nothing_goes_wrong(self) -> None:
        courses = self._courses()
        self.nothing_came_early_or_in_quiet_hours(courses)
        self.what_came_was_of_an_open_episode_or_asked_for(courses)
        self.an_open_episode_has_a_next_contact_or_a_reason(courses)
        self.no_step_came_twice_and_no_check_in_had_two_reminders(courses)
        self.after_an_emergency_there_is_silence(courses)
        self.nothing_is_kept_of_somebody_who_has_not_agreed(courses)
        self.every_screen_can_be_sent_and_shows_the_way_to_the_signs(courses)

    def nothing_came_early_or_in_quiet_hours(self, courses: tuple[Course, ...]) -> None:
        for sent in self.phone.outbox:
            one, onset = sent.follow_up, sent.course.episode.onset
            assert sent.at >= one.send_at >= one.due_at
            assert not sent.quiet
            if one.step in LADDER and not one.reminder:
                assert sent.at >= onset + PROTOCOL.steps[one.step].after
            assert sent.at - one.send_at <= PROTOCOL.rules.expires_after

    def what_came_was_of_an_open_episode_or_asked_for(self, courses: tuple[Course, ...]) -> None:
        for sent in self.phone.outbox:
            assert sent.course.episode.state is EpisodeState.OPEN or sent.follow_up.step == PROTOCOL.safe

    def an_open_episode_has_a_next_contact_or_a_reason(self, courses: tuple[Course, ...]) -> None:
        for course in courses:
            waits = any(one.state in WAITING and not one.reminder for one in course.follow_ups)
            planned = [one for one in course.planned if not one.reminder]
            if course.episode.state is EpisodeState.OPEN:
                assert waits or planned, course
            else:
                assert all(one.step == PROTOCOL.safe for one in course.planned), course
                assert course.episode.closed_because is not None

    def no_step_came_twice_and_no_check_in_had_two_reminders(self, courses: tuple[Course, ...]) -> None:
        came = Counter((one.follow_up.id) for one in self.phone.outbox)
        for follow_up, times in came.items():
            assert times <= 1 + self.snoozed[follow_up]
        for course in courses:
            steps = Counter(
                (one.step, one.reminder) for one in course.follow_ups if one.sent_at and one.step in LADDER
            )
            assert all(times == 1 for times in steps.values()), steps

    def after_an_emergency_there_is_silence(self, courses: tuple[Course, ...]) -> None:
        for course in courses:
            if course.episode.closed_because == ClosedBecause.EMERGENCY:
                assert [one for one in course.planned if one.step != PROTOCOL.safe] == []

    def nothing_is_kept_of_somebody_who_has_not_agreed(self, courses: tuple[Course, ...]) -> None:
        if not self.agreed:
            assert courses == ()

    def every_screen_can_be_sent_and_shows_the_way_to_the_signs(self, courses: tuple[Course, ...]) -> None:
        screen = self.phone.last_reply.screen
        if screen is None:
            return
        assert 0 < len(screen.text) <= 4096
        keys = [key for row in screen.rows for key in row]
        for key in keys:
            assert len(key.text) > 0
            press = getattr(key, "press", None)
            assert press is None or unpack(pack(press)) == press
        assert any("Warning signs" in key.text for key in keys)

    # -- how the rules look at things

    def every_hour_that_was_said_is_the_stored_one(self) -> None:
        """Looked at right after each deed, as what is stored goes on and the chat stays as it was."""
        screen = self.phone.last_reply.screen
        said = set(SAID.findall(screen.text)) if screen else set()
        stored = {
            FRAME.when.yours(one.send_at, course.zone)
            for course in (self._courses() if said else ())
            for one in course.planned
            if one.send_at >= self.phone.clock.now()
        }
        assert said <= stored, (said, stored)

    def types(self, command: str, text: str = "") -> None:
        self.does(self.phone.types(command, text))
        self.every_hour_that_was_said_is_the_stored_one()

    def _press(self, button: Any, message: int) -> None:
        if isinstance(button, Snooze) and button.how:
            self.snoozed[button.follow_up] += 1
        if getattr(button, "consent", "") == "y":
            self.agreed = True
        self.does(self.phone.presses(button, message))
        self.every_hour_that_was_said_is_the_stored_one()

    def _courses(self) -> tuple[Course, ...]:
        courses: tuple[Course, ...] = self.does(self.phone.stored())[1]
        return courses

    def _waiting(self) -> str | None:
        """A check-in that waits for its answer."""
        waiting = [
            one.id
            for course in self._courses()
            for one in course.follow_ups
            if one.state is FollowUpState.SENT and not one.reminder
        ]
        return waiting[-1] if waiting else None


def _facts(courses: tuple[Course, ...]) -> list[object]:
    """What an update may change: nothing of it twice."""
    return [
        (
            course.episode,
            sorted((one.id, one.state, one.send_at) for one in course.follow_ups),
            course.entries,
        )
        for course in courses
    ]


PATIENT = settings(deadline=None, suppress_health_check=list(HealthCheck))

TestOnePerson = OnePerson.TestCase
TestOnePerson.settings = settings(PATIENT, max_examples=40, stateful_step_count=40, derandomize=True)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_two_thousand_new_histories() -> None:
    run_state_machine_as_test(
        OnePerson, settings=settings(PATIENT, max_examples=2000, stateful_step_count=50, derandomize=False)
    )
