"""Facts 22 to 27: how updates are polled."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from tests.integration.simulator.scene import Scene, eventually
from tgbot.simulator.clock_port import JsonObject


async def _three(telegram: Scene) -> list[int]:
    for text in ("one", "two", "three"):
        await telegram.ada.send(text, wait=0)
    return [update["update_id"] for update in await telegram.updates()]


def _texts(updates: list[JsonObject]) -> list[str]:
    return [update["message"]["text"] for update in updates]


async def test_fact_22_the_limit_is_clamped_to_1_and_100(telegram: Scene) -> None:
    ada = telegram.sim.tg.world.people[telegram.ada.id]
    for i in range(101):
        telegram.sim.tg.updates.add("message", {"text": str(i), "from": ada.as_json()}, "chat:1")
    for limit, count in [(0, 1), (-5, 1), (3, 3), (1000, 100)]:
        telegram.clock.push(timedelta(seconds=4))
        assert len(await telegram.done("getUpdates", limit=limit)) == count


async def test_fact_22_the_timeout_is_clamped_to_50_seconds(telegram: Scene) -> None:
    poll = asyncio.create_task(telegram.done("getUpdates", timeout=1000))
    await _until_polling(telegram)
    telegram.clock.push(timedelta(seconds=49))
    await asyncio.sleep(0.02)
    assert not poll.done()
    telegram.clock.push(timedelta(seconds=1))
    assert await poll == []


async def _until_polling(telegram: Scene) -> None:
    await eventually(lambda: telegram.sim.tg.updates.is_polled)


async def test_a_poll_that_waits_is_answered_at_once_when_something_happens(telegram: Scene) -> None:
    poll = asyncio.create_task(telegram.done("getUpdates", timeout=50))
    await _until_polling(telegram)
    await telegram.ada.send("hello", wait=0)
    assert _texts(await poll) == ["hello"]


async def test_fact_23_an_offset_confirms_everything_below_it(telegram: Scene) -> None:
    first, second, third = await _three(telegram)
    assert _texts(await telegram.done("getUpdates")) == ["one", "two", "three"]
    assert _texts(await telegram.done("getUpdates", offset=first)) == ["one", "two", "three"]
    assert _texts(await telegram.done("getUpdates", offset=second)) == ["two", "three"]
    assert _texts(await telegram.done("getUpdates", offset=third + 1, timeout=0)) == []
    telegram.clock.push(timedelta(seconds=4))
    assert await telegram.done("getUpdates") == []


async def test_fact_23_a_negative_offset_keeps_only_the_last(telegram: Scene) -> None:
    await _three(telegram)
    assert _texts(await telegram.done("getUpdates", offset=-1)) == ["three"]
    telegram.clock.push(timedelta(seconds=4))
    assert _texts(await telegram.done("getUpdates")) == ["three"]


async def test_fact_24_asking_the_same_again_at_once_gets_one_update(telegram: Scene) -> None:
    await _three(telegram)
    assert len(await telegram.done("getUpdates", offset=1)) == 3
    assert len(await telegram.done("getUpdates", offset=1)) == 1
    telegram.clock.push(timedelta(seconds=0.5))
    assert len(await telegram.done("getUpdates", offset=1)) == 3


async def test_fact_24_asking_the_same_again_within_3_seconds_waits_3_seconds(telegram: Scene) -> None:
    assert await telegram.done("getUpdates", offset=1) == []
    poll = asyncio.create_task(telegram.done("getUpdates", offset=1))
    await _until_polling(telegram)
    telegram.clock.push(timedelta(seconds=3))
    assert await poll == []


async def test_fact_24_updates_expire_after_24_hours(telegram: Scene) -> None:
    await telegram.ada.send("yesterday", wait=0)
    telegram.clock.push(timedelta(hours=23, minutes=59))
    await telegram.ada.send("today", wait=0)
    telegram.clock.push(timedelta(minutes=1))
    assert _texts(await telegram.done("getUpdates")) == ["today"]


async def test_fact_25_the_newer_poll_wins(telegram: Scene) -> None:
    older = asyncio.create_task(telegram.api.getUpdates(timeout=50))
    await _until_polling(telegram)
    newer = asyncio.create_task(telegram.done("getUpdates", offset=7, timeout=50))
    answer = await older
    assert answer["error_code"] == 409
    assert answer["description"] == (
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    )
    await telegram.ada.send("hello", wait=0)
    assert _texts(await newer) == ["hello"]


async def test_fact_26_a_webhook_forbids_polling(telegram: Scene) -> None:
    await telegram.done("setWebhook", url="http://127.0.0.1:9/hook")
    answer = await telegram.api.getUpdates()
    assert answer["error_code"] == 409
    assert answer["description"] == (
        "Conflict: can't use getUpdates method while webhook is active; "
        "use deleteWebhook to delete the webhook first"
    )
    await telegram.done("deleteWebhook")
    assert await telegram.done("getUpdates") == []


async def test_setting_a_webhook_ends_the_poll_that_waits(telegram: Scene) -> None:
    poll = asyncio.create_task(telegram.api.getUpdates(timeout=50))
    await _until_polling(telegram)
    await telegram.done("setWebhook", url="http://127.0.0.1:9/hook")
    assert (await poll)["description"] == "Conflict: terminated by setWebhook request"


async def test_fact_27_the_kinds_that_are_asked_for_are_remembered(telegram: Scene) -> None:
    await telegram.done("getUpdates", allowed_updates=["callback_query", "no such kind"])
    await telegram.ada.send("not wanted", wait=0)
    telegram.clock.push(timedelta(seconds=4))
    assert await telegram.done("getUpdates") == []
    await telegram.done("getUpdates", offset=5, allowed_updates=[])
    await telegram.ada.send("wanted", wait=0)
    telegram.clock.push(timedelta(seconds=4))
    assert _texts(await telegram.done("getUpdates", offset=5)) == ["wanted"]


@pytest.mark.parametrize("kind", ["chat_member", "message_reaction", "message_reaction_count"])
async def test_fact_27_some_kinds_must_be_asked_for_by_name(telegram: Scene, kind: Any) -> None:
    updates = telegram.sim.tg.updates
    assert updates.add(kind, {}, "chat:1") == 0
    updates.allow([kind])
    assert updates.add(kind, {}, "chat:1") > 0
