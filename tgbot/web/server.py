"""Small HTTP servers of the bot's own, on aiohttp: health, and the webhook."""

import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path

from aiohttp import web

from tgbot.errors import BackcheckError

SHUTDOWN_SECONDS = 2.0  # for requests that are under way when all else has ended


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
        yield
    finally:
        await runner.cleanup()


def _site(runner: web.AppRunner, where: socket.socket | Path) -> web.BaseSite:
    return web.UnixSite(runner, where) if isinstance(where, Path) else web.SockSite(runner, where)


def _named(where: socket.socket | Path) -> str:
    if isinstance(where, Path):
        return str(where)
    host, port, *_ = where.getsockname()
    return f"{host}:{port}"
