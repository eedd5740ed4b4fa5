"""What the person gets unasked: when, in which words, and when not. The whole follow-up, without Telegram."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.fakes.phone import FRAME, Phone, begun
from tgbot.clock import ManualClock
from tgbot.followup.episode import WITHDRAWN, ClosedBecause, Consent, EpisodeState, FollowUpState
from tgbot.screens.buttons import PickZone, ShowEpisode
from tgbot.screens.check_screens import CheckScreens
from tgbot.screens.markup import plain

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ABOUT_HEALTH = ("pain", "back", "spasm", "sore", "doctor", "health", "symptom", "hurt")


async def test_it_comes_exactly_72_hours_after_onset_and_not_a_second_before() -> None:
    phone = await begun()
    await phone.time_passes(72 * HOUR - timedelta(seconds=1))
    assert phone.outbox == []
    await phone.time_passes(timedelta(seconds=1))

    assert [sent.at - sent.course.episode.onset for sent in phone.outbox] == [72 * HOUR]


async def test_the_lock_screen_says_nothing_about_health() -> None:
    phone = await begun()
    await phone.time_passes(4 * DAY)

    assert len(phone.outbox) == 2, "the check-in and its reminder"
    for sent in phone.outbox:
        words = plain(phone.chat[sent.message_id].text).lower()
        assert not [word for word in ABOUT_HEALTH if word in words.replace("back ", "")]


async def test_a_check_in_due_at_night_waits_for_the_morning() -> None:
    phone = await begun(zone="Sydney")  # 09:10 in London is 20:10 in Sydney
    await phone.types("settings")
    await phone.taps("Quiet hours")
    await phone.taps("20:00 – 07:00")
    await phone.time_passes(4 * DAY)

    first = phone.outbox[0]
    assert FRAME.when.clock(first.at, "Australia/Sydney") == "07:00"
    assert first.at > first.follow_up.due_at


async def test_the_exact_hour_is_said_and_said_anew_when_the_clock_is_another() -> None:
    phone = await begun()
    assert "Thursday 26 November at 09:10, your time" in phone.screen.text
    await phone.types("zone", "New York")

    # 04:10 in New York falls into the quiet hours, which end at eight.
    assert "Thursday 26 November at 08:00, your time" in phone.screen.text


@pytest.mark.parametrize(
    ("city", "hours", "said"),
    [("Sao Paulo", 76, "Friday 27 November at 08:00"), ("Los Angeles", 73, "Thursday 26 November at 15:00")],
    ids=["night there too", "day there"],
)
async def test_a_check_in_waiting_for_the_morning_is_never_promised_for_an_hour_that_has_passed(
    city: str, hours: int, said: str
) -> None:
    ten_at_night = datetime(2026, 11, 23, 22, 0, tzinfo=UTC)
    phone = await begun(clock=ManualClock(ten_at_night))
    await phone.time_passes(hours * HOUR)
    assert phone.outbox == []

    await phone.types("zone", city)

    assert f"{said}, your time" in phone.screen.text
    await phone.time_passes(12 * HOUR)
    (sent,) = phone.outbox
    assert f"{FRAME.when.exact(sent.at, (await phone.course()).zone)}" == said


@pytest.mark.parametrize("zone", ["Factory", "localtime", "Etc/GMT+5", "EST", "Nowhere/City"])
async def test_a_zone_of_no_place_is_not_kept(zone: str) -> None:
    phone = await begun()
    await phone.presses(PickZone(zone), max(phone.chat))
    if zone != "EST":  # typed, it is New York's
        await phone.types("zone", zone)

    person, _ = await phone.stored()

    assert person is not None
    assert person.zone == "Europe/London"


async def test_whom_to_call_is_said_once_in_any_advice() -> None:
    phone = await begun()
    course = await phone.course()
    check, one = CheckScreens(FRAME), course.follow_ups[0]
    for advice in (key for key in FRAME.pack.ui if key.startswith("advice.")):
        shown = check.advice(course, one, advice.removeprefix("advice."), None, phone.clock.now()).text

        assert shown.count(FRAME.call(None)) == 1, advice
        assert "no one reads this chat" in shown
    assert check.warning("fever", None).text.count(FRAME.call(None)) == 1


async def test_an_outage_makes_it_late_and_it_says_so() -> None:
    phone = await begun()
    phone.clock.push(100 * HOUR)
    await phone.delivers()

    (sent,) = phone.outbox
    assert "It was due on Thursday 26 November at 09:10" in phone.chat[sent.message_id].text


async def test_who_is_asked_whether_they_are_safe_sees_when_and_can_stop_it() -> None:
    phone = await begun()
    await phone.time_passes(72 * HOUR)
    for label in ("Open", "One of these ›", "Weak legs", "Ask me once tomorrow if I am safe"):
        await phone.taps(label)
    when = "I write on Friday 27 November at 09:10, your time"
    assert when in (await phone.presses(ShowEpisode(), max(phone.chat))).text
    assert when in (await phone.types("settings")).text
    await phone.taps("Stop messages")
    await phone.time_passes(3 * DAY)

    assert len(phone.outbox) == 1


@pytest.mark.parametrize("command", ["history", "settings", "pain"])
async def test_what_is_overdue_comes_as_soon_as_possible_and_not_at_an_hour_that_has_passed(
    command: str,
) -> None:
    phone = await begun()
    phone.clock.push(100 * HOUR)
    shown = (await phone.types(command, "4" if command == "pain" else "")).text
    assert "I write on" not in shown
    assert "as soon as possible" in shown
    assert "as soon as possible" in (await phone.presses(ShowEpisode(), max(phone.chat))).text
    await phone.delivers()

    assert "as soon as possible" not in (await phone.types(command, "4" if command == "pain" else "")).text


async def test_an_outage_that_ends_at_night_is_still_owned_up_to_in_the_morning() -> None:
    phone = await begun()
    phone.clock.push(84 * HOUR)  # due at 09:10, up again at 21:10
    await phone.delivers()
    assert phone.outbox == []
    await phone.time_passes(DAY)

    (sent,) = phone.outbox
    assert FRAME.when.clock(sent.at, "Europe/London") == "08:00"
    assert "It was due on Thursday 26 November at 09:10" in phone.chat[sent.message_id].text


async def test_a_snooze_is_not_called_late() -> None:
    phone = await begun()
    await phone.time_passes(72 * HOUR)
    await phone.taps("Later ›")
    await phone.taps("Tomorrow")
    await phone.time_passes(DAY)

    assert len(phone.outbox) == 2
    assert "late" not in phone.screen.text


async def test_tomorrow_is_the_same_hour_when_the_clocks_change_in_between() -> None:
    phone = await begun(clock=ManualClock(datetime(2026, 10, 21, 8, 10, tzinfo=UTC)))
    await phone.time_passes(72 * HOUR)
    await phone.taps("Later ›")
    await phone.taps("Tomorrow")

    assert "Sunday 25 October at 09:10, your time" in phone.screen.text


async def test_who_may_not_have_got_the_check_in_is_reminded_and_gets_the_next_step() -> None:
    phone = await begun()
    phone.cut = True
    await phone.time_passes(73 * HOUR)
    phone.cut = False
    course = await phone.course()
    assert [one.state for one in course.follow_ups if one.sent_at is None][:1] == [FollowUpState.UNCONFIRMED]
    await phone.time_passes(7 * DAY)

    assert [(sent.follow_up.step, sent.follow_up.reminder) for sent in phone.outbox][:2] == [
        ("h72", True),
        ("d7", False),
    ]


async def test_an_answer_to_a_check_in_that_had_arrived_after_all_plans_anew() -> None:
    phone = await begun()
    phone.cut = True
    await phone.time_passes(73 * HOUR)
    phone.cut = False
    await phone.time_passes(DAY)
    for label in ("Open", "None of these", "Better", "Most things"):
        await phone.taps(label)

    assert [one.step for one in (await phone.course()).planned] == ["d14"]


async def test_quiet_hours_alone_are_not_called_late() -> None:
    phone = await begun(zone="Los Angeles")
    await phone.time_passes(4 * DAY)

    assert "late" not in phone.chat[phone.outbox[0].message_id].text


async def test_more_than_a_week_late_is_not_sent_but_seen_and_the_plan_goes_on() -> None:
    phone = await begun()
    phone.clock.push(11 * DAY)
    await phone.delivers()
    assert phone.outbox == []
    course = await phone.course()
    assert [one.state for one in course.follow_ups if one.step == "h72"] == [FollowUpState.EXPIRED]
    await phone.types("history")
    assert "a check-in could not be sent in time" in phone.screen.text

    await phone.time_passes(3 * DAY + HOUR)

    assert [sent.follow_up.step for sent in phone.outbox] == ["d14"]


async def test_after_an_outage_with_two_due_one_message_asks() -> None:
    phone = await begun(sign="Fever, very ill")
    phone.clock.push(80 * HOUR)
    await phone.delivers()

    assert [sent.follow_up.step for sent in phone.outbox] == ["h72"]
    stored = {one.step: one.state for one in (await phone.course()).follow_ups if not one.reminder}
    assert (stored["h24"], stored["h72"]) == (FollowUpState.CANCELLED, FollowUpState.SENT)


@pytest.mark.parametrize("how", ["cancel", "withdraw", "forget"])
async def test_who_says_stop_hears_nothing_more(how: str) -> None:
    phone = await begun()
    if how == "cancel":
        await phone.types("cancel")
    elif how == "withdraw":
        await phone.types("settings")
        await phone.taps("Withdraw consent")
    else:
        await phone.store.transact(
            phone.person_id, lambda tx: tx.people.forget(phone.person_id, phone.clock.now())
        )
    await phone.time_passes(60 * DAY)

    assert phone.outbox == []


async def test_after_withdrawing_consent_nothing_new_is_kept_and_it_is_asked_for_again() -> None:
    phone = await begun()
    await phone.types("settings")
    await phone.taps("Withdraw consent")
    await phone.types("pain", "4")
    assert "your consent" in phone.screen.text
    await phone.types("history")
    assert "pain 6 of 10" in phone.screen.text, "what was noted before is still theirs"
    assert "pain 4 of 10" not in phone.screen.text

    await phone.types("episode")
    for label in ("Just now", "None of these", "Go on ›"):  # the 4 is still known
        await phone.taps(label)

    assert "Without your yes, nothing is stored" in phone.screen.text


async def test_settings_never_say_that_nothing_is_kept_while_something_is() -> None:
    stranger = Phone()
    await stranger.types("settings")
    assert "I keep nothing about you yet" in stranger.screen.text

    phone = await begun()
    await phone.types("settings")
    await phone.taps("Withdraw consent")
    for again in ("settings", "zone"):
        await phone.types(again, "Rome" if again == "zone" else "")
        assert "still here" in phone.screen.text
        assert "Erase everything" in [key.text for key in phone.keys(max(phone.chat))]


async def test_blocked_for_a_while_nothing_is_lost() -> None:
    phone = await begun()
    phone.blocked = True
    await phone.time_passes(73 * HOUR)
    person, _ = await phone.stored()
    assert person is not None
    assert person.paused

    phone.blocked = False
    await phone.types("history")
    assert "a check-in could not reach you" in phone.screen.text
    await phone.time_passes(12 * DAY)

    assert [sent.follow_up.step for sent in phone.outbox][:1] == ["d7"]


async def test_the_taps_of_a_whole_form_are_five_and_nothing_is_stored_before_the_fourth() -> None:
    phone = Phone()
    await phone.types("episode")
    for label in ("Just now", "None of these", "Go on ›", "6"):
        await phone.taps(label)
    assert await phone.stored() == (None, ())
    await phone.taps("Yes, check on me")
    person, _ = await phone.stored()
    assert person is not None
    assert person.consent.version == FRAME.protocol.consent
    assert person.consent.at == phone.clock.now()

    await phone.taps("09:10 · London")

    assert "Noted. I will write on" in phone.screen.text


async def test_the_ladder_is_climbed_by_the_courier_as_the_plan_has_it() -> None:
    phone = await begun()
    while (course := await phone.course()).planned:
        await phone.time_passes(course.planned[0].send_at - phone.clock.now())
        for label in ("Open", "None of these", "About the same", "Some things"):
            await phone.taps(label)

    came = [(sent.follow_up.step, sent.at - sent.course.episode.onset) for sent in phone.outbox]
    assert came == [(step.id, step.after) for step in FRAME.protocol.ladder]
    assert course.episode.state is EpisodeState.CLOSED


async def test_an_episode_that_is_over_says_why() -> None:
    phone = await begun()
    await phone.types("cancel")
    course = await phone.course()
    assert course.episode.closed_because == ClosedBecause.STOPPED
    await phone.types("history")

    assert "stopped by you" in phone.screen.text


@pytest.mark.parametrize(
    ("start", "said"),
    [
        (datetime(2026, 10, 30, 13, 0, tzinfo=UTC), "Monday 2 November at 08:00, your time"),
        (datetime(2027, 3, 12, 14, 0, tzinfo=UTC), "Monday 15 March at 10:00, your time"),
    ],
    ids=["clocks go back", "clocks go forward"],
)
async def test_seventy_two_hours_are_seventy_two_hours_when_the_clocks_change(
    start: datetime, said: str
) -> None:
    phone = await begun(zone="New York", clock=ManualClock(start))
    assert said in phone.screen.text

    await phone.time_passes(72 * HOUR)

    assert [sent.at for sent in phone.outbox] == [start + 72 * HOUR]


async def agreed_to_an_older_text(phone: Phone) -> None:
    person, _ = await phone.stored()
    assert person is not None
    older = replace(person, consent=replace(person.consent, version="2020-01-01"))
    await phone.store.transact(older.id, lambda tx: tx.people.save_person(older))


async def test_a_new_consent_text_ends_nobodys_follow_up() -> None:
    phone = await begun()
    await agreed_to_an_older_text(phone)
    await phone.time_passes(72 * HOUR)
    for label in ("Open", "None of these", "About the same", "Some things"):
        await phone.taps(label)
    await phone.types("settings")
    assert "New York" not in phone.screen.text
    await phone.types("zone", "New York")
    assert "New York" in phone.screen.text
    await phone.time_passes(5 * DAY)

    assert [sent.follow_up.step for sent in phone.outbox] == ["h72", "d7"]


async def test_whoever_agreed_to_an_older_text_is_asked_anew_before_a_new_episode() -> None:
    phone = await begun()
    await phone.types("cancel")
    await agreed_to_an_older_text(phone)
    await phone.types("episode")
    for label in ("Just now", "None of these", "Go on ›", "5"):
        await phone.taps(label)
    assert "Without your yes, nothing is stored" in phone.screen.text
    assert len((await phone.stored())[1]) == 1
    await phone.taps("Yes, check on me")

    person, courses = await phone.stored()
    assert person is not None
    assert person.consent.version == FRAME.protocol.consent
    assert len(courses) == 2


async def test_whoever_took_their_consent_back_gets_nothing_although_a_check_in_is_still_planned() -> None:
    phone = await begun()
    person, _ = await phone.stored()
    assert person is not None
    taken_back = replace(person, consent=Consent(WITHDRAWN, phone.clock.now()))
    await phone.store.transact(person.id, lambda tx: tx.people.save_person(taken_back))
    await phone.time_passes(5 * DAY)

    assert phone.outbox == []
    found = await phone.store.transact(person.id, lambda tx: tx.people.episodes(person.id))
    rows = await phone.store.transact(person.id, lambda tx: tx.people.follow_ups(person.id, found[0].id))
    assert {one.state for one in rows} == {FollowUpState.CANCELLED}


@pytest.mark.parametrize(("late", "sent"), [(timedelta(days=10), True), (timedelta(days=15), False)])
async def test_how_late_a_check_in_may_come_is_for_the_plan_to_say(late: timedelta, sent: bool) -> None:
    phone = await begun()
    rules = replace(FRAME.protocol.rules, expires_after=timedelta(days=14))
    phone.episodes.protocol = replace(FRAME.protocol, rules=rules)
    phone.clock.push(3 * DAY + late)
    await phone.delivers()

    assert (FRAME.protocol.main in {message.follow_up.step for message in phone.outbox}) == sent
