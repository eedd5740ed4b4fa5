"""A small bot over bare HTTP, for tests of the simulator itself: it knows nothing but the Bot API."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tgbot.simulator.clock_port import JsonObject


class Api:
    """Calls of the Bot API; `await api.sendMessage(chat_id=1, text="hi")` gives the whole answer."""

    def __init__(self, url: str, token: str) -> None:
        self._base = f"{url}/bot{token}"
        plain = httpx.AsyncHTTPTransport(verify=False)
        self.http = httpx.AsyncClient(timeout=60, transport=plain)

    def __getattr__(self, method: str) -> Callable[..., Coroutine[Any, Any, JsonObject]]:
        async def call(**parameters: Any) -> JsonObject:
            answer: JsonObject = (await self.http.post(f"{self._base}/{method}", json=parameters)).json()
            return answer

        return call

    async def upload(self, method: str, parameters: JsonObject, **files: bytes) -> JsonObject:
        """A call with files, as a form."""
        form = {name: str(value) for name, value in parameters.items()}
        answer = await self.http.post(f"{self._base}/{method}", data=form, files=dict(files.items()))
        read: JsonObject = answer.json()
        return read


Handler = Callable[[Api, JsonObject], Awaitable[None]]


@asynccontextmanager
async def scripted_bot(url: str, token: str, handler: Handler) -> AsyncIterator[Api]:
    """Poll and hand every update to `handler`; acknowledged after processing."""
    api = Api(url, token)

    async def poll() -> None:
        offset = 0
        while True:
            answer = await api.getUpdates(offset=offset, timeout=50)
            for update in answer.get("result", []):
                await handler(api, update)
                offset = update["update_id"] + 1

    task = asyncio.create_task(poll())
    try:
        yield api
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await api.http.aclose()
