"""The form that starts an episode: nobody loses it, and nobody is asked for what was told already."""

from datetime import UTC, datetime
from itertools import product
from zoneinfo import available_timezones

import pytest

from tests.fakes.phone import Phone, begun
from tgbot.followup.episode import EpisodeState
from tgbot.screens.buttons import OnsetDay, PickOnset, PickZone, ShowMenu, StartEpisode, pack, unpack
from tgbot.screens.markup import plain
from tgbot.screens.onsets import ToldOnset, packed_onset


async def asked_for_consent() -> Phone:
    phone = Phone(faq=True)
    await phone.types("episode")
    for label in ("Just now", "None of these", "Go on ›", "6"):
        await phone.taps(label)
    assert phone.screen.text.startswith("<b>May I keep this")
    return phone


async def test_whoever_looks_up_what_is_stored_comes_back_to_the_question_that_it_was_asked_from() -> None:
    phone = await asked_for_consent()
    question = phone.screen

    await phone.taps("What is stored")
    assert "What is stored about you" in phone.screen.text
    await phone.taps("‹ Back")

    assert phone.screen == question
    await phone.taps("Yes, check on me")
    assert "Noted" in phone.screen.text


@pytest.mark.parametrize("told", ["card", "words"])
async def test_a_country_that_was_told_before_is_kept_with_the_yes_and_not_asked_for_again(told: str) -> None:
    phone = Phone(faq=True)
    if told == "card":
        await phone.writes("i cant breathe and my chest hurts")
        await phone.taps("📞 Number for my country")
        await phone.taps("United Kingdom")
    else:
        await phone.writes("I'm in the UK")
    await phone.types("episode")
    for label in ("Just now", "None of these", "Go on ›", "6"):
        await phone.taps(label)
    assert await phone.stored() == (None, ())

    await phone.taps("Yes, check on me")
    await phone.taps(next(key.text for key in phone.keys(max(phone.chat)) if key.text.endswith("London")))

    person, _ = await phone.stored()
    assert person is not None
    assert person.country == "GB"
    assert "999 or 112" in plain(phone.screen.text)
    assert "Emergency number" not in str(phone.screen.rows)


async def test_a_country_that_was_told_is_not_kept_after_a_no() -> None:
    phone = Phone(faq=True)
    await phone.writes("I'm in the UK")
    await phone.types("episode")
    for label in ("Just now", "None of these", "Go on ›", "6", "No, thank you"):
        await phone.taps(label)

    assert await phone.stored() == (None, ())


TO = {
    "onset": (),
    "signs": ("Just now",),
    "which sign": ("Just now", "One of these ›"),
    "background": ("Just now", "None of these"),
    "pain": ("Just now", "None of these", "Go on ›"),
    "consent": ("Just now", "None of these", "Go on ›", "6"),
    "zone": ("Just now", "None of these", "Go on ›", "6", "Yes, check on me"),
    "days": ("Exact day and time ›",),
    "hours ago": ("Yesterday ›",),
}
ASKED = {
    "onset": "When did it start?",
    "signs": "do you have any of these now?",
    "which sign": "Which is it?",
    "background": "Is any of this so for you?",
    "pain": "How bad is the pain now?",
    "consent": "May I keep this",
    "zone": "What time is it where you are",
    "days": "What time is it where you are",
    "hours ago": "About how long ago",
}


async def asked(question: str) -> Phone:
    phone = Phone(faq=True)
    await phone.types("episode")
    for label in TO[question]:
        await phone.taps(label)
    return phone


def shown(phone: Phone) -> str:
    return plain(phone.screen.text)


@pytest.mark.parametrize(
    ("question", "typed", "comes"),
    [
        ("onset", "2 days ago", "I understood: it began 2 days ago."),
        ("onset", "about 3 hours ago", "do you have any of these now?"),
        ("onset", "just now", "do you have any of these now?"),
        ("onset", "yesterday", "About how long ago"),
        ("onset", "2 and a half hours ago", "I understood: it began"),
        ("onset", "days ago", "When did it start?"),
        ("onset", "31 february at 5pm", "When did it start?"),
        ("onset", "last night", "About how long ago"),
        ("onset", "longer ago", "About how long ago"),
        ("hours ago", "12", "do you have any of these now?"),
        ("signs", "no", "Is any of this so for you?"),
        ("signs", "none of those, thanks", "Is any of this so for you?"),
        ("signs", "yes", "Which is it?"),
        ("signs", "idk", "Which is it?"),
        ("which sign", "none", "Is any of this so for you?"),
        ("which sign", "fever", "Get medical help today"),
        ("background", "no", "How bad is the pain now?"),
        ("background", "back", "do you have any of these now?"),
        ("background", "skip", "How bad is the pain now?"),
        ("background", "go on", "How bad is the pain now?"),
        ("pain", "7", "May I keep this"),
        ("pain", "seven out of ten", "May I keep this"),
        ("consent", "no thanks", "Nothing was stored"),
        ("zone", "london", "Noted. I will write on"),
        ("zone", "I'm in the UK", "Noted. I will write on"),
        ("days", "London", "On which day did it start?"),
    ],
)
async def test_what_is_typed_as_an_answer_is_taken_for_one(question: str, typed: str, comes: str) -> None:
    phone = await asked(question)
    await phone.writes(typed)

    assert comes in shown(phone)


@pytest.mark.parametrize("question", TO)
@pytest.mark.parametrize(
    "typed",
    [
        "a potato",
        "it is my back",
        "🤷",
        "ok",
        "sure",
        "asdf ghjk",
        "11",
        "in 2 days",
        "we painted the fence and " * 400,
    ],
)
async def test_what_is_no_answer_is_told_kindly_and_the_same_is_asked_again(
    question: str, typed: str
) -> None:
    phone = await asked(question)
    await phone.writes(typed)

    assert ASKED[question] in shown(phone) or "When did it start?" in shown(phone)
    assert not shown(phone).startswith(ASKED[question]), "nothing is said about it"
    await phone.writes("asdf ghjk")
    assert ASKED[question] in shown(phone) or "When did it start?" in shown(phone)


@pytest.mark.parametrize("question", [question for question in TO if question != "zone"])
async def test_an_emergency_in_words_goes_before_the_form(question: str) -> None:
    phone = await asked(question)
    await phone.writes("now i have crushing chest pain")

    assert shown(phone).startswith("📞 Call your local emergency number now")
    assert "Back to the question" not in str(phone.screen.rows)


@pytest.mark.parametrize("question", TO)
@pytest.mark.parametrize("typed", ["can I drive with this", "what do you store about me?", "I have a fever"])
async def test_a_question_beside_the_form_is_answered_and_leads_back_to_it(question: str, typed: str) -> None:
    phone = await asked(question)
    before = shown(phone).splitlines()[-1]
    await phone.writes(typed)
    if question in ("which sign",) and typed == "I have a fever":
        return  # which is an answer
    assert ASKED[question] not in shown(phone)

    await phone.taps("‹ Back to the question")
    assert ASKED[question].split(",")[0] in shown(phone) or before in shown(phone)


@pytest.mark.parametrize("typed", ["tomorrow", "24 December", "in 2 days", "31/12/2026"])
async def test_a_time_to_come_is_said_to_be_one(typed: str) -> None:
    phone = await asked("onset")
    await phone.writes(typed)

    assert shown(phone).startswith("That time has not come yet.")


@pytest.mark.parametrize(
    "typed", ["2 years ago", "3 May 2019", "3000 years ago", "6 years ago in the morning"]
)
async def test_a_time_years_ago_is_said_to_be_too_long_ago(typed: str) -> None:
    phone = await asked("onset")
    await phone.writes(typed)
    if typed == "3 May 2019":
        await phone.writes("London")

    assert shown(phone).startswith("That is more than a year ago.")


async def test_an_hour_is_taken_over_once_the_clock_is_known_also_by_another_process() -> None:
    phone = await asked("onset")
    await phone.writes("yesterday evening")
    assert "Then I know which hour you mean" in shown(phone)
    phone.recent.forget(phone.person_id)
    await phone.taps(next(key.text for key in phone.keys(max(phone.chat)) if key.text.endswith("London")))

    assert "I understood: it began Sunday 22 November at 19:00." in shown(phone)
    for label in ("None of these", "Go on ›", "6", "Yes, check on me"):
        await phone.taps(label)
    assert (await phone.course()).zone == "Europe/London"
    assert f"{(await phone.course()).episode.onset:%d %H:%M}" == "22 19:00"


async def test_the_city_may_be_typed_as_well_and_an_unknown_one_keeps_the_hour() -> None:
    phone = await asked("onset")
    await phone.writes("yesterday evening")
    await phone.writes("Xyzzy")
    assert shown(phone).startswith("I don't know that place.")
    await phone.writes("Berlin")

    assert "I understood: it began Sunday 22 November at 19:00." in shown(phone)


async def test_a_day_alone_asks_for_its_hour_and_a_bare_number_is_one() -> None:
    phone = await asked("onset")
    await phone.writes("on saturday")
    await phone.writes("Berlin")
    assert "at about what time?" in shown(phone)
    await phone.writes("21")

    assert "I understood: it began Saturday 21 November at 21:00." in shown(phone)


@pytest.mark.parametrize("typed", ["yes", "yes please", "Yes, check on me", "check on me", "me", "ok yes"])
async def test_only_a_tap_agrees(typed: str) -> None:
    phone = await asked("consent")
    await phone.writes(typed)

    assert shown(phone).startswith("Only a tap says yes.")
    assert await phone.stored() == (None, ())
    await phone.taps("Yes, check on me")
    assert len((await phone.stored())[1]) == 1


async def test_the_same_or_a_new_one_can_be_typed_and_the_start_of_an_episode_be_changed_by_words() -> None:
    phone = await begun(faq=True)
    await phone.presses(StartEpisode(), max(phone.chat))
    await phone.writes("the same")
    assert shown(phone).startswith("Your episode began")

    await phone.taps("Change start")
    await phone.writes("2 hours ago")
    assert shown(phone).startswith("Changed. It began Monday 23 November at 07:10")


async def test_a_start_thousands_of_years_ago_changes_nothing_and_a_check_in_then_is_not_planned() -> None:
    phone = await begun(faq=True)
    await phone.presses(PickOnset("", (await phone.course()).episode.id), max(phone.chat))
    await phone.writes("3000 years ago")
    assert shown(phone).startswith("That is more than a year ago.")

    await phone.writes("check on me in 99999999999 years")
    assert shown(phone).startswith("I cannot plan that: it is over, or more than 60 days ahead.")


async def test_why_something_is_asked_is_said_and_it_is_asked_again() -> None:
    for question in TO:
        phone = await asked(question)
        await phone.writes("why do you ask?")
        assert ASKED[question].split(",")[0] in shown(phone) or "When did it start?" in shown(phone), question
        assert "did not understand" not in shown(phone), question


async def test_a_sign_that_is_typed_with_the_time_brings_its_card_and_the_form_goes_on_with_the_time() -> (
    None
):
    phone = await asked("onset")
    await phone.writes("since 2 days and I have a fever")
    assert shown(phone).startswith("Please speak to a doctor today.")
    await phone.taps("‹ Back to the question")
    assert "do you have any of these now?" in shown(phone)
    for label in ("None of these", "Go on ›", "6", "Yes, check on me"):
        await phone.taps(label)
    assert f"{(await phone.course()).episode.onset:%d %H:%M}" == "21 09:10"


async def test_a_sign_that_is_typed_where_a_start_is_changed_brings_its_card_and_changes_nothing() -> None:
    phone = await begun(faq=True)
    await phone.presses(PickOnset("", (await phone.course()).episode.id), max(phone.chat))
    await phone.writes("since 2 days and I have a fever")

    assert shown(phone).startswith("Please speak to a doctor today.")
    assert f"{(await phone.course()).episode.onset:%d}" == "23"


async def test_a_question_beside_the_zone_is_no_place() -> None:
    phone = await asked("onset")
    await phone.writes("yesterday evening")
    await phone.writes("do you even know the answer to that?")
    await phone.taps("‹ Back to the question")
    await phone.writes("Berlin")

    assert "I understood: it began Sunday 22 November at 19:00." in shown(phone)


async def test_a_country_told_beside_the_form_is_kept_with_the_yes() -> None:
    phone = await asked("consent")
    await phone.writes("I'm in Germany")
    assert "112" in shown(phone)
    for label in ("‹ Back to the question", "Yes, check on me"):
        await phone.taps(label)

    person, _ = await phone.stored()
    assert person is not None
    assert person.country == "DE"


async def test_what_is_tapped_ends_the_waiting_for_words() -> None:
    phone = await asked("onset")
    await phone.presses(ShowMenu(), max(phone.chat))
    await phone.writes("heat or ice")

    assert "Back to the question" not in str(phone.screen.rows)


@pytest.mark.parametrize("whose", ["", "+0123456789abcdef"])
async def test_a_day_to_come_in_a_forged_button_is_no_empty_choice(whose: str) -> None:
    phone = Phone(faq=True)
    await phone.types("episode")
    await phone.presses(OnsetDay("Europe/London", "800000", whose), max(phone.chat))

    assert shown(phone).startswith("That time has not come yet.")


@pytest.mark.parametrize("day", ["600001", "650000", "719162"])
async def test_a_day_of_another_century_in_a_forged_button_does_not_hold_the_bot_up(day: str) -> None:
    """Seconds since 1970 below nought had no end in base 36."""
    assert packed_onset(datetime(1643, 1, 1, tzinfo=UTC)) == "0"
    phone = Phone(faq=True)
    await phone.types("episode")
    await phone.presses(OnsetDay("Europe/London", day, ""), max(phone.chat))
    assert "On which day did it start?" in shown(phone)

    told = f"t{ToldOnset(int(day), 60).packed()}"
    await phone.presses(PickZone("Europe/London", "0", told), max(phone.chat))
    assert "When did it start?" in shown(phone)


def test_the_longest_told_time_fits_into_its_button() -> None:
    longest = max(available_timezones(), key=len)
    button = PickZone(longest, "0", f"t{ToldOnset(739_000, 1439).packed()}+0123456789abcdef")

    assert unpack(pack(button)) == button


@pytest.mark.parametrize("wish", ["ask me tomorrow at 9", "remind me in 3 hours", "check on me on friday"])
async def test_a_wish_to_be_asked_at_a_time_is_not_taken_for_when_it_began(wish: str) -> None:
    phone = Phone(faq=True)
    await phone.writes("ask me tomorrow at 9")
    await phone.writes(wish)

    assert phone.screen.text.startswith("<b>For that I need an episode, and your yes.</b>")
    assert "When did it start?" in phone.screen.text


@pytest.mark.parametrize("asked", ["background", "pain", "consent"])
async def test_a_same_day_sign_that_is_typed_later_is_noted_like_one_that_was_tapped(asked: str) -> None:
    phone = Phone(faq=True)
    await phone.types("episode")
    for label in ("Just now", "None of these"):
        await phone.taps(label)
    for label in ("Go on ›", "6")[: ("background", "pain", "consent").index(asked)]:
        await phone.taps(label)
    await phone.writes("i have a fever")
    await phone.taps("‹ Back to the question")
    for label in ("Go on ›", "6", "Yes, check on me")[("background", "pain", "consent").index(asked) :]:
        await phone.taps(label)

    assert "Get medical help today" in plain(phone.screen.text)


@pytest.mark.parametrize(
    "typed",
    [
        "don't write to me at night",
        "stop writing at night",
        "dont check on me tonight",
        "dont check on me tomorrow",
        "dont check on me in 2 days",
        "don't message me during work",
        "stop texting me at 9",
        "stop until tomorrow",
        "don't text me before 8am",
    ],
)
async def test_a_stop_for_some_time_only_closes_nothing_and_leads_to_the_quiet_hours(typed: str) -> None:
    phone = await begun(faq=True)
    await phone.writes(typed)

    assert "Nothing is stopped" in phone.screen.text
    assert [key.text for key in phone.keys(max(phone.chat))] == ["Quiet hours", "Stop messages"]
    assert (await phone.course()).episode.state is EpisodeState.OPEN
    await phone.taps("Stop messages")
    assert (await phone.course()).episode.state is EpisodeState.CLOSED


async def asked_for(asked: str) -> Phone:
    """An open episode, and the question that this command or key brings."""
    phone = await begun(faq=True)
    if asked.startswith("/"):
        await phone.writes(asked)
    elif asked == "A new one":
        await phone.presses(StartEpisode(), max(phone.chat))
        for label in (asked, "Just now"):
            await phone.taps(label)
    else:
        await phone.types("episode")
        await phone.taps(asked)
    return phone


@pytest.mark.parametrize(
    ("asked", "typed"),
    [
        *product(
            ["/zone", "/note", "/pain", "Change start", "How it is now", "A new one"], ["cancel", "quit"]
        ),
        *product(["Change start", "A new one"], ["Stop!"]),
    ],
)
async def test_whoever_drops_what_is_asked_drops_only_that(asked: str, typed: str) -> None:
    phone = await asked_for(asked)
    await phone.writes(typed)

    assert "I do not ask that any more" in phone.screen.text
    assert (await phone.course()).episode.state is EpisodeState.OPEN
    await phone.writes("stop")
    assert "Stopped" in phone.screen.text


@pytest.mark.parametrize("asked", ["/zone", "/note", "/pain"])
async def test_a_bare_stop_stops_the_check_ins_whatever_is_asked(asked: str) -> None:
    phone = await asked_for(asked)
    await phone.writes("Stop!")

    assert (await phone.course()).episode.state is EpisodeState.CLOSED


async def test_go_on_right_after_a_stop_takes_it_back() -> None:
    phone = await begun(faq=True)
    await phone.writes("stop")
    await phone.writes("go on")

    assert (await phone.course()).episode.state is EpisodeState.OPEN
