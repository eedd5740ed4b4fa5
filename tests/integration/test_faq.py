"""The FAQ as people meet it: menu, topics, answers, typed words, warning signs."""

import pytest

from tests.content.test_seed_questions import SEED
from tests.fakes.languages import shipped
from tgbot.content import ContentPack
from tgbot.simulator.simulated_people import SimulatedPerson
from tgbot.simulator.simulator_server import Simulator

PACK, _ = shipped()


async def test_start_says_what_this_is_and_is_not(ada: SimulatedPerson) -> None:
    await ada.send("/start")

    assert "not a doctor" in ada.screen.text
    assert "no one reads this chat" in ada.screen.text
    assert "⚠️ Warning signs" in ada.screen.labels


async def test_every_answer_is_a_few_taps_away_in_one_message_and_back_leads_back(
    ada: SimulatedPerson,
) -> None:
    await ada.send("/start")
    first = ada.screen.message_id

    for topic in PACK.topics.values():
        for answer in topic.answers:
            page = PACK.answers[answer]
            await ada.tap(topic.title)
            while page.on_button not in ada.screen.labels:
                await ada.tap("More ›")
            await ada.tap(page.on_button)
            assert ada.screen.text.startswith(page.question)
            assert "⚠️ Warning signs" in ada.screen.labels
            await ada.tap("‹ Back")
            assert ada.screen.text.startswith(topic.title)
            await ada.tap("☰ All topics")

    assert ada.screen.message_id == first
    assert len(ada.screens) == 1


@pytest.mark.parametrize(("wording", "answer"), SEED.items())
async def test_every_wording_of_the_first_page_finds_its_answer(
    ada: SimulatedPerson, wording: str, answer: str
) -> None:
    await ada.send(wording)

    assert ada.screen.text.startswith(PACK.answers[answer].question)


async def test_the_number_of_a_chosen_country_is_shown_and_of_no_other(ada: SimulatedPerson) -> None:
    await ada.send("/urgent")
    await ada.tap("📞 Number for my country")
    await ada.tap("N–Q")
    await ada.tap("Norway")

    assert "113" in ada.screen.text
    assert "911" not in ada.screen.text


async def test_nonsense_gets_an_honest_answer_with_the_menu(ada: SimulatedPerson) -> None:
    await ada.send("qwertz uiop")

    assert "I don't know that" in ada.screen.text
    assert next(iter(PACK.topics.values())).title in ada.screen.labels


async def test_an_unknown_command_gets_a_helpful_answer(ada: SimulatedPerson) -> None:
    await ada.send("/abracadabra")

    assert "don't know that command" in ada.screen.text


async def test_a_deep_link_opens_its_answer(ada: SimulatedPerson) -> None:
    await ada.send("/start treat-best")

    assert ada.screen.text.startswith(PACK.answers["treat-best"].question)


async def test_a_forged_button_brings_the_menu_and_a_word_about_it(ada: SimulatedPerson) -> None:
    await ada.send("/start")
    answer = await ada.tap_data("a:no-such-answer", ada.screen.message_id)

    assert answer is not None
    assert "older message" in answer["text"]
    assert "What would you like to know?" in ada.screen.text


async def test_tapping_the_same_button_twice_breaks_nothing_and_says_nothing_twice(
    ada: SimulatedPerson,
) -> None:
    await ada.send("/start")
    start = ada.screen
    await ada.tap("⚠️ Warning signs")
    await ada.tap("⚠️ Warning signs", on=start)

    assert len(ada.screens) == 1
    assert "Warning signs: do it now" in ada.screen.text


async def test_a_vote_is_thanked_for_and_changes_nothing_on_the_screen(ada: SimulatedPerson) -> None:
    await ada.send("/start treat-best")
    before = ada.screen.text
    answer = await ada.tap("👍")

    assert answer is not None
    assert answer["text"] == "Thank you."
    assert ada.screen.text == before


def test_the_pack_used_here_is_the_one_that_ships() -> None:
    assert isinstance(PACK, ContentPack)
    assert len(PACK.answers) >= 11


async def test_forgetting_when_nothing_is_stored_says_so(ada: SimulatedPerson) -> None:
    await ada.send("/forget")
    await ada.tap("Yes, erase everything")

    assert "Nothing that you told me is stored" in ada.screen.text


async def test_a_bot_that_was_blocked_stays_alive_for_everybody_else(
    ada: SimulatedPerson, simulator: Simulator
) -> None:
    await ada.send("/start")
    await ada.block()
    ben = simulator.person("Ben")
    await ben.send("/help")

    assert "What I can do" in ben.screen.text


async def test_a_warning_sign_wins_and_is_followed_by_nothing_but_the_call_and_a_way_back(
    ada: SimulatedPerson,
) -> None:
    await ada.send("I have chest pain and feel sick, what stretches help?")

    assert "emergency number" in ada.screen.text
    assert ada.screen.labels == [
        *("United Kingdom", "United States", "Canada"),
        *("📞 Number for my country", "☰ All topics"),
    ]


async def test_a_hunch_is_asked_about_and_each_sign_of_the_question_leads_to_its_card(
    ada: SimulatedPerson,
) -> None:
    await ada.send("stomach ache since taking ibuprofen")
    assert ada.screen.text.startswith("Before I answer")
    assert PACK.red_flags["bleed"].label in ada.screen.text
    await ada.tap("One of these ›")
    assert ada.screen.text.startswith("📞 Call your local emergency number now")

    await ada.tap(PACK.red_flags["E1"].on_button)
    assert "This can be an emergency" in ada.screen.text


async def test_none_of_these_leads_to_what_was_found(ada: SimulatedPerson) -> None:
    await ada.send("stomach ache since taking ibuprofen")
    await ada.tap("None of these")

    assert not ada.screen.text.startswith(("Before I answer", "This can be"))
    assert "⚠️ Warning signs" in ada.screen.labels
