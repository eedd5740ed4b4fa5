"""/service over real HTTP: chosen, seen, confirmed, sent once to those who are followed up, and told."""

import asyncio

import pytest

from tests.integration.test_check_ins import begun, morning
from tgbot.screens.buttons import SendServiceMessage, ShowServiceMessages, StopServiceMessage, pack
from tgbot.settings import Settings
from tgbot.simulator.simulated_people import SimulatedPerson
from tgbot.simulator.simulator_server import Simulator

__all__ = ["morning"]
CHOICE = "back after outage"


@pytest.fixture
async def olga(simulator: Simulator) -> SimulatedPerson:
    return await simulator.person("Olga").arrives()


@pytest.fixture
def settings(settings: Settings, olga: SimulatedPerson) -> Settings:
    return settings.model_copy(update={"admins": frozenset({olga.id})})


async def test_an_admin_chooses_sees_and_confirms_and_each_person_has_it_once(
    simulator: Simulator, ada: SimulatedPerson, olga: SimulatedPerson
) -> None:
    ben, eve = simulator.person("Ben"), simulator.person("Eve")
    await begun(ada)
    await begun(ben)
    await eve.send("/start")

    await olga.send("/service")
    await olga.tap(CHOICE)
    assert "This goes to 2 people" in olga.screen.text
    assert "I am back." in olga.screen.text
    await olga.tap("Send it to 2 people")
    sending = olga.screen
    assert "on its way to 2 people" in olga.screen.text
    await asyncio.gather(ada.waits_for("I am back."), ben.waits_for("I am back."))
    await olga.waits_for("Service message 1 has ended.")
    assert "2 sent" in olga.screen.text

    await olga.tap("How far is it?", on=sending)
    (edited,) = [screen for screen in olga.screens if screen.message_id == sending.message_id]
    assert "Which service message?" in edited.text
    await eve.look()
    assert "I am back" not in eve.screen.text


async def test_confirmed_twice_it_is_sent_once(
    simulator: Simulator, ada: SimulatedPerson, olga: SimulatedPerson
) -> None:
    await begun(ada)
    await olga.send("/service")
    await olga.tap(CHOICE)
    preview = olga.screen
    data = preview.button("Send it").data or ""
    await olga.tap_data(data, preview.message_id)
    await olga.tap_data(data, preview.message_id)
    await ada.waits_for("I am back.")
    await olga.waits_for("has ended")
    await olga.tap_data(data, preview.message_id)
    await ada.look()

    assert sum("I am back." in screen.text for screen in ada.screens) == 1


async def test_words_that_changed_since_they_were_seen_are_not_sent(
    ada: SimulatedPerson, olga: SimulatedPerson
) -> None:
    await begun(ada)
    await olga.send("/service")
    old = pack(SendServiceMessage("back-after-outage", "1", "00000000"))
    await olga.tap_data(old, olga.screen.message_id)

    assert "The words have changed since. Nothing was sent." in olga.screen.text


async def test_for_everybody_else_there_is_no_such_command_and_no_such_button(
    ada: SimulatedPerson, olga: SimulatedPerson
) -> None:
    await begun(ada)
    await ada.send("/service")
    assert "service message" not in ada.screen.text.lower()
    for forged in (
        ShowServiceMessages(),
        StopServiceMessage("1"),
        SendServiceMessage("short-break", "1", ""),
    ):
        await ada.tap_data(pack(forged), ada.screen.message_id)
        assert "service message" not in ada.screen.text.lower()
