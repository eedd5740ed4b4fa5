"""JSON requests over aiohttp's connector, without its session: less than half the processor time of a tap.

aiohttp documents neither `connect` nor `ResponseHandler`. This was read against 3.14.5, and
tests/integration/test_both_roads.py holds it against the session over the oldest and the newest version that
pyproject.toml allows. Connections, their pool, TLS and proxies stay aiohttp's.
"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Self, cast

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.client_reqrep import ClientRequest
from yarl import URL

Response = tuple[int, bytes, str]  # status, body, and the Date header


@dataclass(frozen=True, slots=True)
class _Target:
    """`request` is what the connector finds a connection by; `head` lacks the length of the body alone."""

    request: ClientRequest
    head: bytes

    @classmethod
    def of(cls, url: str, headers: Mapping[str, str], proxy: str | None) -> Self:
        request = ClientRequest(
            "POST",
            URL(url),
            headers={**headers, "Content-Type": "application/json"},
            proxy=URL(proxy) if proxy else None,
            loop=asyncio.get_running_loop(),
        )
        lines = [f"POST {request.url.raw_path_qs} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in request.headers.items() if name != "Content-Length"]
        return cls(request, "\r\n".join([*lines, "Content-Length: "]).encode())


class DirectRequests:
    """POSTs over `connector`, through `proxy` for https:// alone: http:// through one is the session's."""

    def __init__(
        self, connector: aiohttp.BaseConnector, headers: Mapping[str, str], proxy: str | None
    ) -> None:
        self._connector = connector
        self._target = lru_cache(maxsize=100)(lambda url: _Target.of(url, headers, proxy))  # one a method
        self._loop = asyncio.get_running_loop()

    async def post(self, url: str, body: bytes, within: aiohttp.ClientTimeout) -> Response:
        """One request, never sent twice; `within` names `connect` and `total`. Raises what the session would:
        ConnectionTimeoutError where there was no connection in time, TimeoutError where no answer came in
        time, aiohttp's ClientError."""
        target = self._target(url)
        end = self._loop.time() + cast(float, within.total)
        try:
            connection = await self._connector.connect(target.request, [], within)
        except TimeoutError as error:
            raise aiohttp.ConnectionTimeoutError from error
        try:
            request = b"%b%d\r\n\r\n%b" % (target.head, len(body), body)
            protocol = cast(ResponseHandler, connection.protocol)
            answered = await self._exchange(protocol, request, end, within.sock_read)
        except BaseException:
            connection.close()  # or what is still to come would answer the next request
            raise
        connection.release()
        return answered

    async def _exchange(
        self, protocol: ResponseHandler, request: bytes, end: float, piece: float | None
    ) -> Response:
        """`end` is when the answer must be whole, by the loop's clock; `piece` limits each wait for more."""
        transport = protocol.transport
        if transport is None or transport.is_closing() or protocol.should_close:
            raise aiohttp.ClientConnectionResetError("Closed before anything was written")
        answer = _Answer(protocol, piece)
        limit = self._loop.call_at(end, protocol._on_read_timeout)
        try:
            transport.write(request)
            protocol.start_timeout()
            answered = await answer.read()
        finally:
            limit.cancel()
        if transport.get_write_buffer_size():  # answered before it was read: the rest would precede the next
            protocol.force_close()
        return answered


class _Answer:
    """One answer. Nearly each is a plain 200 in one piece, and is read here; aiohttp's parser, which makes a
    dozen objects of one, gets every other from its first byte on, and those whose pieces have a limit."""

    __slots__ = ("_plain", "_protocol")

    def __init__(self, protocol: ResponseHandler, piece: float | None) -> None:
        self._protocol = protocol
        self._plain: Response | None = None
        if piece is None:
            protocol.set_parser(self, None)
        else:
            protocol.set_response_params(read_until_eof=True, read_timeout=piece)

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        """The protocol gives its parser what came: the first piece, as then this is its parser no more."""
        self._protocol.set_parser(None, None)
        self._plain = plain_answer(data)
        if self._plain is None:
            self._protocol.set_response_params(read_until_eof=True)
            self._protocol.data_received(data)
        else:
            self._protocol.feed_data(cast(Any, None))  # wakes `read`
        return False, b""

    def feed_eof(self) -> None:
        """Nothing came at all: `read` raises that, as the protocol knows it, too."""

    async def read(self) -> Response:
        first = await self._protocol.read()
        if self._plain is not None:
            return self._plain
        message, payload = first
        while message.code < 200 and message.code != 101:  # not yet the answer
            message, payload = await self._protocol.read()
        said = payload.read_nowait() if payload.is_eof() else await payload.read()
        return message.code, said, message.headers.get("Date", "")


# Headers that say nothing of how long the answer is, how it is packed, or that the connection is over.
_OTHERS = rb"(?:(?:Content-Type: |Connection: keep-alive(?=\r)|Date: |[ABE-SU-Zabe-su-z])[^\r\n]*\r\n)*"
_PLAIN_HEAD = re.compile(rb"HTTP/1\.1 200 OK\r\n%bContent-Length: (\d{1,9})\r\n%b\r\n" % (_OTHERS, _OTHERS))


def plain_answer(data: bytes) -> Response | None:
    """The answer, if this is the whole of a 200 that is framed by its length alone. (Another way to write the
    same, as "content-length", is none: what is not surely plain is aiohttp's to read.)"""
    head = _PLAIN_HEAD.match(data)
    if head is None or len(data) - head.end() != int(head[1]):
        return None
    date = head[0].partition(b"\r\nDate: ")[2].partition(b"\r\n")[0]
    return HTTPStatus.OK, data[head.end() :], date.decode("latin-1")
