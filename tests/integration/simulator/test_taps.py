"""Whatever is tapped: done, unreadable (400) or impossible (409), in words; never 500."""

import json
from typing import Any

import pytest

from tests.integration.simulator.scene import Scene

LONE = "\ud800"  # half of a pair: no UTF-8 holds it
MESSAGES: tuple[Any, ...] = (0, -1, 1, 2, 10**30, 1.5, True, "1", "one", None, [], {})
DATA: tuple[Any, ...] = (
    "m",
    "",
    "x" * 100_000,
    "\0",
    "\N{SLIGHTLY SMILING FACE}" * 70,
    LONE,
    None,
    7,
    [],
    {},
)
CHATS: tuple[Any, ...] = (None, 0, -5, 10**30, "1001", [], 999_999)
FOUND = (200, 400, 409)


async def taps(telegram: Scene, person: object, body: object) -> tuple[int, Any]:
    url = f"{telegram.sim.url}/control/people/{person}/tap"
    heads = {"Content-Type": "application/json"}
    answer = await telegram.api.http.post(url, content=json.dumps(body).encode(), headers=heads)
    return answer.status_code, answer.json() if answer.status_code in FOUND else answer.text


@pytest.mark.parametrize("message_id", MESSAGES, ids=repr)
async def test_any_message_data_and_chat_have_an_answer(telegram: Scene, message_id: Any) -> None:
    for data in DATA:
        for chat in CHATS:
            body = {"message_id": message_id, "data": data, "chat_id": chat}
            status, said = await taps(telegram, telegram.ada.id, body)
            assert status in FOUND, (body, said)
            assert status == 200 or said["error"]
    updates = await telegram.api.http.get(f"{telegram.sim.url}/bot{telegram.sim.token}/getUpdates")
    assert updates.json()["ok"], "what was tapped can be fetched"


@pytest.mark.parametrize(
    "body", [[], "tap", 7, None, {"wait": -1}, {"wait": 10**9}, {"wait": "soon"}], ids=repr
)
async def test_a_body_that_is_none_is_unreadable(telegram: Scene, body: object) -> None:
    status, said = await taps(telegram, telegram.ada.id, body)
    assert status == 400
    assert said["error"]


async def test_who_cannot_tap_is_told_why(telegram: Scene) -> None:
    tap = {"message_id": 1, "data": "m"}
    assert await taps(telegram, 999_999, tap) == (409, {"error": "there is no such person"})
    assert await taps(telegram, telegram.ada.id, tap | {"message_id": 99}) == (
        409,
        {"error": "there is no such message"},
    )
    waited = await taps(telegram, telegram.ada.id, tap | {"wait": 0.05})
    assert waited == (409, {"error": "the bot did not confirm the update within 0.05 s"})
    people = f"{telegram.sim.url}/control/people/{telegram.ada.id}"
    await telegram.api.http.post(f"{people}/block", json={})
    assert await taps(telegram, telegram.ada.id, tap) == (409, {"error": "Ada has blocked the bot"})
    await telegram.api.http.post(f"{people}/delete-account", json={})
    assert await taps(telegram, telegram.ada.id, tap) == (409, {"error": "Ada's account is deleted"})


async def test_nobody_taps_in_somebody_elses_chat(telegram: Scene) -> None:
    bob = (await telegram.api.http.post(f"{telegram.sim.url}/control/people", json={"name": "Bob"})).json()
    status, said = await taps(telegram, bob["id"], {"message_id": 1, "data": "m", "chat_id": telegram.ada.id})
    assert status == 409
    assert said["error"] == "Bob is not in this chat"
