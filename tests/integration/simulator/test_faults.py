"""What goes wrong on purpose: for each kind, what the bot sees and what the person got."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.integration.simulator.scene import Scene, eventually
from tests.integration.simulator.test_fact_webhook import hooked


async def harm(telegram: Scene, kind: str, **how: Any) -> None:
    """Let something go wrong."""
    fault = {"kind": kind, "method": "sendMessage", **how}
    answer = await telegram.api.http.post(f"{telegram.sim.url}/control/faults", json=fault)
    assert answer.status_code == 200


async def send(telegram: Scene) -> httpx.Response:
    """One message to Ada, as bare HTTP."""
    url = f"{telegram.sim.url}/bot{telegram.sim.token}/sendMessage"
    return await telegram.api.http.post(url, json={"chat_id": telegram.ada.id, "text": "hello"})


async def delivered(telegram: Scene) -> int:
    """How many messages Ada got: the only oracle."""
    return len((await telegram.ada.look()).screens)


CUTS = [("cut_before", 0), ("cut_after", 1)]


@pytest.mark.parametrize(("kind", "count"), CUTS)
async def test_a_connection_is_cut_before_or_after_the_message_is_delivered(
    telegram: Scene, kind: str, count: int
) -> None:
    await harm(telegram, kind)
    with pytest.raises(httpx.RemoteProtocolError):
        await send(telegram)
    assert await delivered(telegram) == count
    (call,) = [call for call in telegram.sim.tg.journal.calls if call.method == "sendMessage"]
    assert (call.status, call.fault) == (0, kind)
    assert (await send(telegram)).status_code == 200, "a fault strikes once"


STATUSES = [("status", 502, 0), ("status_after", 500, 1), ("too_many", 429, 0)]


@pytest.mark.parametrize(("kind", "status", "count"), STATUSES)
async def test_an_error_comes_instead_of_the_answer(
    telegram: Scene, kind: str, status: int, count: int
) -> None:
    await harm(telegram, kind, status=status, seconds=3)
    answer = await send(telegram)
    assert answer.status_code == answer.json()["error_code"] == status
    assert await delivered(telegram) == count


async def test_an_answers_json_breaks_off(telegram: Scene) -> None:
    await harm(telegram, "malformed")
    answer = await send(telegram)
    assert answer.status_code == 200
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        answer.json()
    assert await delivered(telegram) == 1


@pytest.mark.parametrize(("kind", "count"), [("delay_before", 0), ("delay_after", 1)])
async def test_a_call_is_held_up_until_its_time_has_come(telegram: Scene, kind: str, count: int) -> None:
    before = len([*telegram.sim.tg.world.everything()])
    await harm(telegram, kind, seconds=30)
    sending = asyncio.create_task(send(telegram))
    arrived = telegram.sim.tg.world.everything
    await eventually(lambda: not telegram.sim.tg.faults.waiting and len([*arrived()]) == before + count)
    assert await delivered(telegram) == count
    telegram.clock.push(timedelta(seconds=30))
    assert (await sending).status_code == 200
    assert await delivered(telegram) == 1


async def test_an_answers_body_dribbles(telegram: Scene) -> None:
    await harm(telegram, "slow_body", seconds=10)
    sending = asyncio.create_task(send(telegram))
    await eventually(lambda: telegram.sim.tg.world.people and not telegram.sim.tg.faults.waiting)
    while not sending.done():
        await asyncio.sleep(0.005)
        telegram.clock.push(timedelta(seconds=1))
    assert (await sending).json()["ok"] is True


async def test_a_fault_lets_others_pass_until_its_turn_and_strikes_as_often_as_it_is_told(
    telegram: Scene,
) -> None:
    await harm(telegram, "status", skip=1, times=2)
    seen = [(await send(telegram)).status_code for _ in range(4)]
    assert seen == [200, 500, 500, 200]


async def test_a_fault_may_be_meant_for_one_chat_or_method(telegram: Scene) -> None:
    await harm(telegram, "status", chat_id=telegram.ada.id + 1, times=None)
    await harm(telegram, "status", method="getMe", times=None)
    assert (await send(telegram)).status_code == 200
    assert (await telegram.api.getMe())["error_code"] == 500
    await telegram.api.http.delete(f"{telegram.sim.url}/control/faults?number=2")
    assert (await telegram.api.getMe())["ok"]


ORDERS = [("duplicate", ["one", "one", "two", "two"]), ("reorder", ["two", "one"])]


@pytest.mark.parametrize(("kind", "texts"), ORDERS)
async def test_polled_updates_come_twice_or_in_reverse(telegram: Scene, kind: str, texts: list[str]) -> None:
    await harm(telegram, kind)
    for text in ("one", "two"):
        await telegram.ada.send(text, wait=0)
    updates = await telegram.done("getUpdates")
    assert [update["message"]["text"] for update in updates] == texts


async def test_posted_updates_come_twice(telegram: Scene) -> None:
    await harm(telegram, "duplicate")
    async with hooked(telegram) as hook:
        await telegram.ada.send("one")
        assert await hook.until(2) == ["one", "one"]


@pytest.mark.parametrize("wrong", [{"kind": "meteor"}, {"kind": "status", "colour": "red"}])
async def test_a_fault_that_does_not_exist_is_refused(telegram: Scene, wrong: dict[str, str]) -> None:
    answer = await telegram.api.http.post(f"{telegram.sim.url}/control/faults", json=wrong)
    assert answer.status_code == 400
    assert list(wrong)[-1] in answer.text


async def test_a_poll_can_be_refused_as_well(telegram: Scene) -> None:
    await harm(telegram, "status", method="getUpdates", status=502)
    assert (await telegram.api.getUpdates())["error_code"] == 502
    assert await telegram.done("getUpdates") == []
