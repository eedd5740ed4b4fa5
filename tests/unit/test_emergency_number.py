"""Whom to call: the number is in a card's first line, and the card stays while a country is picked."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.phone import FRAME, INDEX, SCREENS, Phone, begun
from tgbot.content import Tier
from tgbot.errors import BackcheckError
from tgbot.packs.whole import Whole
from tgbot.screens.buttons import CheckCountry, pack
from tgbot.screens.faq_screens import Screens
from tgbot.screens.markup import plain
from tgbot.settings import Settings, SettingsError
from tgbot.wiring.editions import at_home

GB = "📞 Call 999 or 112 now (United Kingdom)."


def first_line(phone: Phone) -> str:
    return plain(phone.screen.text).splitlines()[0]


async def test_a_country_is_two_taps_away_and_the_card_stays() -> None:
    phone = Phone(faq=True)
    typed = plain((await phone.writes("i cant breathe and my chest hurts")).text)
    card = typed.partition("\n\nYou wrote:")[0]
    await phone.taps("📞 Number for my country")
    assert plain(phone.screen.text) == card
    await phone.taps("United Kingdom")

    assert first_line(phone) == GB
    assert plain(phone.screen.text).splitlines()[1:] == card.splitlines()[1:]
    assert len(phone.chat) == 1


async def test_a_country_stays_for_this_conversation_without_consent_and_is_stored_nowhere() -> None:
    phone = Phone(faq=True)
    await phone.writes("i cant breathe and my chest hurts")
    await phone.taps("United Kingdom")
    await phone.writes("crushing chest pain")
    assert first_line(phone) == GB
    assert await phone.stored() == (None, ())

    await phone.time_passes(timedelta(hours=2))
    await phone.writes("crushing chest pain")
    assert first_line(phone).startswith("📞 Call your local emergency number now.")


async def test_with_consent_the_country_is_kept() -> None:
    phone = await begun(faq=True)
    await phone.writes("crushing chest pain")
    await phone.taps("United Kingdom")
    person, _ = await phone.stored()
    assert person is not None
    assert person.country == "GB"

    await phone.time_passes(timedelta(hours=2))
    await phone.writes("crushing chest pain")
    assert first_line(phone) == GB


async def test_in_a_check_in_the_card_keeps_its_own_buttons() -> None:
    phone = await begun(faq=True)
    await phone.time_passes(timedelta(hours=73))
    for label in ("Open", "One of these ›", "Weak legs"):
        await phone.taps(label)
    own = {"Ask me once tomorrow if I am safe", "↩︎ I tapped wrong"}
    assert own < {key.text for key in phone.keys(max(phone.chat))}
    for label in ("📞 Number for my country", "D–H", "Germany"):
        await phone.taps(label)

    assert first_line(phone) == "📞 Call 112 now (Germany)."
    assert "I have stopped the check-ins" in phone.screen.text
    assert own < {key.text for key in phone.keys(max(phone.chat))}


def test_a_button_of_a_check_in_s_card_fits_whatever_it_holds() -> None:
    assert pack(CheckCountry("x" * 30, "y" * 16, "", "10"))


def test_the_operator_s_country_is_shown_at_once_and_another_is_a_tap_away() -> None:
    screens = Screens(replace(FRAME.pack, country="IE"))
    card = screens.warnings.card(("E1",))

    assert plain(card.text).startswith("📞 Call 112 or 999 now (Ireland).")
    assert [key.text for row in card.rows for key in row] == ["📞 Another country", "☰ All topics"]


def test_a_card_to_be_seen_today_says_call_only_for_what_may_come() -> None:
    flag = next(flag for flag in FRAME.pack.red_flags.values() if flag.tier is Tier.SAME_DAY)
    text = plain(SCREENS.warnings.card((flag.id,), FRAME.pack.countries["GB"]).text)

    assert "If that happens, call 999 or 112 (United Kingdom)." in text
    assert "📞" not in text


def test_a_country_that_the_pack_has_no_number_for_is_an_error_at_start() -> None:
    whole = Whole(FRAME.pack, FRAME.protocol, INDEX)
    assert at_home(whole, "GB").pack.country == "GB"
    assert at_home(whole, None) is whole
    with pytest.raises(BackcheckError, match="BACKCHECK_COUNTRY is XX"):
        at_home(whole, "XX")


def test_a_country_is_two_letters() -> None:
    assert Settings.read({"BACKCHECK_COUNTRY": "gb"}).country == "GB"
    with pytest.raises(SettingsError, match="two letters"):
        Settings.read({"BACKCHECK_COUNTRY": "England"})
