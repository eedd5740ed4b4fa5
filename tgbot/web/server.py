"""HTTP servers of the bot's own, on aiohttp: an address is reserved, then served; and the webhook's door,
which hands on only what carries the secret and is small enough.

The webhook's is meant for loopback or a Unix socket, behind a server that speaks TLS (docs/operating.md).
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from hmac import compare_digest
from pathlib import Path

from aiohttp import web

from tgbot.errors import BackcheckError

SHUTDOWN_SECONDS = 2.0  # for requests that are under way when all else has ended


SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 – a header's name
MOST_BYTES = 1 << 20
BODY_SECONDS = 10.0


Finish = Callable[[bytes], Awaitable[bool]]
"""Processes the update in a body: whether it is finished. Raises KeyError, TypeError, ValueError for none."""


class AddressTakenError(BackcheckError):
    """A server cannot listen there; `setting` names where the address comes from."""

    def __init__(self, setting: str, address: str, error: OSError) -> None:
        super().__init__(f"{setting}: nothing can listen at {address} ({error.strerror}).")


@contextmanager
def reserved(setting: str, host: str, port: int) -> Iterator[socket.socket]:
    """The address is ours until the end; nobody is answered before `serving`. Raises AddressTakenError."""
    with ExitStack() as stack:
        try:
            known = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            family, kind, protocol, _, address = min(known, key=lambda found: found[0] is not socket.AF_INET)
            bound = stack.enter_context(socket.socket(family, kind, protocol))
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(address)
        except OSError as error:
            raise AddressTakenError(setting, f"{host}:{port}", error) from error
        yield bound


@asynccontextmanager
async def serving(
    app: web.Application, where: socket.socket | Path, setting: str = ""
) -> AsyncIterator[None]:
    """Serve at a reserved address, or at the path of a Unix socket. Raises AddressTakenError if another is
    quicker."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        try:
            await _site(runner, where).start()
        except OSError as error:
            raise AddressTakenError(setting, _named(where), error) from error
        _admit_group(where)
        yield
    finally:
        await runner.cleanup()


def _site(runner: web.AppRunner, where: socket.socket | Path) -> web.BaseSite:
    return web.UnixSite(runner, where) if isinstance(where, Path) else web.SockSite(runner, where)


def _admit_group(where: socket.socket | Path) -> None:
    """The server in front has a user of its own; whatever we make is for ours alone otherwise."""
    if isinstance(where, Path):
        where.chmod(0o660)


def _named(where: socket.socket | Path) -> str:
    if isinstance(where, Path):
        return str(where)
    host, port, *_ = where.getsockname()
    return f"{host}:{port}"


def webhook_app(
    path: str, secrets: Sequence[str], finish: Finish, refused: Callable[[], None]
) -> web.Application:
    """Takes POSTs to `path` that carry one of the secrets: two while they are being changed. `refused` is
    called for every other one. 200 is an update that Telegram may forget; 503 one that it sends again."""
    accepted = [secret.encode() for secret in secrets]

    async def receive(request: web.Request) -> web.Response:
        given = request.headers.get(SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        matches = [compare_digest(given, secret) for secret in accepted]  # each, in constant time
        if not any(matches):
            refused()
            return web.Response(status=401)
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await request.read()  # raises 413 past the limit
        except TimeoutError:
            return web.Response(status=408)
        try:
            return web.Response(status=200 if await finish(body) else 503)
        except (KeyError, TypeError, ValueError):
            return web.Response(status=400)

    app = web.Application(client_max_size=MOST_BYTES)
    app.router.add_post(path, receive)
    return app
