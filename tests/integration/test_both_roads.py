"""A call by aiohttp's session and one by its connector alone: what goes wrong is the same failure in both.

Whether a message was sent is what all of this is about: see `failure_of`. `test_over_the_oldest_aiohttp`
runs this file once more over the oldest version that pyproject.toml allows.
"""

import asyncio
import itertools
import socket
import ssl
import struct
from asyncio import StreamReader as Reader
from asyncio import StreamWriter as Writer
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from random import Random

import aiohttp
import orjson
import pytest
from telegram.error import RetryAfter, TelegramError, TimedOut

from tests.fakes.certificates import of_localhost
from tests.fakes.roads import ROADS, Answer, body_of, connection, said, somebody
from tgbot.chat import telegram_connection
from tgbot.chat.failures import Failure, failure_of, seconds_of
from tgbot.chat.telegram_connection import TelegramConnection

TOKEN = "123456:canary-token"
PATH = f"/bot{TOKEN}/sendMessage"
BRIEF = 0.4  # seconds for a whole call, where it is a limit that ends it
OK = b'{"ok":true,"result":7}'

pytestmark = pytest.mark.parametrize("road", ROADS)


async def reset_at_once(head: bytes, reader: Reader, writer: Writer) -> None:
    """The body, if it comes at all, is read by nobody."""
    hang_up_hard(writer)


async def reset_after_reading(head: bytes, reader: Reader, writer: Writer) -> None:
    await body_of(head, reader)
    hang_up_hard(writer)


async def never_answer(head: bytes, reader: Reader, writer: Writer) -> None:
    await reader.read()


async def dribble(head: bytes, reader: Reader, writer: Writer) -> None:
    """Each piece is in time, so only a limit for the whole ends it."""
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"1\r\n \r\n")
        await writer.drain()
        await asyncio.sleep(0.01)


def hang_up_hard(writer: Writer) -> None:
    """Close with a reset instead of an end."""
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def say(answer: bytes) -> Answer:
    async def saying(head: bytes, reader: Reader, writer: Writer) -> None:
        await body_of(head, reader)
        writer.write(answer)
        await writer.drain()

    return saying


def keep_saying(answer: bytes) -> Answer:
    async def saying(head: bytes, reader: Reader, writer: Writer) -> None:
        while True:
            await body_of(head, reader)
            writer.write(answer)
            await writer.drain()
            if b"HTTP/1.0" in answer or b"close" in answer:
                return
            head = await reader.readuntil(b"\r\n\r\n")

    return saying


FAILURES: dict[str, tuple[Answer, Failure]] = {
    "reset before it was read": (reset_at_once, Failure.DOUBTFUL),
    "reset after it was read": (reset_after_reading, Failure.DOUBTFUL),
    "closed without a word": (say(b""), Failure.DOUBTFUL),
    "half a head": (say(b"HTTP/1.1 200 OK\r\nContent-Le"), Failure.DOUBTFUL),
    "half a body": (say(b'HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n{"ok":true'), Failure.DOUBTFUL),
    "half a chunk": (
        say(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1e\r\n{"ok":'),
        Failure.DOUBTFUL,
    ),
    "no HTTP": (say(b"220 mail.example ready\r\n"), Failure.DOUBTFUL),
    "an endless head": (say(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000), Failure.DOUBTFUL),
    "two lengths": (
        say(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx"),
        Failure.DOUBTFUL,
    ),
    "a length of five thousand digits": (
        say(b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5_000 + b"\r\n\r\nxx"),
        Failure.DOUBTFUL,
    ),
    "a dribble": (dribble, Failure.DOUBTFUL),
    "never an answer": (never_answer, Failure.DOUBTFUL),
    "only that it goes on": (say(b"HTTP/1.1 100 Continue\r\n\r\n"), Failure.DOUBTFUL),
    "another protocol": (
        say(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
        Failure.DOUBTFUL,
    ),
    "no content": (say(b"HTTP/1.1 204 No Content\r\n\r\n"), Failure.DOUBTFUL),
    "500": (say(said(b"<h1>Oh</h1>", b"500 Internal Server Error")), Failure.DOUBTFUL),
    "500 in Telegram's words": (
        say(said(b'{"ok":false,"error_code":500,"description":"Oh"}', b"500 Internal Server Error")),
        Failure.DOUBTFUL,
    ),
    "502": (say(said(b"", b"502 Bad Gateway")), Failure.DOUBTFUL),
    "elsewhere": (
        say(said(b"", b"302 Found", b"Location: http://127.0.0.1:9/\r\n")),
        Failure.DOUBTFUL,
    ),
    "400 of a portal": (say(said(b"<h1>Sign in</h1>", b"400 Bad Request")), Failure.NOT_SENT),
    "400": (
        say(said(b'{"ok":false,"error_code":400,"description":"Bad Request: x"}', b"400 Bad Request")),
        Failure.FINAL,
    ),
    "401": (
        say(said(b'{"ok":false,"error_code":401,"description":"Unauthorized"}', b"401 Unauthorized")),
        Failure.NOT_SENT,
    ),
    "429 that does not say how long": (say(said(b"", b"429 Too Many Requests")), Failure.NOT_SENT),
}
LIMITED = {"a dribble", "never an answer"}


@pytest.mark.parametrize("what", FAILURES)
async def test_what_goes_wrong_at_the_other_end_is_this_failure(road: str, what: str) -> None:
    answer, failure = FAILURES[what]
    async with somebody(answer) as address, connection(road, BRIEF if what in LIMITED else 5.0) as line:
        with pytest.raises(TelegramError) as caught:
            await line.call(address + PATH, {"chat_id": 1, "text": "x"})
        assert_whole(line)

    assert failure_of(caught.value) is failure
    assert isinstance(caught.value, TimedOut) is (what in LIMITED)
    assert "canary" not in str(caught.value)


ANSWERS = {
    "with its length": said(OK),
    "in chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n"
    + OK[:5]
    + b"\r\n%x\r\n" % (len(OK) - 5)
    + OK[5:]
    + b"\r\n0\r\n\r\n",
    "until the end": b"HTTP/1.0 200 OK\r\n\r\n" + OK,
    "after a word that it goes on": b"HTTP/1.1 102 Processing\r\n\r\n" + said(OK),
    "and that is all": said(OK, headers=b"Connection: close\r\n"),
}


@pytest.mark.parametrize("how", ANSWERS)
async def test_an_answer_is_read_however_it_is_framed(road: str, how: str) -> None:
    async with somebody(keep_saying(ANSWERS[how])) as address, connection(road) as line:
        for _ in range(2):  # by the same connection, or by a new one where that is over
            assert await line.call(address + PATH, {}) == 7
        assert_whole(line)


async def test_a_429_says_how_long(road: str) -> None:
    body = b'{"ok":false,"error_code":429,"description":"Too Many","parameters":{"retry_after":11}}'
    async with somebody(say(said(body, b"429 Too Many Requests"))) as address, connection(road) as line:
        with pytest.raises(RetryAfter) as caught:
            await line.call(address + PATH, {})

    assert seconds_of(caught.value) == 11


async def test_nobody_who_listens_is_surely_not_sent(road: str) -> None:
    async with connection(road) as line:
        await assert_not_sent(line, f"http://127.0.0.1:{free_port()}{PATH}")


async def test_a_name_that_nobody_has_is_surely_not_sent(road: str) -> None:
    async with connection(road) as line:
        await assert_not_sent(line, f"http://nobody.invalid{PATH}")


async def test_a_handshake_that_never_ends_is_surely_not_sent(road: str) -> None:
    async with somebody(never_answer) as address, connection(road, BRIEF) as line:
        error = await assert_not_sent(line, address.replace("http", "https") + PATH)

    assert isinstance(error, TimedOut)


async def test_no_free_connection_is_surely_not_sent(road: str) -> None:
    taken = asyncio.Event()

    async def keep(head: bytes, reader: Reader, writer: Writer) -> None:
        taken.set()
        await reader.read()

    async with somebody(keep) as address, connection(road, 60.0) as line:
        first = asyncio.create_task(line.call(address + PATH, {}))
        await taken.wait()
        within = aiohttp.ClientTimeout(total=60.0, connect=0.1)
        error = await assert_not_sent(line, address + PATH, within)
        first.cancel()
        with suppress(asyncio.CancelledError):
            await first
        assert_whole(line)

    assert isinstance(error, TimedOut)


async def test_a_certificate_that_nobody_vouches_for_is_surely_not_sent(road: str, tmp_path: Path) -> None:
    async with served_by_tls(tmp_path) as (address, _), connection(road) as line:
        await assert_not_sent(line, address + PATH)


async def test_a_call_goes_over_tls(road: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with served_by_tls(tmp_path) as (address, trusted):
        monkeypatch.setattr(telegram_connection, "_trust", lambda: trusted)
        async with connection(road) as line:
            for _ in range(3):
                assert await line.call(address + PATH, {"text": "x" * 50_000}) == 7
            assert_whole(line)


async def test_a_call_goes_over_tls_through_a_proxy(
    road: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heads: list[bytes] = []

    async def proxy(head: bytes, reader: Reader, writer: Writer) -> None:
        heads.append(head)
        host, _, port = head.split()[1].decode().partition(":")
        far_reader, far_writer = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(hand_on(reader, far_writer), hand_on(far_reader, writer))

    async with served_by_tls(tmp_path) as (address, trusted), somebody(proxy) as through:
        monkeypatch.setattr(telegram_connection, "_trust", lambda: trusted)
        named = through.replace("http://", "http://me:secret@")
        async with connection(road, proxy=named) as line:
            for _ in range(3):
                assert await line.call(address + PATH, {}) == 7

    assert len(heads) == 1
    assert b"Proxy-Authorization: Basic bWU6c2VjcmV0" in heads[0]


async def test_a_proxy_that_is_not_there_is_surely_not_sent(road: str) -> None:
    async with connection(road, proxy=f"http://127.0.0.1:{free_port()}") as line:
        await assert_not_sent(line, f"https://telegram.test{PATH}")


async def test_a_proxy_that_lets_nobody_through_is_surely_not_sent(road: str) -> None:
    async def refuse(head: bytes, reader: Reader, writer: Writer) -> None:
        assert head.startswith(b"CONNECT telegram.test:443 ")
        writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    async with somebody(refuse) as address, connection(road, proxy=address) as line:
        await assert_not_sent(line, f"https://telegram.test{PATH}")


async def test_an_idle_connection_that_was_closed_is_not_used(road: str) -> None:
    closed = asyncio.Event()

    async def once(head: bytes, reader: Reader, writer: Writer) -> None:
        await body_of(head, reader)
        writer.write(said(OK))
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        closed.set()

    async with somebody(once) as address, connection(road) as line:
        for _ in range(3):
            assert await line.call(address + PATH, {}) == 7
            await closed.wait()
            await asyncio.sleep(0.01)  # its end is on the way
            closed.clear()


async def test_an_idle_connection_that_is_closed_just_then_leaves_it_open_and_nothing_goes_twice(
    road: str,
) -> None:
    heads: list[bytes] = []

    async def once(head: bytes, reader: Reader, writer: Writer) -> None:
        heads.append(head)
        await body_of(head, reader)
        writer.write(said(OK))
        await writer.drain()
        heads.append(await reader.readuntil(b"\r\n\r\n"))  # the next one is read, and nothing said to it
        hang_up_hard(writer)

    async with somebody(once) as address, connection(road) as line:
        assert await line.call(address + PATH, {}) == 7
        with pytest.raises(TelegramError) as caught:
            await line.call(address + PATH, {})

    assert failure_of(caught.value) is Failure.DOUBTFUL
    assert len(heads) == 2


@pytest.mark.filterwarnings("ignore:Sending a large body")  # which fits into no buffer of the kernel's
async def test_a_connection_that_answered_before_it_read_the_request_is_not_kept(road: str) -> None:
    """What is left of the request would stand before the next one."""
    over = asyncio.Event()

    async def hasty(head: bytes, reader: Reader, writer: Writer) -> None:
        writer.write(said(OK))
        await writer.drain()
        await over.wait()

    async with somebody(hasty) as address, connection(road) as line:
        assert await line.call(address + PATH, {"text": "x" * 30_000_000}) == 7
        assert idle(line) == 0
        assert_whole(line)
        over.set()


async def test_the_limit_of_an_answered_call_ends_no_later_one(road: str) -> None:
    met = 0

    async def at_once_then_late(head: bytes, reader: Reader, writer: Writer) -> None:
        nonlocal met
        while True:
            await body_of(head, reader)
            met += 1
            await asyncio.sleep(0.6 * (met - 1))
            writer.write(said(OK))
            await writer.drain()
            head = await reader.readuntil(b"\r\n\r\n")

    async with somebody(at_once_then_late) as address, connection(road) as line:
        soon = aiohttp.ClientTimeout(total=0.3, connect=0.3)
        assert await line.call(address + PATH, {}, soon) == 7
        assert await line.call(address + PATH, {}) == 7
        assert idle(line) == 1, "the same connection served both"
        assert_whole(line)


STAGES: dict[str, Callable[[], AbstractAsyncContextManager[str]]] = {
    "its handshake": lambda: somebody(never_answer),
    "its answer": lambda: somebody(never_answer),
    "its body": lambda: somebody(dribble),
}


@pytest.mark.parametrize("stage", [*STAGES, "a free connection"])
async def test_who_is_cancelled_while_waiting_leaves_the_pool_whole(road: str, stage: str) -> None:
    async with connection(road) as line, STAGES.get(stage, STAGES["its answer"])() as address:
        url = address.replace("http:", "https:") if stage == "its handshake" else address
        waiting = [asyncio.create_task(line.call(url + PATH, {}))]
        await asyncio.sleep(0.1)
        if stage == "a free connection":
            waiting.insert(0, asyncio.create_task(line.call(url + PATH, {})))
            await asyncio.sleep(0.05)
        for task in waiting:
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert_whole(line)
        assert idle(line) == 0

        async with somebody(say(said(OK))) as sound:
            assert await line.call(sound + PATH, {}) == 7


CALLS, CONNECTIONS, SEED = 6_000, 20, 20261127


async def test_among_six_thousand_calls_no_answer_is_anothers_and_the_pool_stays_whole(road: str) -> None:
    """Fifteen in a hundred are cancelled somewhere on the way, fifteen in a hundred are hurt."""
    dice = Random(SEED)
    met: set[asyncio.StreamWriter] = set()

    async def echo(head: bytes, reader: Reader, writer: Writer) -> None:
        met.add(writer)
        while True:
            asked = orjson.loads(await body_of(head, reader))
            answer = said(b'{"ok":true,"result":%d}' % asked["number"])
            match asked["harm"]:
                case "reset":
                    hang_up_hard(writer)
                    return
                case "half":
                    writer.write(answer[: len(answer) // 2])
                    return
                case "late":
                    await asyncio.sleep(0.002)
                case "pieces":
                    writer.write(answer[:-3])
                    await asyncio.sleep(0.001)
                    answer = answer[-3:]
            writer.write(answer)
            await writer.drain()
            head = await reader.readuntil(b"\r\n\r\n")

    async with somebody(echo) as address, connection(road, 60.0, CONNECTIONS) as line:
        numbers, answered = itertools.count(), 0
        failures: list[tuple[str, Failure]] = []

        async def caller(dice: Random) -> None:
            nonlocal answered
            while (number := next(numbers)) < CALLS:
                harm = dice.choice(["reset", "half", "half"]) if dice.random() < 0.15 else ""
                pace = harm or dice.choice(["", "", "late", "pieces"])
                task = asyncio.create_task(line.call(address + PATH, {"number": number, "harm": pace}))
                if dice.random() < 0.15:
                    await asyncio.sleep(dice.choice([0, 0, 0.0005, 0.002]))
                    task.cancel()
                try:
                    assert await task == number
                    answered += 1
                except asyncio.CancelledError:
                    pass
                except TelegramError as error:
                    failures.append((harm, failure_of(error)))

        await asyncio.gather(*(caller(Random(dice.random())) for _ in range(3 * CONNECTIONS)))
        assert_whole(line)
        assert answered > CALLS * 0.6
        assert {failure for _, failure in failures} == {Failure.DOUBTFUL}
        assert all(harm for harm, _ in failures)

        met.clear()  # and as many as ever can be under way at the same time
        at_once = [line.call(address + PATH, {"number": n, "harm": "late"}) for n in range(CONNECTIONS)]
        assert await asyncio.gather(*at_once) == list(range(CONNECTIONS))
        assert_whole(line)
        assert idle(line) == CONNECTIONS


async def test_both_roads_say_the_same_to_telegram(road: str) -> None:
    heads: list[bytes] = []

    async def note(head: bytes, reader: Reader, writer: Writer) -> None:
        heads.append(head + await body_of(head, reader))
        writer.write(said(OK))
        await writer.drain()

    async with somebody(note) as address, connection(road) as line:
        await line.call(address + PATH, {"text": "ä"})
        port = address.rpartition(":")[2]

    first, *headers = heads[0].partition(b"\r\n\r\n")[0].decode().splitlines()
    assert first == f"POST {PATH} HTTP/1.1"
    assert sorted(headers) == [
        "Accept-Encoding: identity",
        "Accept: */*",
        "Content-Length: 13",
        "Content-Type: application/json",
        f"Host: 127.0.0.1:{port}",
        f"User-Agent: {TelegramConnection.USER_AGENT}",
    ]
    assert heads[0].endswith('\r\n\r\n{"text":"ä"}'.encode())


async def assert_not_sent(
    line: TelegramConnection, url: str, within: aiohttp.ClientTimeout | None = None
) -> TelegramError:
    with pytest.raises(TelegramError) as caught:
        await line.call(url, {"chat_id": 1, "text": "x"}, within)
    assert failure_of(caught.value) is Failure.NOT_SENT
    assert "canary" not in str(caught.value)
    return caught.value


def assert_whole(line: TelegramConnection) -> None:
    """No connection is held by a call that is over, and nobody waits for one."""
    pool = pool_of(line)
    assert not pool._acquired
    assert not pool._waiters


def idle(line: TelegramConnection) -> int:
    return sum(len(kept) for kept in pool_of(line)._conns.values())


def pool_of(line: TelegramConnection) -> aiohttp.BaseConnector:
    session = line._session
    assert session is not None
    assert session.connector is not None
    return session.connector


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


async def hand_on(reader: Reader, writer: Writer) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def served_by_tls(folder: Path) -> AsyncIterator[tuple[str, ssl.SSLContext]]:
    """Answers every request; yields the address, and who trusts its certificate."""
    file, certificate = of_localhost(folder)
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(file)

    async def answer(reader: Reader, writer: Writer) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                await body_of(await reader.readuntil(b"\r\n\r\n"), reader)
                writer.write(said(OK))
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=ours)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"https://localhost:{port}", ssl.create_default_context(cadata=certificate)
