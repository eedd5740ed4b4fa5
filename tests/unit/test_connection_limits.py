"""How long the connection waits for what, in numbers: what was not sent has to say so before the limit."""

from typing import Any

import aiohttp
import pytest
from telegram.request import RequestData

from tgbot.chat.telegram_connection import Response, TelegramConnection


class Noting(TelegramConnection):
    """Calls nobody, and notes within which limits it would have."""

    def __init__(self) -> None:
        super().__init__(longest=20.0, connections=7)
        self.within: list[aiohttp.ClientTimeout] = []

    async def _by_session(self, method: str, url: str, body: Any, within: aiohttp.ClientTimeout) -> Response:
        self.within.append(within)
        return 200, b'{"ok":true,"result":5}', ""


async def test_a_call_waits_fifteen_of_its_twenty_seconds_for_a_connection_and_ten_for_a_socket() -> None:
    line, given = Noting(), aiohttp.ClientTimeout(total=3)
    assert line.read_timeout == 20.0
    assert await line.call("http://127.0.0.1:9/getMe", {}) == 5
    assert await line.call("http://127.0.0.1:9/getUpdates", {}, given) == 5

    assert line.within == [aiohttp.ClientTimeout(total=20.0, connect=15.0, sock_connect=10.0), given]


@pytest.mark.parametrize(
    ("given", "within"),
    [
        ({}, aiohttp.ClientTimeout(total=60, connect=15, sock_connect=10, sock_read=20)),
        ({"read_timeout": 5}, aiohttp.ClientTimeout(total=45, connect=15, sock_connect=10, sock_read=5)),
        (
            {"read_timeout": None},
            aiohttp.ClientTimeout(total=None, connect=15, sock_connect=10, sock_read=None),
        ),
        ({"connect_timeout": 2}, aiohttp.ClientTimeout(total=60, connect=2, sock_connect=10, sock_read=20)),
        ({"connect_timeout": None}, aiohttp.ClientTimeout(total=60, sock_connect=10, sock_read=20)),
    ],
)
async def test_a_file_may_take_long_as_long_as_it_goes_on(
    given: dict[str, float | None], within: aiohttp.ClientTimeout
) -> None:
    line = Noting()
    assert await line.do_request("http://127.0.0.1:9/x", "POST", RequestData([]), **given) == (
        200,
        b'{"ok":true,"result":5}',
    )
    assert line.within == [within]


async def test_so_many_connections_are_kept_for_fifty_seconds_and_closed_at_the_end() -> None:
    line = TelegramConnection(longest=1.0, connections=7, proxy="http://127.0.0.1:9")
    async with line:
        session = line._session
        assert session is not None
        assert session.connector is not None
        assert session.connector.limit == 7
        assert session.connector._keepalive_timeout == 50.0
        assert isinstance(session.cookie_jar, aiohttp.DummyCookieJar)
        assert session.headers["Accept-Encoding"] == "identity"
        assert session._default_proxy == "http://127.0.0.1:9"
    assert session.closed
