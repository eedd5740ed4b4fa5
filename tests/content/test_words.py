"""What a person reads of the shipped pack: answers, cards, whom to call; and how hard it is to read."""

from datetime import date
from pathlib import Path

import pytest

from tgbot.content import Review, Tier
from tgbot.packs.english_rules import grade
from tgbot.packs.loader import load
from tgbot.packs.word_rules import sentences, words
from tgbot.screens.faq_screens import answer_text
from tgbot.screens.markup import plain
from tgbot.screens.screen import call_line
from tgbot.screens.warning_screens import card_text

PACK = load(Path(__file__).parents[2] / "content")


def test_an_answer_shows_the_question_the_point_the_details_and_the_folded_sources() -> None:
    text = answer_text(PACK, PACK.answers["treat-best"])
    assert text.startswith(
        "<b>What is the best treatment for back spasms?</b>\n\nThere is no single best one."
    )
    assert (
        "<blockquote expandable>Written from the sources below. Not yet reviewed by a clinician.\n• " in text
    )
    assert '<a href="https://www.nice.org.uk/guidance/ng59/chapter/recommendations">' in text
    assert text.endswith("\nText of 27 November 2026.</blockquote>")


def test_a_reviewed_answer_says_by_whom_and_when() -> None:
    review = Review(by="Ada Example, nurse", on=date(2026, 12, 1), until=date(2027, 12, 1))
    text = answer_text(PACK, PACK.answers["treat-best"], review)
    assert "Reviewed by Ada Example, nurse on 1 December 2026." in text
    assert "Not yet reviewed" not in text


def test_an_unknown_country_gets_the_general_sentence_and_no_number_as_the_right_one() -> None:
    said = plain(call_line(PACK, None))
    assert said == (
        "📞 Call your local emergency number now. "
        "On a mobile, 112 or 911 works in many places, but not everywhere."
    )


def test_a_known_country_gets_its_own_number_and_a_doubtful_one_is_said_to_be_checked() -> None:
    assert plain(call_line(PACK, PACK.countries["NZ"])) == "📞 Call 111 now (New Zealand)."
    for country in PACK.countries.values():
        said = plain(call_line(PACK, country))
        assert country.shown in said
        assert ("local emergency number" in said) == (country.confidence == "C")


def test_every_card_of_tier_e_is_the_call_and_nothing_to_treat_yourself_with() -> None:
    for card in PACK.cards.values():
        text = card_text(PACK, card, (), PACK.countries["GB"])
        assert "{" not in text
        assert "\n\n\n" not in text
        if card.tier is Tier.EMERGENCY:
            assert "Call 999 or 112 now" in text
            assert not {"aspirin", "heat", "ice", "rest", "stretch"} & set(words(plain(text).lower()))


def test_the_same_day_card_names_the_sign_and_the_countrys_advice_line() -> None:
    card, sign = PACK.cards["same_day"], PACK.red_flags["U1"]
    assert "• Fever (38 °C" in card_text(PACK, card, [sign], None)
    assert "NHS 111" in card_text(PACK, card, [sign], PACK.countries["GB"])
    assert "NHS 111" not in card_text(PACK, card, [sign], PACK.countries["NZ"])


def test_the_tiers_signs_and_special_cards_of_the_brief_are_all_there() -> None:
    ids = {tier: [sign.id for sign in PACK.red_flags.values() if sign.tier is tier] for tier in Tier}
    special = ["crisis", "overdose", "bleed", "allergy"]
    assert ids[Tier.EMERGENCY] == [*(f"E{n}" for n in range(1, 9)), *special]
    assert ids[Tier.SAME_DAY] == [*(f"U{n}" for n in range(1, 14)), "S7"]  # S7: "same day if new"
    assert ids[Tier.SOON] == [f"S{n}" for n in range(1, 7)]
    assert {sign.card for sign in PACK.red_flags.values()} == set(PACK.cards)


def test_the_grade_is_kincaids_with_syllables_from_the_dictionary() -> None:
    # 10 words, 2 sentences, 11 syllables: 0.39 * 5 + 11.8 * 1.1 - 15.59
    assert grade(["The cat sat on it. Then it ate my apple."]) == pytest.approx(-0.66)
    # "ibuprofen" is a name and not counted
    assert grade(["The cat sat on ibuprofen it. Then it ate my apple."]) == pytest.approx(-0.66)


def test_a_list_item_is_a_sentence_and_a_decimal_point_is_no_end() -> None:
    assert sentences("About 7.3 of 100. In the U.K. too") == ["About 7.3 of 100.", "In the U.K. too"]
    assert sentences("no full stop") == ["no full stop"]
