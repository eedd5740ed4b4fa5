"""The line to Telegram over real sockets: files, proxies, connections that are not to be had, odd answers."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

import aiohttp
import pytest
from aiohttp.client_proto import ResponseHandler
from aiohttp.streams import DataQueue
from structlog.testing import capture_logs
from telegram import Bot
from telegram.error import NetworkError, RetryAfter, TelegramError
from telegram.ext import ExtBot

from tests.fakes.roads import body_of, connection, said, somebody
from tests.judge import judge_every_call
from tgbot.chat.failures import seconds_of, surely_not_sent
from tgbot.chat.polling import fetch
from tgbot.chat.sending import TelegramMessenger, delivery_of
from tgbot.chat.telegram_connection import BUSY_SECONDS, TelegramConnection
from tgbot.clock import SystemClock
from tgbot.screens.screen import Screen
from tgbot.service.ports import Ambiguous, Later
from tgbot.simulator.simulator_server import Simulator

TOKEN = "123456:canary-token"


async def test_a_picture_and_a_document_arrive_whole_with_their_captions() -> None:
    async with Simulator(SystemClock()) as simulator:
        person = simulator.tg.world.person("Ada")
        person.started = True
        line = TelegramConnection(longest=5.0, connections=2)
        async with Bot(
            simulator.token, base_url=f"{simulator.url}/bot", request=line, get_updates_request=line
        ) as bot:
            content = bytes(range(256)) * 3000
            sent = await bot.send_document(
                person.id, content, filename="Verlauf – März.pdf", caption="<b>A card</b>", parse_mode="HTML"
            )

            assert sent.document is not None
            assert (sent.document.file_size, sent.caption) == (len(content), "A card")
            assert sent.document.file_name == "Verlauf – März.pdf"
        judge_every_call(simulator)


async def test_a_proxy_is_told_who_we_are_and_where_to_go() -> None:
    heads: list[bytes] = []

    async def proxy(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(head)
        body = b'{"ok":true,"result":7}'
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()

    async with somebody(proxy) as address:
        through = address.replace("http://", "http://me:secret@")
        async with TelegramConnection(longest=4.0, connections=1, proxy=through) as line:
            assert await line.call("http://telegram.test/bot1:x/getMe", {}) == 7

    assert heads[0].startswith(b"POST http://telegram.test/bot1:x/getMe HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic bWU6c2VjcmV0" in heads[0]


ODD = {
    "nothing": b"",
    "a rude word": b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nno!",
    "half of it": b'HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n{"ok":true',
    "no HTTP": b"220 mail.example ready\r\n",
    "elsewhere": b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n",
    "502 and a word": b'HTTP/1.1 502 No\r\nContent-Length: 4\r\n\r\n"no"',
    "502 and null": b"HTTP/1.1 502 No\r\nContent-Length: 4\r\n\r\nnull",
    "502 and a list": b"HTTP/1.1 502 No\r\nContent-Length: 2\r\n\r\n[]",
    "502 and no sentence": b'HTTP/1.1 502 No\r\nContent-Length: 17\r\n\r\n{"description":5}',
    "502 and no parameters": b'HTTP/1.1 502 No\r\nContent-Length: 16\r\n\r\n{"parameters":5}',
    "a very deep one": b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"[" * 100_000,
}


@pytest.mark.parametrize("what", ODD)
async def test_an_odd_answer_leaves_it_open_whether_the_message_is_there(what: str) -> None:
    async def odd(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(ODD[what])
        await writer.drain()

    async with somebody(odd) as address, TelegramConnection(longest=4.0, connections=1) as line:
        with pytest.raises(TelegramError) as caught:
            await line.call(f"{address}/bot{TOKEN}/sendMessage", {"chat_id": 1, "text": "x"})

    assert not surely_not_sent(caught.value)
    assert "canary" not in str(caught.value)


MORNING = datetime(2026, 11, 23, 9, 10, tzinfo=UTC)
NO_MESSAGE = (b"null", b"[]", b"5", b'"sent"', b"{}", b'{"message_id":null}', b'{"message_id":"first"}')


@pytest.mark.parametrize("result", NO_MESSAGE)
async def test_an_answer_that_names_no_message_leaves_it_open_whether_it_is_there(result: bytes) -> None:
    """Well-formed, and nothing in it that could be a message: as unsure as no answer."""
    body = b'{"ok":true,"result":%s}' % result

    async def odd(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()

    async with somebody(odd) as address, TelegramConnection(longest=4.0, connections=1) as line:
        bot = ExtBot(TOKEN, base_url=f"{address}/bot", request=line, get_updates_request=line)
        delivery = await TelegramMessenger(bot, 4.0).send(1, Screen("Your check-in is ready."))

    assert delivery == Ambiguous("The answer names no message")


@pytest.mark.parametrize(
    ("status", "date", "told"),
    [
        (b"200 OK", b"Date: Mon, 23 Nov 2026 09:10:00 GMT\r\n", [MORNING]),
        (
            b"200 OK",
            b"Date: Mon, 23 Nov 2026 10:10:00 +0100\r\n",
            [MORNING],
        ),
        (
            b"200 OK",
            b"Date: Mon, 23 Nov 2026 09:10:00 -0000\r\n",
            [MORNING],
        ),
        (b"200 OK", b"Date: yesterday\r\n", [None]),
        (b"200 OK", b"", [None]),
        (b"502 Bad Gateway", b"Date: Mon, 23 Nov 2026 09:10:00 GMT\r\n", []),
        (b"400 Bad Request", b"Date: Mon, 23 Nov 2026 09:10:00 GMT\r\n", []),
    ],
)
async def test_only_an_answer_of_telegrams_own_says_what_time_it_is(
    status: bytes, date: bytes, told: list[datetime | None]
) -> None:
    body = b'{"ok":false,"error_code":400,"description":"x","result":1}'
    heard: list[datetime | None] = []

    async def dated(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n" % (status, date, len(body)) + body)
        await writer.drain()

    async with somebody(dated) as address, TelegramConnection(4.0, 1, answered=heard.append) as line:
        with suppress(TelegramError):
            await line.call(f"{address}/bot{TOKEN}/getMe", {})

    assert heard == told


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b'{"ok":false,"error_code":429,"description":"Too Many Requests"}']
)
async def test_a_429_that_does_not_say_how_long_is_a_429_all_the_same(body: bytes) -> None:
    async def busy(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()

    async with somebody(busy) as address, TelegramConnection(longest=4.0, connections=1) as line:
        with pytest.raises(RetryAfter) as caught:
            await line.call(f"{address}/bot{TOKEN}/sendMessage", {"chat_id": 1, "text": "x"})

    assert surely_not_sent(caught.value)
    assert seconds_of(caught.value) == BUSY_SECONDS


@pytest.mark.parametrize("status", [b"400 Bad Request", b"403 Forbidden"])
async def test_a_no_that_is_not_telegrams_is_surely_not_sent_and_nobodys_fault(status: bytes) -> None:
    """The page of a filter or a portal must not look like somebody who has blocked the bot: their check-ins
    would be over."""

    async def portal(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 17\r\n\r\n<h1>Sign in.</h1>")
        await writer.drain()

    async with somebody(portal) as address, TelegramConnection(longest=4.0, connections=1) as line:
        with pytest.raises(NetworkError) as caught:
            await line.call(f"{address}/bot{TOKEN}/sendMessage", {"chat_id": 1, "text": "x"})

    assert surely_not_sent(caught.value)
    assert isinstance(delivery_of(caught.value), Later)


async def test_a_batch_that_comes_slowly_is_taken_for_as_long_as_it_comes() -> None:
    """A hundred long messages over a bad line take longer than an answer's first byte may."""
    batch = b'{"ok":true,"result":[{"update_id":7}]}'

    async def slowly(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(batch))
        for place in range(0, len(batch), 5):
            writer.write(batch[place : place + 5])
            await writer.drain()
            await asyncio.sleep(0.3)

    async with somebody(slowly) as address:
        line = TelegramConnection(longest=4.0, connections=1)
        bot = ExtBot(TOKEN, base_url=f"{address}/bot", request=line, get_updates_request=line)
        async with line:
            assert await fetch(bot, None, 0, patience=2.0) == [{"update_id": 7}]


async def test_calls_go_without_the_session_once_that_is_seen_to_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with Simulator(SystemClock()) as simulator, TelegramConnection(5.0, 2) as line:
        root = f"{simulator.url}/bot{simulator.token}"
        me = await line.call(f"{root}/getMe", {})
        with capture_logs() as logs:
            await line.use_direct_requests(f"{root}/getMe", me["id"])
        assert logs == []

        monkeypatch.delattr(aiohttp.ClientSession, "request")
        assert await line.call(f"{root}/getMe", {}) == me
        with pytest.raises(NetworkError, match="AttributeError"):  # files go by the session
            await line.do_request(f"{root}/getMe", "POST")


@pytest.mark.parametrize(
    "changed", ["set_parser", "set_response_params", "read", "_on_read_timeout", "start_timeout"]
)
async def test_where_an_upgrade_of_aiohttp_changed_something_the_session_is_used_and_the_log_says_so_once(
    changed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Simulator(SystemClock()) as simulator, TelegramConnection(5.0, 2) as line:
        root = f"{simulator.url}/bot{simulator.token}"
        me = await line.call(f"{root}/getMe", {})
        with monkeypatch.context() as other, capture_logs() as logs:
            other.delattr(ResponseHandler if changed in vars(ResponseHandler) else DataQueue, changed)
            await line.use_direct_requests(f"{root}/getMe", me["id"])

        assert await line.call(f"{root}/getMe", {}) == me
    assert [(entry["event"], entry["reason"]) for entry in logs] == [
        ("direct_requests_unavailable", "AttributeError")
    ]


async def test_another_answer_than_the_sessions_is_not_trusted() -> None:
    async with Simulator(SystemClock()) as simulator, TelegramConnection(5.0, 2) as line:
        with capture_logs() as logs:
            await line.use_direct_requests(f"{simulator.url}/bot{simulator.token}/getMe", 5)
    assert [entry["reason"] for entry in logs] == ["another answer"]


@pytest.mark.parametrize("more", [said(b'{"ok":true,"result":8}'), b"HTTP/1.1 2", b"?"])
async def test_what_a_server_says_unasked_answers_nobody(more: bytes) -> None:
    """aiohttp's own session takes it for the next answer."""
    unasked = asyncio.Event()

    async def talkative(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await body_of(head, reader)
        writer.write(said(b'{"ok":true,"result":7}'))
        await unasked.wait()
        writer.write(more)
        await body_of(await reader.readuntil(b"\r\n\r\n"), reader)
        writer.write(said(b'{"ok":true,"result":7}'))

    async with somebody(talkative) as address, connection("by the connector") as line:
        assert await line.call(address, {}) == 7
        unasked.set()
        await asyncio.sleep(0.01)
        with suppress(TelegramError):
            assert await line.call(address, {}) == 7


async def test_http_through_a_proxy_stays_the_sessions() -> None:
    async with TelegramConnection(5.0, 2, proxy="http://127.0.0.1:9") as line:
        with capture_logs() as logs:
            await line.use_direct_requests("http://telegram.test/bot1:x/getMe", 5)
        assert (logs, line._direct) == ([], None)


async def test_a_line_can_be_opened_and_closed_twice() -> None:
    line = TelegramConnection(longest=1.0, connections=1)
    for _ in range(2):
        async with line:
            await line.initialize()
        await line.shutdown()

    with pytest.raises(NetworkError, match="not open"):
        await line.call("http://127.0.0.1:9/", {})


def test_half_a_character_in_somebodys_text_does_not_cost_the_batch() -> None:
    """orjson refuses it; whether it can be answered is for its own update to find out."""
    read = TelegramConnection.parse_json_payload(b'{"result": ["\\ud83d", 1]}')

    assert read["result"][1] == 1
