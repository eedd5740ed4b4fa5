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

from tgbot.domain.problems import BackcheckError

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


async def serve(application: Starlette, host: str, port: int) -> None:
    """Serve until cancelled. Raises AddressTakenError."""
    config = uvicorn.Config(
        application, lifespan="off", log_config=None, access_log=False, ws="none", server_header=False
    )
    try:
        listening = socket.create_server((host, port))
    except OSError as error:
        raise AddressTakenError(host, port, error) from error
    with listening:
        server = _Server(config)
        serving = asyncio.create_task(server.serve([listening]))
        try:
            await asyncio.shield(serving)
        finally:
            server.should_exit = True
            await serving
