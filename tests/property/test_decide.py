"""`decide` is total: whatever the history, the event and the ids in it, there is a decision."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.courses import ONSET, PROTOCOL, Told
from tgbot.followup.episode import Course, EpisodeState, FollowUp
from tgbot.followup.events import (
    Answered,
    CheckAsked,
    CheckInAnswer,
    CheckInDelivered,
    Decision,
    Doubted,
    ExtraCheckInDropped,
    ExtraCheckInWanted,
    FollowUpEvent,
    FoundSafe,
    HoursChanged,
    MissedAsked,
    OneMoreWanted,
    OnsetChanged,
    Reopened,
    SafetyCheckWanted,
    Snoozed,
    Started,
    Stopped,
    Superseded,
    Undeliverable,
    Undone,
)
from tgbot.followup.planning import MOST_EXTRA, is_extra
from tgbot.followup.protocol import Change, Function, Seen

IDS = st.sampled_from([f"n{number}" for number in range(1, 12)] + ["forged", ""])
SIGNS = st.none() | st.sampled_from([*PROTOCOL.signs, "forged"])
WHEN = st.integers(-90 * 24, 90 * 24).map(lambda hours: ONSET + timedelta(hours=hours))
REPORTS = st.builds(
    CheckInAnswer,
    SIGNS,
    st.none() | st.sampled_from(Seen),
    st.none() | st.sampled_from([Change.GONE, Change.BETTER, Change.SAME, Change.WORSE]),
    st.none() | st.sampled_from(Function),
)
EVENTS: st.SearchStrategy[FollowUpEvent] = st.one_of(
    st.builds(Started, SIGNS, st.integers(0, 10)),
    st.builds(CheckInDelivered, IDS),
    st.builds(Doubted, IDS),
    st.builds(Undeliverable, IDS),
    st.builds(Answered, IDS, REPORTS),
    st.builds(FoundSafe, IDS),
    st.builds(Undone, IDS),
    st.builds(Snoozed, IDS, WHEN),
    st.just(CheckAsked()),
    st.just(SafetyCheckWanted()),
    st.builds(OneMoreWanted, st.sampled_from([*PROTOCOL.steps, "forged"])),
    st.builds(ExtraCheckInWanted, WHEN),
    st.builds(ExtraCheckInDropped, IDS),
    st.just(MissedAsked()),
    st.builds(OnsetChanged, WHEN),
    st.just(HoursChanged()),
    st.just(Stopped()),
    st.just(Superseded()),
    st.just(Reopened()),
)


@settings(max_examples=200, derandomize=True)
@given(
    st.lists(st.tuples(EVENTS, st.integers(0, 24 * 30)), max_size=14),
    st.sampled_from([None, "Asia/Kolkata"]),
)
def test_every_event_at_any_time_is_decided(
    events: list[tuple[FollowUpEvent, int]], zone: str | None
) -> None:
    told = Told()
    told.course = replace(told.course, zone=zone)
    told.happens(Started(None, 5))
    for event, hours in events:
        told.passes(timedelta(hours=hours))
        before = told.course
        decision = told.loses(event.follow_up) if isinstance(event, Undeliverable) else told.happens(event)

        assert isinstance(decision, Decision)
        if isinstance(event, ExtraCheckInWanted):
            assert _of_the_plan(told.course) == _of_the_plan(before), "it moves and replaces nothing"
        if decision.declined:
            assert told.course == before, "what is declined changes nothing"
        assert all(one.send_at >= one.due_at for one in told.course.planned)
        assert _at_most_one_of_each(told.course)


def _at_most_one_of_each(course: Course) -> bool:
    """No step is planned twice but what the person asked for, which is planned a few times at most; and a
    closed episode plans nothing but the one safety question."""
    planned = [(one.step, one.reminder) for one in _of_the_plan(course)]
    extra = [one for one in course.planned if is_extra(PROTOCOL, one) and one.sent_at is None]
    if course.episode.state is EpisodeState.CLOSED:
        return all(one.step == PROTOCOL.safe for one in course.planned)
    return len(planned) == len(set(planned)) and len(extra) <= MOST_EXTRA


def _of_the_plan(course: Course) -> list[FollowUp]:
    return [one for one in course.planned if not is_extra(PROTOCOL, one)]
