"""JSON requests over aiohttp's connector and parser, without its session: half the processor time of a tap.

aiohttp documents neither `connect` nor `ResponseHandler`. This was read against 3.14.5, and
tests/integration/test_both_roads.py holds it against the session over the oldest and the newest version that
pyproject.toml allows. Connections, their pool, TLS and proxies stay aiohttp's.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Self, cast

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

    async def post(self, url: str, body: bytes, within: aiohttp.ClientTimeout) -> Response:
        """One request, never sent twice; `within` names `connect` and `total`. Raises what the session would:
        ConnectionTimeoutError where there was no connection in time, TimeoutError where no answer came in
        time, aiohttp's ClientError."""
        target = self._target(url)
        end = asyncio.get_running_loop().time() + cast(float, within.total)
        try:
            connection = await self._connector.connect(target.request, [], within)
        except TimeoutError as error:
            raise aiohttp.ConnectionTimeoutError from error
        try:
            request = b"%b%d\r\n\r\n%b" % (target.head, len(body), body)
            answered = await _exchange(
                cast(ResponseHandler, connection.protocol), request, end, within.sock_read
            )
        except BaseException:
            connection.close()  # or what is still to come would answer the next request
            raise
        connection.release()
        return answered


async def _exchange(protocol: ResponseHandler, request: bytes, end: float, piece: float | None) -> Response:
    """`end` is when the answer must be whole, by the loop's clock; `piece` limits each wait for more."""
    transport = protocol.transport
    if transport is None or transport.is_closing():
        raise aiohttp.ClientConnectionResetError("Closed before anything was written")
    protocol.set_response_params(read_until_eof=True, read_timeout=piece)
    limit = asyncio.get_running_loop().call_at(end, protocol._on_read_timeout)
    try:
        transport.write(request)
        protocol.start_timeout()
        message, payload = await protocol.read()
        while message.code < 200 and message.code != 101:  # not yet the answer
            message, payload = await protocol.read()
        said = payload.read_nowait() if payload.is_eof() else await payload.read()
    finally:
        limit.cancel()
    if transport.get_write_buffer_size():  # answered before it was read: the rest would precede what is next
        protocol.force_close()
    return message.code, said, message.headers.get("Date", "")
