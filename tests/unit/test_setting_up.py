"""The form that starts an episode: nobody loses it, and nobody is asked for what was told already."""

import pytest

from tests.fakes.phone import Phone
from tgbot.screens.markup import plain


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
