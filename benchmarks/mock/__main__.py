"""`python -m benchmarks.mock SCREENS [CERTIFICATE]`: the mock as a process; its first line is its port and,
if it was given a certificate, the one at which it speaks TLS.

POST /bench/begin starts a scenario, GET /bench/report waits until it is over. Everything else is the Bot API.
"""

import asyncio
import json
import sys
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext

from httptools import HttpRequestParser

from benchmarks.mock.scenario import Scenario
from benchmarks.mock.screens import read
from benchmarks.mock.telegram import Mock

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"


class Line(asyncio.Protocol):
    """One connection. A round trip's time passes between a call and its answer."""

    def __init__(self, mock: Mock) -> None:
        self._mock = mock
        self._parser = HttpRequestParser(self)
        self._url = self._body = b""
        self._tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self._url, self._body = url, b""

    def on_body(self, part: bytes) -> None:
        self._body += part

    def on_message_complete(self) -> None:
        if self._url.startswith(b"/bench/"):
            task = asyncio.create_task(self._told())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        else:
            self._mock.call(self._url, self._body, self._reply)

    async def _told(self) -> None:
        if self._url == b"/bench/begin":
            self._mock.begin(Scenario.read(json.loads(self._body)))
            self._write(b"{}")
        else:
            self._write(json.dumps((await self._mock.report()).as_json()).encode())

    def _reply(self, content: bytes) -> None:
        if away := self._mock.round_trip:
            asyncio.get_running_loop().call_later(away, self._write, content)
        else:
            self._write(content)

    def _write(self, content: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(_HEAD % (len(content), content))
            if not self._parser.should_keep_alive():
                self._transport.close()


async def serve(screens: Path, certificate: Path | None) -> None:
    mock, loop = Mock(read(screens)), asyncio.get_running_loop()
    secured: list[SSLContext | None] = [None]
    if certificate:
        context = SSLContext(PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        secured.append(context)
    servers = [
        await loop.create_server(lambda: Line(mock), "127.0.0.1", 0, backlog=1024, ssl=layer)
        for layer in secured
    ]
    print(*(server.sockets[0].getsockname()[1] for server in servers), flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None))
