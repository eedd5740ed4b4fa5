"""The webhook's door: only what carries the secret and is small enough is handed on.

Meant for loopback or a Unix socket, behind a server that speaks TLS (docs/operating.md).
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from hmac import compare_digest

from aiohttp import web

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 – a header's name
MOST_BYTES = 1 << 20
BODY_SECONDS = 10.0


Finish = Callable[[bytes], Awaitable[bool]]
"""Processes the update in a body: whether it is finished. Raises KeyError, TypeError, ValueError for none."""


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
