"""What stands before a webhook's replicas, as Caddy or nginx does: a request goes to the next that is up."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

import aiohttp
from aiohttp import web

from tests.integration.watching import a_free_address
from tgbot.web.server import reserved, serving

PATH = "/updates"


def listens(address: tuple[str, int]) -> bool:
    try:
        socket.create_connection(address, timeout=1).close()
    except OSError:
        return False
    return True


class Front:
    """`replicas` are the addresses at which they listen, when they are up."""

    def __init__(self, replicas: int) -> None:
        self.replicas = [a_free_address() for _ in range(replicas)]
        self.url = ""
        self._turns = count()

    def settings(self, replica: int) -> dict[str, str]:
        """What a replica is started with."""
        host, port = self.replicas[replica]
        return {"BACKCHECK_WEBHOOK_LISTEN": f"{host}:{port}", "CRASH_WEBHOOK": self.url}

    async def _forward(self, request: web.Request, session: aiohttp.ClientSession) -> web.Response:
        body, turn = await request.read(), next(self._turns)
        headers = {name: value for name, value in request.headers.items() if name.startswith("X-")}
        for number in range(len(self.replicas)):
            host, port = self.replicas[(turn + number) % len(self.replicas)]
            where = f"http://{host}:{port}{PATH}"
            try:
                async with session.post(where, data=body, headers=headers) as answer:
                    return web.Response(status=answer.status, body=await answer.read())
            except aiohttp.ClientConnectorError:
                continue  # it is down: nothing has happened there
            except aiohttp.ClientError:
                break
        return web.Response(status=502)


@asynccontextmanager
async def front(replicas: int) -> AsyncIterator[Front]:
    """Opened, with a free address for each replica."""
    opened = Front(replicas)
    app = web.Application()
    async with aiohttp.ClientSession() as session:

        async def forward(request: web.Request) -> web.Response:
            return await opened._forward(request, session)

        app.router.add_post(PATH, forward)
        with reserved("FRONT", "127.0.0.1", 0) as address:
            async with serving(app, address):
                opened.url = f"http://127.0.0.1:{address.getsockname()[1]}{PATH}"
                yield opened
