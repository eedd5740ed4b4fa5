"""A small HTTP endpoint for whoever watches the bot: /healthz (alive means working) and /readyz."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Iterator, Sequence

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tgbot.errors import BackcheckError

Problems = Callable[[], Awaitable[Sequence[str]]]
"""What is wrong now, a word each; nothing when all is well."""


def app(alive: Problems, ready: Problems) -> Starlette:
    """Both answer 200 `{"ok": true}`, or 503 with the problems."""

    def route(path: str, problems: Problems) -> Route:
        async def answer(_: Request) -> JSONResponse:
            found = list(await problems())
            return JSONResponse({"ok": not found, "problems": found}, 503 if found else 200)

        return Route(path, answer)

    return Starlette(routes=[route("/healthz", alive), route("/readyz", ready)])


class AddressTakenError(BackcheckError):
    """The health endpoint cannot listen there."""

    def __init__(self, host: str, port: int, error: OSError) -> None:
        super().__init__(f"BACKCHECK_HEALTH: nothing can listen at {host}:{port} ({error.strerror}).")


class _Server(uvicorn.Server):
    """Signals belong to the command line, which stops every part in its order."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.contextmanager
def reserved(host: str, port: int) -> Iterator[socket.socket]:
    """The address is ours until the end; nobody is answered before `serve`. Raises AddressTakenError."""
    with contextlib.ExitStack() as stack:
        try:
            known = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            family, kind, protocol, _, address = min(known, key=lambda one: one[0] is not socket.AF_INET)
            found = stack.enter_context(socket.socket(family, kind, protocol))
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            found.bind(address)
        except OSError as error:
            raise AddressTakenError(host, port, error) from error
        yield found


async def serve(application: Starlette, address: socket.socket) -> None:
    """Serve at a reserved address until cancelled. Raises AddressTakenError if another is quicker."""
    config = uvicorn.Config(
        application, lifespan="off", log_config=None, access_log=False, ws="none", server_header=False
    )
    try:
        address.listen()
    except OSError as error:
        host, port, *_ = address.getsockname()
        raise AddressTakenError(host, port, error) from error
    server = _Server(config)
    serving = asyncio.create_task(server.serve([address]))
    try:
        await asyncio.shield(serving)
    finally:
        server.should_exit = True
        await serving
