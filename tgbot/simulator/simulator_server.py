"""The simulator as a server: `async with Simulator(clock) as sim:` – a strict Bot API at `sim.url`."""

import asyncio
import secrets  # noqa: TID251 – the token must not come from dice that a test can load
from collections.abc import Callable, Collection
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp
from uvicorn.protocols.http.auto import AutoHTTPProtocol
from uvicorn.server import ServerState

from tgbot.simulator.api import BotApi
from tgbot.simulator.clock_port import SimulatorClock
from tgbot.simulator.control import Control, NextDue
from tgbot.simulator.dated import dated
from tgbot.simulator.guard import Guard
from tgbot.simulator.limits import TELEGRAMS
from tgbot.simulator.people_control import PeopleControl
from tgbot.simulator.simulated_people import SimulatedPerson, people_client
from tgbot.simulator.telegram import Telegram
from tgbot.simulator.webhooks import Poster

PAGE = Path(__file__).parent / "page"


class Simulator:
    """A Telegram of your own on 127.0.0.1, with one bot in it.

    `token` is the bot's, by default another one at each start, so that no web page can guess it; `hosts` are
    names by which the simulator may be called besides its own address and those of the loopback.

    `strict` refuses parameters that the Bot API does not have. `public_webhooks` takes only https and
    Telegram's four ports, as Telegram does; without it any address will do, as with the official server's
    --local.

    `lean` keeps no journal of calls. `next_due` is asked when the bot's next message is due, for the page's
    clock; without it, and without anybody telling (`due_next`, the control API), there is no such button.
    """

    def __init__(
        self,
        clock: SimulatorClock,
        *,
        port: int = 0,
        host: str = "127.0.0.1",
        token: str | None = None,
        bot_name: str = "Backcheck",
        bot_username: str = "backcheck_bot",
        next_due: NextDue | None = None,
        strict: bool = True,
        public_webhooks: bool = False,
        lean: bool = False,
        hosts: Collection[str] = (),
    ) -> None:
        self._host, self._port = host, port
        self._clock = clock
        self._hosts = (*hosts, host)
        token = token or f"1000000:{secrets.token_urlsafe(26)}"
        self.tg = Telegram(
            clock, token=token, bot_name=bot_name, bot_username=bot_username, strict=strict, lean=lean
        )
        self.tg.webhooks_anywhere = not public_webhooks
        self.token = token
        self._api = BotApi(self.tg, self._cut)
        self._poster = Poster(clock, self.tg.updates, self.tg.webhook, self.tg.faults, self._api.execute)
        self._posting: asyncio.Task[None] | None = None
        self._control = Control(self.tg, next_due)
        self._state = ServerState()
        self._transports: dict[Any, asyncio.Transport] = {}
        self._server: asyncio.Server | None = None
        self._people = people_client()
        self.url = ""

    @property
    def page_url(self) -> str:
        """The chat page."""
        return f"{self.url}/"

    @property
    def posting(self) -> int:
        """How many updates are on their way to the webhook."""
        return self._poster.in_flight

    def person(self, name: str, **about: str) -> SimulatedPerson:
        """Somebody of that name; more of `about` them: `language_code`, `username`."""
        return SimulatedPerson(self.url, name, lambda: self._people, **about)

    def clock_moved(self) -> None:
        """Tell the page that the clock was pushed elsewhere, or that something else is due next."""
        self._control.clock_moved()

    def due_next(self, at: datetime | None) -> None:
        """Tell the page when the bot's next message is due, or that there is none."""
        self._control.due_next(at)

    def enforce_telegrams_limits(self) -> None:
        """One message a second to a chat, 30 over all, 20 a minute to a group."""
        self.tg.limits.rates = TELEGRAMS

    def app(self) -> ASGIApp:
        """The ASGI application: Bot API, control API, page."""
        routes = [
            Route("/bot{token}/{method}", self._api.call, methods=["GET", "POST"]),
            Route("/file/bot{token}/{path:path}", self._api.file),
            *self._control.routes(),
            *PeopleControl(self.tg).routes(),
            Route("/", _to_page),
            Mount("/page", StaticFiles(directory=PAGE, html=True)),
        ]
        return dated(Guard(Starlette(routes=routes), self._hosts), self._clock)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen. Raises `OSError` when the port is taken."""
        config = uvicorn.Config(
            self.app(), lifespan="off", log_config=None, access_log=False, ws="none", date_header=False
        )
        config.load()
        simulator = self

        class Connection(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
            """A connection that we know by its peer, so that a fault can cut it."""

            def connection_made(self, transport: asyncio.Transport) -> None:
                simulator._transports[transport.get_extra_info("peername")] = transport
                super().connection_made(transport)

            def connection_lost(self, exc: Exception | None) -> None:
                simulator._transports.pop(self.transport.get_extra_info("peername"), None)
                super().connection_lost(exc)

        # Asyncio's own listener, not one of ours: only then are small answers sent without delay.
        self._server = await asyncio.get_running_loop().create_server(
            lambda: Connection(config=config, server_state=self._state, app_state={}),
            self._host,
            self._port,
            backlog=1024,
        )
        self._posting = asyncio.create_task(self._poster.run())
        self._people = people_client()
        self.url = f"http://{self._host}:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        """End everything that waits, cut every connection; stopping twice is no harm."""
        if self._server is None or self._posting is None:
            return
        self._posting.cancel()
        await asyncio.gather(self._posting, return_exceptions=True)
        self._server.close()
        self.tg.close()
        for transport in list(self._transports.values()):
            transport.abort()
        if self._state.tasks:  # everything that waits has been told, so that nothing need be cancelled
            await asyncio.wait(self._state.tasks)
        await self._server.wait_closed()
        await self._people.aclose()
        self._server = None

    def _cut(self, request: Request) -> None:
        assert request.client is not None
        self._transports[tuple(request.client)].abort()


async def serve_until(simulator: Simulator, say: Callable[[str], object], stop: asyncio.Event) -> None:
    """Be there until `stop` is set, having said where. Raises `OSError` when the port is taken."""
    async with simulator:
        say(f"The page:  {simulator.page_url}")
        say(f"The API:   {simulator.url}  (for libraries: {simulator.url}/bot)")
        say(f"The token: {simulator.token}")
        await stop.wait()


async def _to_page(request: Request) -> Response:
    return RedirectResponse("/page/")
