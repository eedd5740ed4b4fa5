"""Facts 28 to 31: how updates are posted to a webhook."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from tests.integration.simulator.scene import Scene, eventually, scene
from tgbot.simulator.clock_port import JsonObject

Answer = Callable[[JsonObject], tuple[int, str]]
OK = (200, "")


@dataclass
class Hook:
    """A webhook that notes what comes and answers what it is told to."""

    url: str = ""
    answer: Answer = lambda update: OK
    heard: list[JsonObject] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    hold: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := (await _until_blank(reader)):
            length = int(_header(head, "content-length") or 0)
            update = json.loads(await reader.readexactly(length))
            self.heads.append(head)
            self.heard.append(update)
            await self.hold.wait()
            status, body = self.answer(update)
            writer.write(
                f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
            )
            await writer.drain()
        writer.close()

    async def until(self, count: int) -> list[str]:
        """Wait for so many posts; their texts or data."""
        await eventually(lambda: len(self.heard) >= count)
        return [_what(update) for update in self.heard]


def _what(update: JsonObject) -> str:
    found = update["message"]["text"] if "message" in update else update["callback_query"]["data"]
    return str(found)


async def _until_blank(reader: asyncio.StreamReader) -> str:
    try:
        return (await reader.readuntil(b"\r\n\r\n")).decode()
    except (asyncio.IncompleteReadError, ConnectionResetError):
        return ""


def _header(head: str, name: str) -> str | None:
    lines = [line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line]
    return next((value for key, value in lines if key.lower() == name), None)


@asynccontextmanager
async def hooked(telegram: Scene, answer: Answer = lambda update: OK, **how: object) -> AsyncIterator[Hook]:
    """A webhook that is set; `hold` is open."""
    hook = Hook(answer=answer)
    hook.hold.set()
    server = await asyncio.start_server(hook.serve, "127.0.0.1", 0)
    hook.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    await telegram.done("setWebhook", url=hook.url, **how)
    try:
        yield hook
    finally:
        await telegram.done("deleteWebhook")
        hook.hold.set()
        server.close()


async def _empty(telegram: Scene) -> None:
    await eventually(lambda: not telegram.sim.tg.updates.pending)


async def test_fact_28_the_secret_comes_in_the_header(telegram: Scene) -> None:
    async with hooked(telegram, secret_token="a-Z_9") as hook:
        await telegram.ada.send("hello")
        assert _header(hook.heads[0], "x-telegram-bot-api-secret-token") == "a-Z_9"


@pytest.mark.parametrize(
    ("secret", "words"), [("no space", "contains unallowed characters"), ("x" * 257, "is too long")]
)
async def test_fact_28_a_secret_has_its_form(telegram: Scene, secret: str, words: str) -> None:
    refusal = await telegram.refused("setWebhook", url="http://127.0.0.1:9/", secret_token=secret)
    assert refusal == f"Bad Request: secret token {words}"


async def test_fact_29_what_is_refused_is_posted_again_at_once_and_then_with_a_doubling_pause(
    telegram: Scene,
) -> None:
    async with hooked(telegram, lambda update: (500, "")) as hook:
        await telegram.ada.send("hello", wait=0)
        await hook.until(2)
        longest = 60 + telegram.sim.tg.updates.pending[0].id % 61
        for count, pause in [
            (3, 1),
            (4, 2),
            (5, 4),
            (6, 8),
            (7, 16),
            (8, 32),
            (9, min(64, longest)),
            (10, longest),
        ]:
            await _settled(hook, count - 1, telegram)
            telegram.clock.push(timedelta(seconds=pause - 0.01))
            await asyncio.sleep(0.02)
            assert len(hook.heard) == count - 1, "not before its time"
            telegram.clock.push(timedelta(seconds=0.01))
            await hook.until(count)
        info = await telegram.done("getWebhookInfo")
        assert info["last_error_message"] == "Wrong response from the webhook: 500 X"
        assert info["pending_update_count"] == 1
        telegram.clock.push(timedelta(hours=24))
        await _empty(telegram)


async def _settled(hook: Hook, count: int, telegram: Scene) -> None:
    await hook.until(count)
    await eventually(lambda: not telegram.sim.posting)


async def test_fact_29_a_chats_messages_wait_for_each_other_and_taps_do_not_wait_for_them(
    telegram: Scene,
) -> None:
    keys = {"inline_keyboard": [[{"text": "B", "callback_data": "tap"}]]}
    sent = await telegram.done("sendMessage", chat_id=telegram.ada.id, text="t", reply_markup=keys)
    ben = telegram.sim.person("Ben")
    async with hooked(telegram) as hook:
        hook.hold.clear()
        await telegram.ada.send("one", wait=0)
        await telegram.ada.send("two", wait=0)
        await telegram.ada.tap_data("tap", sent["message_id"], wait=0)
        await ben.send("ben", wait=0)
        assert sorted(await hook.until(3)) == ["ben", "one", "tap"]
        await asyncio.sleep(0.02)
        assert len(hook.heard) == 3, "two waits for one"
        hook.hold.set()
        assert (await hook.until(4))[3] == "two"
        await _empty(telegram)


async def test_fact_29_an_update_that_is_always_refused_blocks_only_its_own_queue(telegram: Scene) -> None:
    ben = telegram.sim.person("Ben")
    poison: Answer = lambda update: (500, "") if _what(update) == "poison" else OK  # noqa: E731
    async with hooked(telegram, poison) as hook:
        await telegram.ada.send("poison", wait=0)
        await telegram.ada.send("behind it", wait=0)
        await ben.send("fine")
        assert "fine" in await hook.until(3)
        assert "behind it" not in [_what(update) for update in hook.heard]


async def test_fact_31_max_connections_bounds_what_is_in_flight(telegram: Scene) -> None:
    people = [telegram.sim.person(f"P{i}") for i in range(4)]
    async with hooked(telegram, max_connections=2) as hook:
        hook.hold.clear()
        for person in people:
            await person.send("hi", wait=0)
        await hook.until(2)
        await asyncio.sleep(0.03)
        assert len(hook.heard) == 2
        hook.hold.set()
        await hook.until(4)
        await _empty(telegram)


async def test_fact_30_a_call_in_the_answer_is_executed(telegram: Scene) -> None:
    call = json.dumps({"method": "sendMessage", "chat_id": telegram.ada.id, "text": "from the answer"})
    async with hooked(telegram, lambda update: (200, call)):
        await telegram.ada.send("hello", wait=0)
        screen = await telegram.ada.waits_for("from the answer")
        assert screen.text == "from the answer"


@pytest.mark.parametrize("method", ["getMe", "setWebhook", "deleteWebhook", "close", "logOut", "nonsense"])
async def test_fact_30_some_calls_are_not_executed_from_an_answer(telegram: Scene, method: str) -> None:
    async with hooked(telegram, lambda update: (200, json.dumps({"method": method}))) as hook:
        before = telegram.sim.tg.journal.count
        await telegram.ada.send("hello")
        assert telegram.sim.tg.journal.count == before
        assert (await telegram.done("getWebhookInfo"))["url"] == hook.url


async def test_fact_31_setting_a_webhook_twice_in_a_second_is_too_much(telegram: Scene) -> None:
    here = {"url": "http://127.0.0.1:9/"}
    await telegram.done("setWebhook", **here)
    assert await telegram.refused("setWebhook", **here) == "Too Many Requests: retry after 1"
    telegram.clock.push(timedelta(seconds=1))
    await telegram.done("setWebhook", **here, max_connections=1000)
    assert (await telegram.done("getWebhookInfo"))["max_connections"] == 100


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://example.org/", "An HTTPS URL must be provided for webhook"),
        ("https://example.org:444/", "Webhook can be set up only on ports 80, 88, 443 or 8443"),
    ],
)
async def test_fact_31_a_public_webhook_is_https_on_four_ports(url: str, words: str) -> None:
    async with scene(public_webhooks=True) as telegram:
        assert await telegram.refused("setWebhook", url=url) == f"Bad Request: bad webhook: {words}"
        await telegram.done("setWebhook", url="https://example.org:8443/hook")


async def test_fact_33_people_whose_updates_fail_starve_the_others(telegram: Scene) -> None:
    """At most two queues a connection are loaded: once as many fail, nobody else is served."""
    failing = [telegram.sim.person(f"F{i}") for i in range(2)]
    poison: Answer = lambda update: (500, "") if _what(update) == "poison" else OK  # noqa: E731
    async with hooked(telegram, poison, max_connections=1) as hook:
        for person in failing:
            await person.send("poison", wait=0)
        await hook.until(4)
        telegram.clock.push(timedelta(minutes=1))
        await telegram.ada.send("fine", wait=0)
        for _ in range(3):
            telegram.clock.push(timedelta(minutes=2))
            await asyncio.sleep(0.02)
        assert "fine" not in [_what(update) for update in hook.heard]
        telegram.clock.push(timedelta(hours=24) - timedelta(minutes=7))  # theirs expire, and Ada's is younger
        await eventually(lambda: "fine" in [_what(update) for update in hook.heard])


async def test_fact_33_ten_seconds_without_a_success_leave_one_connection(telegram: Scene) -> None:
    people = [telegram.sim.person(f"P{i}") for i in range(3)]
    async with hooked(telegram, lambda update: (500, ""), max_connections=3) as hook:
        for person in people:
            await person.send("hi", wait=0)
        await _settled(hook, 6, telegram)
        telegram.clock.push(timedelta(seconds=10))
        await asyncio.sleep(0.02)
        hook.hold.clear()
        heard = len(hook.heard)
        telegram.clock.push(timedelta(minutes=3))
        await hook.until(heard + 1)
        await asyncio.sleep(0.03)
        assert len(hook.heard) == heard + 1
        assert telegram.sim.posting == 1


async def test_fact_33_an_inline_query_is_dropped_after_thirty_seconds(telegram: Scene) -> None:
    async with hooked(telegram, lambda update: (500, "")):
        await telegram.ada.asks_inline("heat", wait=0)
        telegram.clock.push(timedelta(seconds=30))
        await _empty(telegram)


async def test_fact_33_a_webhook_that_is_gone_for_23_hours_is_taken_away(telegram: Scene) -> None:
    async with hooked(telegram, lambda update: (410, "")) as hook:
        await telegram.ada.send("hello", wait=0)
        await _settled(hook, 2, telegram)
        telegram.clock.push(timedelta(hours=22))
        await _settled(hook, 3, telegram)
        assert (await telegram.done("getWebhookInfo"))["url"] == hook.url
        telegram.clock.push(timedelta(hours=1))
        await eventually(lambda: not telegram.sim.tg.webhook.url)


async def test_fact_34_setting_the_same_webhook_again_changes_nothing(telegram: Scene) -> None:
    async with hooked(telegram, secret_token="a") as hook:
        hook.hold.clear()
        await telegram.ada.send("one", wait=0)
        await hook.until(1)
        telegram.clock.push(timedelta(seconds=2))
        await telegram.done("setWebhook", url=hook.url, secret_token="a")
        hook.hold.set()
        await _empty(telegram)
        assert await hook.until(1) == ["one"]


async def test_fact_34_a_changed_webhook_gets_what_was_in_flight_twice(telegram: Scene) -> None:
    async with hooked(telegram, secret_token="a") as hook:
        hook.hold.clear()
        await telegram.ada.send("one", wait=0)
        await hook.until(1)
        telegram.clock.push(timedelta(seconds=2))
        await telegram.done("setWebhook", url=hook.url, secret_token="b")
        assert await hook.until(2) == ["one", "one"]
        hook.hold.set()
        await _empty(telegram)
