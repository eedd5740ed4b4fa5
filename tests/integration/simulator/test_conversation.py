"""A conversation through the simulator, from both ends."""

from datetime import datetime, timedelta

import httpx
import pytest

from tests.integration.simulator.scripted_bot import Api, scripted_bot
from tgbot.clock import ManualClock
from tgbot.simulator.clock_port import JsonObject
from tgbot.simulator.simulated_people import Impatient
from tgbot.simulator.simulator_server import Simulator

BACK = {
    "inline_keyboard": [
        [{"text": "Heat or ice?", "callback_data": "q:heat"}, {"text": "Back", "callback_data": "b"}]
    ]
}


async def _menu(api: Api, update: JsonObject) -> None:
    if "message" in update:
        chat_id = update["message"]["chat"]["id"]
        await api.sendMessage(chat_id=chat_id, text="<b>Menu</b>", parse_mode="HTML", reply_markup=BACK)
    elif "callback_query" in update:
        query = update["callback_query"]
        await api.answerCallbackQuery(callback_query_id=query["id"], text="Here you are")
        message = query["message"]
        await api.editMessageText(
            chat_id=message["chat"]["id"],
            message_id=message["message_id"],
            text=f"You tapped {query['data']}",
        )


async def test_a_person_writes_taps_and_sees_the_message_change_in_place() -> None:
    async with Simulator(ManualClock()) as sim, scripted_bot(sim.url, sim.token, _menu):
        ada = sim.person("Ada")
        await ada.send("/start")
        assert ada.screen.text == "Menu"
        assert ada.screen.entities == [{"type": "bold", "offset": 0, "length": 4}]
        assert ada.screen.labels == ["Heat or ice?", "Back"]

        answer = await ada.tap("Heat or ice?")
        assert answer == {"text": "Here you are", "show_alert": False, "url": ""}
        assert ada.screen.text == "You tapped q:heat"
        assert ada.screen.edits == 1
        assert ada.screen.labels == []


async def test_who_waits_in_vain_is_told_what_was_seen() -> None:
    async with Simulator(ManualClock()) as sim, scripted_bot(sim.url, sim.token, _menu):
        ada = sim.person("Ada")
        await ada.send("hello")
        with pytest.raises(Impatient, match="Backcheck: Menu"):
            await ada.waits_for("something else", seconds=0.05)


async def test_a_deed_nobody_confirms_is_reported() -> None:
    async with Simulator(ManualClock()) as sim:
        with pytest.raises(Impatient, match="did not confirm"):
            await sim.person("Ada").send("hello", wait=0.05)


async def test_every_call_is_on_record_with_its_answer() -> None:
    async with Simulator(ManualClock()) as sim, scripted_bot(sim.url, sim.token, _menu):
        await sim.person("Ada").send("hello")
        async with httpx.AsyncClient() as http:
            (call,) = (await http.get(f"{sim.url}/control/calls?method=sendMessage")).json()
            (message,) = (await http.get(f"{sim.url}/control/messages?from_bot=true")).json()
    assert call["parameters"]["text"] == "<b>Menu</b>"
    assert call["status"] == 200
    assert message["delivered"] == call["answer"]["result"]


async def test_pushing_the_clock_over_http_moves_everybodys_time() -> None:
    clock = ManualClock()
    due = clock.now() + timedelta(hours=72)

    async def next_due() -> datetime | None:
        return due

    async with Simulator(clock, next_due=next_due) as sim, httpx.AsyncClient(base_url=sim.url) as http:
        assert (await http.get("/control/clock")).json()["next_due"] == due.isoformat()
        await http.post("/control/clock", json={"push_seconds": 3600})
        assert clock.offset == timedelta(hours=1)
        await http.post("/control/clock", json={"to_next_due": True})
        assert clock.now() == due


async def test_the_clock_is_pushed_to_what_is_planned_now_and_not_to_what_was_told_before() -> None:
    clock = ManualClock()
    planned: list[datetime] = [clock.now() + timedelta(hours=71)]

    async def next_due() -> datetime | None:
        return planned[-1] if planned else None

    async with Simulator(clock, next_due=next_due) as sim, httpx.AsyncClient(base_url=sim.url) as http:
        sim.due_next(planned[-1])
        planned.append(later := clock.now() + timedelta(hours=74))
        pushed = (await http.post("/control/clock", json={"to_next_due": True})).json()
        assert clock.now() == later
        assert pushed["next_due"] == later.isoformat()

        planned.clear()
        refused = await http.post("/control/clock", json={"to_next_due": True})
        assert (refused.status_code, refused.json()) == (409, {"error": "nothing is planned to come"})
        assert clock.now() == later
