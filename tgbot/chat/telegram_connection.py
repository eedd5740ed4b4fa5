"""How a call goes to Telegram: python-telegram-bot's calls over aiohttp, with orjson.

It costs a fraction of the httpx that PTB brings along (docs/performance.md). A failure is what PTB would make
of it, `TimedOut` or `NetworkError`, with aiohttp's own error as its cause: only that one knows whether
anything was sent. No text of ours holds an address, as the token stands in it.

JSON requests go over aiohttp's connector without its session (`DirectRequests`): less than half the processor
time of a tap. aiohttp documents neither `connect` nor `ResponseHandler`. This was read against 3.14.5, and
tests/integration/test_both_roads.py holds it against the session over the oldest and the newest version that
pyproject.toml allows. Connections, their pool, TLS and proxies stay aiohttp's.
"""

import asyncio
import json
import re
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache, lru_cache
from http import HTTPStatus
from typing import Any, Self, cast

import aiohttp
import certifi
import orjson
import structlog
from aiohttp.client_proto import ResponseHandler
from aiohttp.client_reqrep import ClientRequest
from telegram.error import NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.ext import ExtBot
from telegram.request import BaseRequest, RequestData
from yarl import URL

log = structlog.get_logger(__name__)


class TurnedAwayError(Exception):
    """Somebody in between said no, in a page of their own: a filter, a portal that wants a password."""


NEVER_SENT = (
    TurnedAwayError,
    aiohttp.ClientConnectorError,  # nobody listens, no such name, no trust; the proxy is not there
    aiohttp.ClientHttpProxyError,  # the proxy lets nobody through
    aiohttp.ConnectionTimeoutError,  # no connection in time, be it a free one or a new one
    aiohttp.InvalidURL,
)
SEND_TIMEOUT = 20.0  # seconds for one call; `Limits` holds a lease to at least twice that
KEPT_SECONDS = 50.0  # an idle connection: a tap a minute later should not wait for a handshake
TRIALS = [  # of direct requests: their answers are read in two ways, those of calls, and those of polls
    aiohttp.ClientTimeout(total=5, connect=4, sock_read=piece) for piece in (None, 5)
]
BUSY_SECONDS = 5  # to wait after a 429 that does not say how long, as of a server in between
_PACKING = "identity"  # none: answers are small, and packing them costs more than it saves
Response = tuple[int, bytes, str]  # status, body, and the Date header
_Body = aiohttp.BytesPayload | aiohttp.FormData | None
_Given = Any  # of a timeout: seconds, None, or PTB's mark for "not given"


Bot = ExtBot[Any]  # over a `TelegramConnection`, as `startup.build` makes it


def connection_of(bot: Bot) -> "TelegramConnection":
    """For what has its own pace: polls, and the courier, who takes his tokens before."""
    return cast("TelegramConnection", bot.request)


class TelegramConnection(BaseRequest):
    """Kept connections, opened when they are needed and at most `connections`.

    Waiting for a free one and opening it end well before `longest` seconds, after which a send is given up:
    what surely was not sent must say so itself, or the hard limit would call it ambiguous. `proxy` is an
    address like http://name:password@10.0.0.1:3128. `answered` is given the time that each answer names.
    """

    def __init__(
        self,
        longest: float,
        connections: int,
        proxy: str | None = None,
        answered: Callable[[datetime | None], None] = lambda _: None,
    ) -> None:
        self._longest = longest
        self._answered = answered
        self._connections = connections
        self._proxy = proxy
        # For all of a short answer: another limit, between two pieces, would be 3 µs of 85 (files have one).
        self._limits = aiohttp.ClientTimeout(total=longest, connect=longest * 3 / 4, sock_connect=longest / 2)
        self._session: aiohttp.ClientSession | None = None
        self._direct: DirectRequests | None = None

    @property
    def read_timeout(self) -> float:
        return self._longest

    async def initialize(self) -> None:
        if self._session is None:
            connector = aiohttp.TCPConnector(
                limit=self._connections, keepalive_timeout=KEPT_SECONDS, ssl=_trust(), ttl_dns_cache=60
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT, "Accept-Encoding": _PACKING},
                proxy=self._proxy,
            )

    async def shutdown(self) -> None:
        session, self._session, self._direct = self._session, None, None
        if session is not None:
            await session.close()

    async def use_direct_requests(self, url: str, bot_id: int) -> None:
        """Make `call` go without aiohttp's session, which costs half, if getMe at `url` works that way.

        After an upgrade of aiohttp it may not: then the log says so, and everything goes by the session, as
        plain http:// through a proxy always does.
        """
        if self._session is None or self._session.connector is None:
            raise NetworkError("The connection is not open")
        if self._proxy and url.startswith("http:"):
            return
        direct = DirectRequests(self._session.connector, dict(self._session.headers), self._proxy)
        try:
            answers = [await direct.post(url, b"{}", within) for within in TRIALS]
            if all(read_json(said)["result"]["id"] == bot_id for _, said, _ in answers):
                self._direct = direct
                return
            reason = "another answer"
        except Exception as error:  # noqa: BLE001 – whatever another version of aiohttp makes of it
            reason = type(error).__name__
        log.warning("direct_requests_unavailable", reason=reason, aiohttp=aiohttp.__version__)

    async def call(
        self, url: str, parameters: Mapping[str, object], within: aiohttp.ClientTimeout | None = None
    ) -> Any:
        """POST `parameters` and return the `result` as it came, within the connection's own limits unless
        others are given. Raises TelegramError."""
        limits, sent = within or self._limits, orjson.dumps(parameters)
        if self._direct is None:
            exchange = self._by_session("POST", url, _json(sent), limits)
        else:
            exchange = self._direct.post(url, sent, limits)
        status, body = await self._judged(exchange)
        try:
            if status == HTTPStatus.OK:
                return self.parse_json_payload(body)["result"]
            return await _GivenAnswer(status, body).post(url)  # PTB knows best what else it may be
        except (KeyError, TypeError):
            raise TelegramError("Telegram's answer holds no result") from None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: _Given = BaseRequest.DEFAULT_NONE,
        write_timeout: _Given = BaseRequest.DEFAULT_NONE,
        connect_timeout: _Given = BaseRequest.DEFAULT_NONE,
        pool_timeout: _Given = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """One call of PTB's, which may be a file. The limits for reading hold between two pieces; an answer
        that dribbles on ends after the limit for reading and twice the longest."""
        piece = self._longest if read_timeout is self.DEFAULT_NONE else read_timeout
        within = aiohttp.ClientTimeout(
            connect=self._limits.connect if connect_timeout is self.DEFAULT_NONE else connect_timeout,
            sock_connect=self._limits.sock_connect,
            sock_read=piece,
            total=None if piece is None else piece + 2 * self._longest,
        )
        return await self._judged(self._by_session(method, url, _body(request_data), within))

    async def _by_session(
        self, method: str, url: str, body: _Body, within: aiohttp.ClientTimeout
    ) -> Response:
        if self._session is None:
            raise NetworkError("The connection is not open")
        answer = await self._session.request(method, url, data=body, timeout=within, allow_redirects=False)
        said = await answer.read()  # to its end, or it closes the connection: nothing is left to release
        return answer.status, said, answer.headers.get("Date", "")

    async def _judged(self, exchange: Awaitable[Response]) -> tuple[int, bytes]:
        """Status and text of the answer, whatever they are. Raises TimedOut, NetworkError, RetryAfter."""
        try:
            status, said, date = await exchange
        except TelegramError:
            raise
        except TimeoutError as error:
            raise TimedOut(_name(error)) from error
        except Exception as error:  # as in PTB: whatever went wrong in here, it may have been sent
            raise NetworkError(_name(error)) from error
        if status == HTTPStatus.OK:
            self._answered(_date(date))  # of no other answer, as a page from in between may be an old one
        elif status == HTTPStatus.TOO_MANY_REQUESTS and b"retry_after" not in said:
            raise RetryAfter(BUSY_SECONDS)  # or PTB calls it a failure that may have been a success
        elif status in (HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN) and b'"ok"' not in said:
            raise NetworkError("Not Telegram's answer") from TurnedAwayError(status)
        return status, said

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Telegram's answer, or TelegramError: a server in between may say anything, and PTB takes for
        granted what is in a failure."""
        answer = read_json(payload)
        if (
            isinstance(answer, dict)
            and isinstance(answer.get("description") or "", str)
            and isinstance(answer.get("parameters") or {}, dict)
        ):
            return answer
        raise TelegramError("Telegram's answer cannot be read")


class _GivenAnswer(BaseRequest):
    """An answer that is there already, for PTB to judge: `post` raises what it means."""

    read_timeout = None

    def __init__(self, status: int, body: bytes) -> None:
        self._answer = status, body

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    async def do_request(self, *_: object, **__: object) -> tuple[int, bytes]:
        return self._answer

    parse_json_payload = staticmethod(TelegramConnection.parse_json_payload)


def _body(data: RequestData | None) -> _Body:
    """One JSON text; a form where there are files."""
    if data is None:
        return None
    if not data.contains_files:
        return _json(orjson.dumps(data.parameters))
    form = aiohttp.FormData(quote_fields=False)  # names of files as they are
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, kind) in data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=kind)
    return form


def _json(text: bytes) -> aiohttp.BytesPayload:
    return aiohttp.BytesPayload(text, content_type="application/json")


def read_json(payload: bytes) -> Any:
    """What it says, or None. Half a character code, which orjson refuses, must not cost a whole batch."""
    try:
        return orjson.loads(payload)
    except ValueError:
        try:
            return json.loads(payload.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            return None


def _name(error: BaseException) -> str:
    """aiohttp's own words may hold the address; only those on a failed connection name the host alone."""
    plain = isinstance(error, aiohttp.ClientConnectorError)
    return f"{type(error).__name__}: {error}" if plain else type(error).__name__


@cache
def _trust() -> ssl.SSLContext:
    """The system's authorities, and Mozilla's for systems that name none."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


@lru_cache(maxsize=4)  # the same second's, over and over
def _date(header: str) -> datetime | None:
    """When an answer was made, by whoever made it; None when it does not say."""
    try:
        at = parsedate_to_datetime(header)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


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
        answer = _DirectAnswer(protocol, piece)
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


class _DirectAnswer:
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
