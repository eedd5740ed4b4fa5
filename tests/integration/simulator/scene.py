"""What the tests of the simulator start from: a server, bare calls, and a person who has pressed Start."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from tests.integration.simulator.scripted_bot import Api
from tgbot.clock import ManualClock
from tgbot.simulator.clock_port import JsonObject
from tgbot.simulator.simulated_people import SimulatedPerson
from tgbot.simulator.simulator_server import Simulator


async def eventually(holds: Callable[[], object], seconds: float = 60) -> None:
    """Wait, in real time, until it is so: what happens here happens in another task or process."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 – what is waited for knows no events
            await asyncio.sleep(0.003)


@dataclass
class Scene:
    """Everything at hand."""

    clock: ManualClock
    sim: Simulator
    api: Api
    ada: SimulatedPerson

    async def refused(self, method: str, /, **parameters: Any) -> str:
        """The words with which a call is refused; it fails the test when the call is answered."""
        answer = await getattr(self.api, method)(**parameters)
        assert answer["ok"] is False, answer
        return str(answer["description"])

    async def done(self, method: str, /, **parameters: Any) -> Any:
        """The result of a call that must be answered."""
        answer = await getattr(self.api, method)(**parameters)
        assert answer["ok"] is True, answer
        return answer["result"]

    async def updates(self) -> list[JsonObject]:
        """Everything that waits, without confirming it."""
        return [update.as_json() for update in self.sim.tg.updates.pending]

    async def confirm_all(self) -> None:
        """Let the bot have taken everything."""
        self.sim.tg.updates.drop()


@asynccontextmanager
async def scene(**how: Any) -> AsyncIterator[Scene]:
    """A simulator and Ada, who has pressed Start."""
    clock = ManualClock()
    async with Simulator(clock, **how) as sim:
        api = Api(sim.url, sim.token)
        ada = sim.person("Ada")
        await ada.send("/start", wait=0)
        sim.tg.updates.drop()
        try:
            yield Scene(clock, sim, api, ada)
        finally:
            await api.http.aclose()
