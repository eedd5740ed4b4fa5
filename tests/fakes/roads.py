"""Both roads of a call, and somebody at the other end who does as told."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from tgbot.chat.telegram_connection import DirectRequests, TelegramConnection

ROADS = ("by the session", "by the connector")
Answer = Callable[[bytes, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def somebody(answer: Answer) -> AsyncIterator[str]:
    """Listens, reads one request's head and does what `answer` says; yields the address."""

    async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError):  # hung up before it said anything
                await answer(await reader.readuntil(b"\r\n\r\n"), reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(met, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def said(body: bytes, status: bytes = b"200 OK", headers: bytes = b"") -> bytes:
    return b"HTTP/1.1 %b\r\n%bContent-Length: %d\r\n\r\n%b" % (status, headers, len(body), body)


async def body_of(head: bytes, reader: asyncio.StreamReader) -> bytes:
    """The rest of a request: its body."""
    length = next(line for line in head.splitlines() if line.lower().startswith(b"content-length:"))
    return await reader.readexactly(int(length.partition(b":")[2]))


@asynccontextmanager
async def connection(
    road: str, longest: float = 5.0, connections: int = 1, proxy: str | None = None
) -> AsyncIterator[TelegramConnection]:
    """An open connection whose calls take `road`."""
    async with TelegramConnection(longest, connections, proxy) as opened:
        session = opened._session
        assert session is not None
        assert session.connector is not None
        if road == "by the connector":
            opened._direct = DirectRequests(session.connector, dict(session.headers), proxy)
        yield opened
