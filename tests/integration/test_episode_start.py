"""Starting an episode, as people do it: at most five taps, nothing stored before the yes."""

import pytest

from tgbot.simulator.simulated_people import SimulatedPerson

LONDON = "London"


async def start(person: SimulatedPerson, onset: str = "Just now", *, sign: str = "None of these") -> None:
    """From /episode to the consent question."""
    await person.send("/episode")
    await person.tap(onset)
    await person.tap(sign)
    await person.tap("Go on")
    await person.tap("6")


async def test_five_taps_start_it_and_the_exact_hour_is_said(ada: SimulatedPerson) -> None:
    await start(ada)
    assert "Without your yes, nothing is stored" in ada.screen.text
    await ada.tap("Yes, check on me")
    assert "what time is it where you are" in ada.screen.text

    zone = next(label for label in ada.screen.labels if label.endswith(LONDON))
    await ada.tap(zone)

    assert "Noted. I will write on" in ada.screen.text
    assert " at " in ada.screen.text
    assert "/cancel" in ada.screen.text


async def test_a_no_stores_nothing_and_says_what_to_do_anyway(ada: SimulatedPerson) -> None:
    await start(ada)
    await ada.tap("No, thank you")

    assert "Nothing was stored" in ada.screen.text
    await ada.send("/cancel")
    assert "nothing to stop" in ada.screen.text


@pytest.mark.parametrize(
    "sign",
    ["Chest, breathing", "Tearing pain", "Numb, pee, stool", "Weak legs", "Bad fall or blow"],
)
async def test_an_emergency_at_the_start_shows_the_card_and_plans_nothing(
    ada: SimulatedPerson, sign: str
) -> None:
    await ada.send("/episode")
    await ada.tap("Just now")
    await ada.tap("One of these ›")
    assert "local emergency number" in ada.screen.text
    await ada.tap(sign)

    assert "local emergency number" in ada.screen.text
    assert "get help now" in ada.screen.text
    assert not any("check on me" in label for label in ada.screen.labels)
    await ada.send("/cancel")
    assert "nothing to stop" in ada.screen.text


async def test_three_days_ago_is_checked_at_once_with_advice(ada: SimulatedPerson) -> None:
    await start(ada, "3 days ago")
    await ada.tap("Yes, check on me")
    assert "let us look at it now" in ada.screen.text
    await ada.tap("About the same")
    await ada.tap("Some things")

    assert "Have a doctor or a physio look at it this week" in ada.screen.text
    assert "I will ask again on" in ada.screen.text


async def test_with_an_open_episode_it_is_shown_and_a_new_one_takes_its_place(ada: SimulatedPerson) -> None:
    await start(ada)
    await ada.tap("Yes, check on me")
    await ada.send("/episode")
    assert ada.screen.text.startswith("Your episode began")

    await ada.tap("A new one")
    await ada.tap("2 days ago")
    await ada.tap("None of these")
    await ada.tap("Go on")
    await ada.tap("3")

    assert "Noted" in ada.screen.text


async def test_a_no_to_an_older_question_does_not_deny_the_episode_that_was_begun(
    ada: SimulatedPerson,
) -> None:
    await start(ada)
    older = ada.screen
    await start(ada)
    await ada.tap("Yes, check on me")

    await ada.tap("No, thank you", on=older)

    assert await says_that_it_is_open(ada)


async def test_a_no_that_comes_after_the_yes_to_the_same_question_does_not_deny_it(
    ada: SimulatedPerson,
) -> None:
    await start(ada)
    asked = ada.screen
    await ada.tap("Yes, check on me", on=asked, wait=0)

    await ada.tap("No, thank you", on=asked)

    assert await says_that_it_is_open(ada)


async def test_a_no_to_an_older_question_repeats_that_a_sign_is_to_be_seen_today(
    ada: SimulatedPerson,
) -> None:
    await ada.send("/episode")
    await ada.tap("Just now")
    await ada.tap("One of these ›")
    await ada.tap("Fever")
    await ada.tap("Go on")
    await ada.tap("6")
    older = ada.screen
    await start(ada)
    await ada.tap("Yes, check on me")

    await ada.tap("No, thank you", on=older)

    assert ada.screens[-2].text.startswith("Get medical help today")
    assert await says_that_it_is_open(ada)


async def says_that_it_is_open(person: SimulatedPerson) -> bool:
    """Whether the answer to a no says what is true, and the check-in is planned."""
    told = [screen.text for screen in person.screens]
    assert not any("Nothing was stored" in text for text in told), told
    assert any("still open" in text and "/cancel" in text for text in told), told
    await person.send("/cancel")
    return "Stopped." in person.screen.text
