"""What people write to the bot itself, without a slash: a greeting, "stop", "delete my data"."""

import pytest

from tests.fakes.languages import english
from tests.integration.test_check_ins import begun
from tests.integration.test_episode_start import start
from tgbot.asking import Asker
from tgbot.chat.conversation import states
from tgbot.finder.finding import Urgent
from tgbot.settings import shipped_content
from tgbot.simulator.simulated_people import SimulatedPerson

STATE = states(english().pack.ui)


@pytest.mark.parametrize("greeting", ["hello", "Hi!", "good morning 😊", "are you a real doctor?", "/hello"])
async def test_a_greeting_is_answered_with_what_this_is_and_is_not(
    ada: SimulatedPerson, greeting: str
) -> None:
    await ada.send(greeting)

    assert "I am not a doctor" in ada.screen.text


@pytest.mark.parametrize("stop", ["stop", "STOP!!", "Unsubscribe", "stop messaging me", "/stop"])
async def test_a_stop_in_plain_words_stops_the_check_ins(ada: SimulatedPerson, stop: str) -> None:
    await start(ada)
    await ada.tap("Yes, check on me")

    await ada.send(stop)
    stopped = ada.screen.text
    await ada.send("/cancel")

    assert stopped.startswith("Stopped.")
    assert "nothing to stop" in ada.screen.text


async def test_erasing_in_plain_words_asks_first(ada: SimulatedPerson) -> None:
    await ada.send("Delete my data")

    assert ada.screen.text.startswith("Erase everything?")


async def test_menu_brings_the_topics(ada: SimulatedPerson) -> None:
    for said in ("menu", "/menu"):
        await ada.send(said)
        assert ada.screen.text.startswith("What would you like to know?")


async def test_a_cry_for_help_brings_the_warning_signs_and_the_word_alone_what_can_be_asked(
    ada: SimulatedPerson,
) -> None:
    await ada.send("help me please")
    cry = ada.screen.text
    await ada.send("/urgent")
    assert ada.screen.text == cry

    await ada.send("help")
    helped = ada.screen.text
    await ada.send("/help")
    assert ada.screen.text == helped


async def test_words_around_it_make_it_a_question_or_a_warning_sign(ada: SimulatedPerson) -> None:
    await ada.send("hello how do I stop a spasm quickly")
    assert ada.screen.text.startswith("How can I stop a muscle spasm quickly?")

    await ada.send("stop my chest hurts")
    assert "This can be an emergency" in ada.screen.text


async def test_before_the_check_in_such_words_show_the_episode_and_without_one_they_are_a_question(
    ada: SimulatedPerson,
) -> None:
    await ada.send("much better")
    assert "How long" in str(ada.screen.labels)
    await begun(ada)
    await ada.send("much better")

    assert ada.screen.text.startswith("Your episode began")
    assert "How it is now" in ada.screen.labels


async def test_in_a_group_such_words_are_a_question_to_the_bot(ada: SimulatedPerson) -> None:
    """How somebody is belongs in the private chat: the group sees nothing of it."""
    await begun(ada)
    family = await ada.founds_group("Family")
    await ada.send("@backcheck_bot much better", chat_id=family)

    assert "How long" in str(ada.screen.labels)


@pytest.mark.parametrize(
    "text",
    [
        "how can I get better sleep",
        "is it better",
        "better pillow",
        "what makes it worse",
        "the feeling has gone",
        "all feeling gone",
        "better safe than sorry",
        "thanks",
        "",
        "stop",
        "4",
    ],
)
def test_what_asks_or_says_something_else_is_no_answer(text: str) -> None:
    assert not STATE(text)


def test_an_answer_is_short_and_is_read_quickly() -> None:
    assert STATE("my back is a bit better than yesterday")
    assert STATE("I'm feeling a little better")
    assert not STATE("no better " * 2_000 + "and why")


def test_no_such_words_are_a_warning_sign() -> None:
    asker = Asker.open(shipped_content())
    urgent = {"number"}  # "ambulance number" brings the number on a card, which is as well

    for meaning in asker.pack.conversation.meanings:
        for said in (*meaning.whole, *meaning.within) if meaning.id not in urgent else ():
            assert not isinstance(asker.ask(said), Urgent), said
