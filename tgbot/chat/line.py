"""The line to Telegram: python-telegram-bot's calls over aiohttp, with orjson.

It costs a fraction of the httpx that PTB brings along (docs/performance.md). A failure is what PTB would make
of it, `TimedOut` or `NetworkError`, with aiohttp's own error as its cause: only that one knows whether
anything was sent. No text of ours holds an address, as the token stands in it.
"""

import json
import ssl
from collections.abc import Mapping
from functools import cache
from typing import Any, cast

import aiohttp
import certifi
import orjson
from telegram.error import NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

NEVER_SENT = (
    aiohttp.ClientConnectorError,  # nobody listens, no such name, no trust; the proxy is not there
    aiohttp.ClientHttpProxyError,  # the proxy lets nobody through
    aiohttp.ConnectionTimeoutError,  # no connection in time, be it a free one or a new one
    aiohttp.InvalidURL,
)
KEPT_SECONDS = 50.0  # an idle connection: a tap a minute later should not wait for a handshake
BUSY_SECONDS = 5  # to wait after a 429 that does not say how long, as of a server in between
_BUSY = 429
_JSON = {"Content-Type": "application/json"}
_AUTOMATIC = ("Accept-Encoding",)  # answers are small: packing them costs more than it saves
_Given = Any  # of a timeout: seconds, None, or PTB's mark for "not given"


class Line(BaseRequest):
    """Kept connections, opened when they are needed and at most `connections`.

    Waiting for a free one and opening it end well before `longest` seconds, after which a send is given up:
    what surely was not sent must say so itself, or the hard limit would call it ambiguous. `proxy` is an
    address like http://name:password@10.0.0.1:3128.
    """

    def __init__(self, longest: float, connections: int, proxy: str | None = None) -> None:
        self._longest = longest
        self._connections = connections
        self._proxy = proxy
        self._timeout = self._limits(self.DEFAULT_NONE, self.DEFAULT_NONE)
        self._session: aiohttp.ClientSession | None = None

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
                headers={"User-Agent": self.USER_AGENT},
                proxy=self._proxy,
                skip_auto_headers=_AUTOMATIC,
                timeout=self._timeout,
            )

    async def shutdown(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

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
        """One call. The limits for reading hold between two pieces; an answer that dribbles on ends after the
        limit for reading and twice the longest."""
        if self._session is None:
            raise RuntimeError("The line is not open.")
        timeout = self._timeout
        if read_timeout is not self.DEFAULT_NONE or connect_timeout is not self.DEFAULT_NONE:
            timeout = self._limits(read_timeout, connect_timeout)
        data, headers = _body(request_data)
        try:
            async with self._session.request(
                method, url, data=data, headers=headers, timeout=timeout, allow_redirects=False
            ) as answer:
                body = await answer.read()
                if answer.status == _BUSY and b"retry_after" not in body:
                    raise RetryAfter(BUSY_SECONDS)  # or PTB calls it a failure that may have been a success
                return answer.status, body
        except TimeoutError as error:
            raise TimedOut(_name(error)) from error
        except (aiohttp.ClientError, OSError) as error:
            raise NetworkError(_name(error)) from error

    async def call(
        self,
        url: str,
        parameters: Mapping[str, object],
        read_timeout: _Given = BaseRequest.DEFAULT_NONE,
        connect_timeout: _Given = BaseRequest.DEFAULT_NONE,
    ) -> Any:
        """POST `parameters` and return the `result` as it came. Raises TelegramError."""
        data = cast(RequestData, _Plain(parameters))  # PTB's own takes its objects apart; these are plain
        try:
            return await self.post(url, data, read_timeout=read_timeout, connect_timeout=connect_timeout)
        except (KeyError, TypeError):
            raise TelegramError("Telegram's answer holds no result") from None

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Telegram's answer, or TelegramError: a server in between may say anything, and PTB takes for
        granted what is in a failure."""
        answer = _json(payload)
        if (
            isinstance(answer, dict)
            and isinstance(answer.get("description") or "", str)
            and isinstance(answer.get("parameters") or {}, dict)
        ):
            return answer
        raise TelegramError("Telegram's answer cannot be read")

    def _limits(self, read: _Given, connect: _Given) -> aiohttp.ClientTimeout:
        piece = self._longest if read is self.DEFAULT_NONE else read
        return aiohttp.ClientTimeout(
            connect=self._longest * 3 / 4 if connect is self.DEFAULT_NONE else connect,
            sock_connect=self._longest / 2,
            sock_read=piece,
            total=None if piece is None else piece + 2 * self._longest,
        )


class _Plain:
    """What `_body` asks of PTB's RequestData, for parameters that need no taking apart."""

    contains_files = False

    def __init__(self, parameters: Mapping[str, object]) -> None:
        self.parameters = parameters


def _body(data: RequestData | None) -> tuple[bytes | aiohttp.FormData | None, Mapping[str, str] | None]:
    """One JSON text; a form where there are files."""
    if data is None:
        return None, None
    if not data.contains_files:
        return orjson.dumps(data.parameters), _JSON
    form = aiohttp.FormData(quote_fields=False)  # names of files as they are
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, kind) in data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=kind)
    return form, None


def _json(payload: bytes) -> object:
    """What it says, or None. Half a character code, which orjson refuses, must not cost a whole batch."""
    try:
        return cast(object, orjson.loads(payload))
    except ValueError:
        try:
            return cast(object, json.loads(payload.decode("utf-8", "replace")))
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
