"""What no other web page may do here: the simulator listens on this machine, and so does every browser on it.

A page elsewhere can make a browser send requests to 127.0.0.1, and a name that an attacker owns can point
there. Browsers tell both: by the `Host` that was asked for, the `Origin` that asks and `Sec-Fetch-Site`.
Bots, tests and curl send none of the last two.
"""

from collections.abc import Iterable

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
_OURS = (b"same-origin", b"none")
_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (
        b"content-security-policy",
        b"default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
        b"object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
]


class Guard:
    """Lets through what comes from this page, a bot, a test or a command line; 403 or 415 for all else."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str] = ()) -> None:
        self._app = app
        self._hosts = LOOPBACK_NAMES | {host.lower() for host in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if refused := self._refused(scope):
            await refused(scope, receive, send)
            return
        bot_call = scope["path"].startswith("/bot")
        await self._app(scope, receive, send if bot_call else _with_headers(send))

    def _refused(self, scope: Scope) -> JSONResponse | None:
        heads = dict(scope["headers"])
        host = heads.get(b"host", b"").decode("latin-1").lower()
        if host.rpartition(":")[0] not in self._hosts and host not in self._hosts:
            return _no(403, f"this simulator is not called {host!r}; `--allow-host` lets it be")
        origin = heads.get(b"origin")
        if origin is not None and origin.decode("latin-1").lower() != f"{scope['scheme']}://{host}":
            return _no(403, "another page has no business here")
        site = heads.get(b"sec-fetch-site")
        if site is not None and site not in _OURS and not _opens_page(scope, heads):
            return _no(403, "another page has no business here")
        return _unless_json(scope, heads)


def _opens_page(scope: Scope, heads: dict[bytes, bytes]) -> bool:
    """Whether somebody follows a link to the page: that shows it, and changes nothing."""
    path = scope["path"].removesuffix("/")
    return scope["method"] == "GET" and heads.get(b"sec-fetch-mode") == b"navigate" and path in ("", "/page")


def _unless_json(scope: Scope, heads: dict[bytes, bytes]) -> JSONResponse | None:
    """A body for the control API must say that it is JSON: only then does a browser ask before it sends."""
    if not scope["path"].startswith("/control") or heads.get(b"content-length", b"0") == b"0":
        return None
    kind = heads.get(b"content-type", b"").partition(b";")[0].strip().lower()
    return None if kind == b"application/json" else _no(415, "the body must be application/json")


def _no(status: int, words: str) -> JSONResponse:
    return JSONResponse({"error": words}, status)


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *_HEADERS]}
        await send(message)

    return sending
