"""For whoever watches the bot: /healthz (alive means working) and /readyz."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

Problems = Callable[[], Awaitable[Sequence[str]]]
"""What is wrong now, a word each; nothing when all is well."""


async def _nothing() -> Sequence[str]:
    return ()


async def _starting() -> Sequence[str]:
    return ("starting",)


@dataclass(slots=True)
class Health:
    """What is looked at. Until `runs` is called the bot is starting: alive, and not ready."""

    alive: Problems = _nothing
    ready: Problems = _starting
    starting: bool = True
    about: Callable[[], Mapping[str, object]] = dict

    def runs(
        self, alive: Problems, ready: Problems, about: Callable[[], Mapping[str, object]] = dict
    ) -> None:
        """`about` tells of the process and its words, for /readyz."""
        self.alive, self.ready, self.about, self.starting = alive, ready, about, False


def health_app(health: Health) -> web.Application:
    """Both answer 200 `{"ok": true}`, or 503 with the problems; /healthz also says when it is starting."""

    async def healthz(_: web.Request) -> web.Response:
        return _answer(await health.alive(), {"starting": True} if health.starting else {})

    async def readyz(_: web.Request) -> web.Response:
        return _answer(await health.ready(), health.about())

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    return app


def _answer(found: Sequence[str], more: Mapping[str, object]) -> web.Response:
    body = {"ok": not found, "problems": list(found), **more}
    return web.json_response(body, status=503 if found else 200)
