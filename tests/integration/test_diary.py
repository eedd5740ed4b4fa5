"""The diary as a person keeps it."""

import pytest

from tests.integration.test_episode_start import start
from tgbot.simulator.simulated_people import SimulatedPerson


async def begun(person: SimulatedPerson) -> None:
    await start(person)
    await person.tap("Yes, check on me")
    await person.tap("London")


async def test_what_is_noted_stands_in_the_history(ada: SimulatedPerson) -> None:
    await begun(ada)
    await ada.send("/pain 4")
    assert "Noted: 4 of 10." in ada.screen.text
    await ada.tap("What helped")
    await ada.tap("warmth")
    await ada.send("/note worse after the drive")
    await ada.send("/history")

    assert "pain 6 of 10" in ada.screen.text
    assert "pain 4 of 10" in ada.screen.text
    assert "helped: warmth" in ada.screen.text
    assert "note: worse after the drive" in ada.screen.text
    assert "no warning sign" in ada.screen.text


async def test_a_score_that_is_corrected_back_at_once_is_the_newest(ada: SimulatedPerson) -> None:
    await begun(ada)
    for score in ("5", "8", "5", "5"):
        await ada.send(f"/pain {score}")
        assert f"Noted: {score} of 10." in ada.screen.text
    await ada.send("/history")

    lines = [line for line in ada.screen.text.splitlines() if "pain " in line]
    assert [line.rsplit("pain ", 1)[1] for line in lines] == [f"{score} of 10" for score in (6, 5, 8, 5)]


@pytest.mark.parametrize("typed", ["-3", "\u22123", "- 3", "pain -3", "7.5", "5.10", "5-10", ".5", "5%"])
async def test_what_is_no_whole_number_from_0_to_10_is_no_score_and_is_asked_again(
    ada: SimulatedPerson, typed: str
) -> None:
    await begun(ada)
    for way in (f"/pain {typed}", typed):  # the second answers the question that the first led to
        await ada.send(way)
        assert "Tap a number from 0 to 10" in ada.screen.text, way
    await ada.send("pain is 7/10")

    assert "Noted: 7 of 10." in ada.screen.text
    await ada.send("/history")
    assert ada.screen.text.count("pain ") == 2


@pytest.mark.parametrize("typed", ["4", "4.", "4!", "pain - 4", "pain: 4", "4/10", "4 out of 10", "~4"])
async def test_a_score_is_read_as_people_type_it(ada: SimulatedPerson, typed: str) -> None:
    await begun(ada)
    await ada.send(f"/pain {typed}")

    assert "Noted: 4 of 10." in ada.screen.text


async def test_a_note_with_a_warning_sign_shows_its_card_and_is_not_noted(ada: SimulatedPerson) -> None:
    await begun(ada)
    await ada.send("/note I have crushing chest pain and I cannot breathe")
    assert "get help now" in ada.screen.text

    await ada.send("/history")

    assert "crushing" not in ada.screen.text


async def test_without_consent_nothing_is_noted(ada: SimulatedPerson) -> None:
    await ada.send("/pain 4")

    assert "your consent" in ada.screen.text


@pytest.mark.parametrize("by", ["command", "key"])
async def test_everything_that_is_kept_is_handed_over_as_a_file(by: str, ada: SimulatedPerson) -> None:
    await begun(ada)
    if by == "command":
        await ada.send("/export")
    else:
        await ada.send("/privacy")
        await ada.tap("Give me all of it")

    (handed,) = [message["document"] for message in ada.messages if "document" in message]
    assert handed["file_name"].endswith(".zip")
