"""Every answer says when it was made, by the simulator's clock: a bot may compare its own with it."""

from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tgbot.simulator.clock_port import SimulatorClock


def dated(app: ASGIApp, clock: SimulatorClock) -> ASGIApp:
    """`app`, with a `Date` in the header of each answer."""

    async def with_date(scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                header = (b"date", _header(int(clock.now().timestamp())))
                message = {**message, "headers": [*message.get("headers", ()), header]}
            await send(message)

        await app(scope, receive, sending)

    return with_date


@lru_cache(maxsize=2)
def _header(second: int) -> bytes:
    return format_datetime(datetime.fromtimestamp(second, UTC), usegmt=True).encode()
