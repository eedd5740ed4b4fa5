"""Who needs another road is asked once, at the start, and remembered with consent for every check-in."""

from datetime import timedelta

import pytest

from tests.fakes.phone import FRAME, SCREENS, Phone, begun
from tgbot.followup.episode import EntryKind
from tgbot.screens.buttons import Begin, pack, unpack
from tgbot.screens.markup import plain

HOUR = timedelta(hours=1)
BACKGROUND = FRAME.protocol.background
TODAY = {"cancer", "immune"}
# Each in the words of its advice: what it must say, in letters.
MUST_SAY = {
    "young": ("clinician", "for adults"),
    "pregnant": ("maternity unit today", "before any tablet"),
    "cancer": ("should be seen today", "before any tablet"),
    "immune": ("should be seen today", "with or without a fever"),
    "bones": ("if it came suddenly, be seen today, even without a fall", "see a doctor this week"),
    "thinners": ("after a knock or a fall", "before any painkiller"),
}


async def to_the_question(phone: Phone, sign: str = "None of these") -> None:
    await phone.types("episode")
    await phone.taps("Just now")
    if sign != "None of these":
        await phone.taps("One of these ›")
    await phone.taps(sign)


def label(told: str) -> str:
    return FRAME.plain(f"label.background.{told}")


@pytest.mark.parametrize("told", BACKGROUND)
async def test_each_has_its_advice_at_the_start_at_the_end_and_at_every_check_in(told: str) -> None:
    phone = Phone()
    await to_the_question(phone)
    await phone.taps(label(told))
    assert f"☑ {label(told)}" in [key.text for key in phone.keys(max(phone.chat))]
    await phone.taps("Go on ›")
    at_the_start = plain(phone.screen.text)
    for tap in ("6", "Yes, check on me"):
        await phone.taps(tap)
    await phone.taps(next_zone(phone))
    at_the_end = plain(phone.screen.text)
    await phone.time_passes(73 * HOUR)
    for tap in (
        "Open",
        "None of these",
        *(("No",) if told in TODAY else ()),
        "About the same",
        "Some things",
    ):
        await phone.taps(tap)
    at_a_check_in = plain(phone.screen.text)

    for words in MUST_SAY[told]:
        assert words in at_the_start
        assert words in at_the_end
        assert words in at_a_check_in
    if told in TODAY:
        for said in (at_the_start, at_the_end, at_a_check_in):
            assert "today" in said.partition("\n")[0], said


def next_zone(phone: Phone) -> str:
    """The key of London, once zones are shown."""
    return next((key.text for key in phone.keys(max(phone.chat)) if key.text.endswith("London")), "")


async def test_several_can_be_ticked_and_unticked_and_none_need_be() -> None:
    phone = Phone()
    await to_the_question(phone)
    await phone.taps(label("bones"))
    await phone.taps(label("thinners"))
    await phone.taps(f"☑ {label('bones')}")
    await phone.taps("Go on ›")

    assert "Blood thinners" in phone.screen.text
    assert "Weak bones" not in phone.screen.text
    again = Phone()
    await to_the_question(again)
    await again.taps("Go on ›")
    assert plain(again.screen.text).startswith("How bad is the pain now?")


async def test_nothing_of_it_is_stored_without_consent_and_the_advice_is_given_all_the_same() -> None:
    phone = Phone()
    await to_the_question(phone)
    for tap in (label("cancer"), "Go on ›", "6", "No, thank you"):
        await phone.taps(tap)

    said = plain(phone.screen.text)
    assert "today" in said.partition("\n")[0]
    assert "should be seen today" in said
    assert (await phone.stored())[1] == ()


async def test_it_is_stored_as_entries_and_ticked_already_when_an_episode_begins_anew() -> None:
    phone = Phone()
    await to_the_question(phone)
    for tap in (label("bones"), "Go on ›", "6", "Yes, check on me"):
        await phone.taps(tap)
    course = await phone.course()
    assert [one.value for one in course.entries if one.kind == EntryKind.BACKGROUND] == ["bones"]
    await phone.types("cancel")
    await to_the_question(phone)

    assert f"☑ {label('bones')}" in [key.text for key in phone.keys(max(phone.chat))]


async def test_a_same_day_sign_stands_above_the_question() -> None:
    phone = Phone()
    await to_the_question(phone, FRAME.plain("button.sign.fever"))

    assert "today" in plain(phone.screen.text).partition("\n")[0]
    assert len(phone.screen.rows) <= 5


async def test_after_cancer_the_contact_of_24_hours_is_the_one_that_is_promised() -> None:
    phone = Phone()
    await to_the_question(phone)
    for tap in (label("cancer"), "Go on ›", "6", "Yes, check on me"):
        await phone.taps(tap)

    assert "24 hours from now" in phone.screen.text
    assert [one.step for one in (await phone.course()).planned] == ["h24", "h72"]


async def test_the_signs_that_are_asked_for_less_often_are_one_tap_behind() -> None:
    for sign in ("arm", "tummy", "weight", "cause"):
        phone = await begun()
        await phone.time_passes(73 * HOUR)
        for tap in ("Open", "One of these ›", "More signs ›", FRAME.plain(f"button.sign.{sign}")):
            await phone.taps(tap)
        assert "today" in plain(phone.screen.text).partition("\n")[0], sign
        start = Phone()
        await to_the_question(start, "None of these")
        await start.taps("‹ Back")
        for tap in ("One of these ›", "More signs ›", FRAME.plain(f"button.sign.{sign}")):
            assert len(start.screen.rows) <= 5
            await start.taps(tap)
        assert "today" in plain(start.screen.text).partition("\n")[0], sign


async def test_an_episode_after_it_was_gone_says_that_it_may_want_looking_at() -> None:
    phone = await begun()
    await phone.time_passes(73 * HOUR)
    for tap in ("Open", "None of these", "Gone", "It is back"):
        await phone.taps(tap)

    assert "have a doctor look at it this week" in phone.screen.text


@pytest.mark.parametrize("sign", FRAME.protocol.signs)
def test_the_longest_form_fits_into_a_button(sign: str) -> None:
    form = Begin("zzzzzz", sign, "10", "y", "+" + "w" * 16, "-ypcibt")
    assert unpack(pack(form)) == form


def test_a_form_of_an_older_message_still_means_what_it_meant() -> None:
    assert unpack("eb:tilt00:-:6::") == Begin("tilt00", "-", "6")


def test_every_sign_of_the_pack_for_today_and_for_this_week_is_reachable_by_taps() -> None:
    shown = plain(SCREENS.warnings.same_day().text)
    for flag in FRAME.pack.red_flags.values():
        if flag.tier in ("U", "S"):
            assert flag.label in shown
