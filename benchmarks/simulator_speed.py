"""How many calls a second the simulator answers: it must never be what another benchmark measures.

The server has a process of its own. The client is bare sockets that keep requests in flight, so that it costs
little beside the server. One core each.
"""

import asyncio
import contextlib
import json
import multiprocessing
import time
from multiprocessing.connection import Connection
from urllib.request import Request, urlopen

from telegram import Bot
from telegram.request import HTTPXRequest

from tgbot.clock import SystemClock
from tgbot.simulator.simulator_server import Simulator

CONNECTIONS = 16
SECONDS = 1.5


def _serve(pipe: Connection, lean: bool) -> None:
    async def serve() -> None:
        async with Simulator(SystemClock(), lean=lean) as sim:
            pipe.send((sim.url, sim.token))
            await asyncio.to_thread(pipe.recv)

    asyncio.run(serve())


def _post(url: str, body: dict[str, object]) -> dict[str, int]:
    data = json.dumps(body).encode()
    with urlopen(Request(url, data, {"Content-Type": "application/json"})) as answer:  # noqa: S310 – it is http
        read: dict[str, int] = json.load(answer)
    return read


def _request(url: str, token: str, method: str, body: dict[str, object]) -> bytes:
    content = json.dumps(body).encode()
    host = url.removeprefix("http://")
    head = f"POST /bot{token}/{method} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content


async def _hammer(url: str, request: bytes) -> float:
    """Calls a second over all connections."""
    host, port = url.removeprefix("http://").split(":")
    count, end = 0, time.perf_counter() + SECONDS

    async def one() -> None:
        nonlocal count
        reader, writer = await asyncio.open_connection(host, int(port))
        while time.perf_counter() < end:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            assert b"200 OK" in head, head
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
            count += 1
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    started = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
    return count / (time.perf_counter() - started)


async def _with_a_library(url: str, token: str, chat_id: int) -> float:
    """Messages a second that python-telegram-bot's own client gets through: more no bot on it can need."""
    request = HTTPXRequest(connection_pool_size=CONNECTIONS)
    async with Bot(token, base_url=f"{url}/bot", request=request) as bot:
        count, end = 0, time.perf_counter() + SECONDS

        async def one() -> None:
            nonlocal count
            while time.perf_counter() < end:
                await bot.send_message(chat_id, "hello")
                count += 1

        started = time.perf_counter()
        await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
        return count / (time.perf_counter() - started)


def _measure(lean: bool) -> dict[str, float]:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs, lean))
    process.start()
    url, token = ours.recv()
    person = _post(f"{url}/control/people", {"name": "Ada"})["id"]
    _post(f"{url}/control/people/{person}/send", {"text": "/start"})
    keys = {"inline_keyboard": [[{"text": "Back", "callback_data": "b"}]]}
    message: dict[str, object] = {
        "chat_id": person,
        "text": "<b>Heat or ice?</b> Whichever feels better.",
        "parse_mode": "HTML",
        "reply_markup": keys,
    }
    speeds = {
        "getMe": asyncio.run(_hammer(url, _request(url, token, "getMe", {}))),
        "sendMessage": asyncio.run(_hammer(url, _request(url, token, "sendMessage", message))),
        "… by a library": asyncio.run(_with_a_library(url, token, person)),
    }
    ours.send("end")
    process.join()
    return speeds


def main() -> None:
    """Alternately, and the best of three: a machine that does something else only ever makes it slower."""
    rounds = [(_measure(lean=False), _measure(lean=True)) for _ in range(3)]
    logged, lean = (
        {name: max(round_[i][name] for round_ in rounds) for name in rounds[0][0]} for i in (0, 1)
    )
    print(f"{'calls a second':16}{'with the log':>14}{'lean':>10}{'ratio':>8}")
    for method in logged:
        print(f"{method:16}{logged[method]:14,.0f}{lean[method]:10,.0f}{lean[method] / logged[method]:8.2f}")


if __name__ == "__main__":
    main()
