"""Every way Telegram can answer a follow-up, over real HTTP: what it becomes, and whether it arrived."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from telegram.error import BadRequest, NetworkError, TimedOut
from telegram.ext import ExtBot

from tests.judge import judge_every_call
from tgbot.chat.request import File, Reply, Request
from tgbot.chat.sending import PacedRequests, TelegramMessenger, answer_inline, delivery_of, send
from tgbot.chat.telegram_connection import TelegramConnection
from tgbot.clock import SystemClock
from tgbot.screens.screen import Screen
from tgbot.service.ports import Ambiguous, Delivery, Gone, Later, Moved, Refused, SentOk
from tgbot.service.rate_limiter import RateLimiter
from tgbot.simulator.faults import Fault
from tgbot.simulator.simulator_server import Simulator

LONGEST = 2.0  # seconds of one call: a busy machine stands still for less
SCREEN = Screen("Your check-in is ready.")


@dataclass
class Connected:
    """A messenger and the Telegram at the other end."""

    simulator: Simulator
    bot: ExtBot[bool]
    person: int

    async def sends(
        self, *, longest: float = 5.0, screen: Screen = SCREEN, to: int | None = None
    ) -> Delivery:
        return await TelegramMessenger(self.bot, longest).send(to or self.person, screen)

    @property
    def arrived(self) -> int:
        return sum(1 for message in self.simulator.tg.world.everything() if message.from_bot)


async def _nothing(_: float) -> None:
    """No pause needs to be remembered here."""


def _bot(url: str, token: str, request: TelegramConnection) -> ExtBot[Any]:
    paced = PacedRequests(RateLimiter(SystemClock()), _nothing)
    return ExtBot(token, base_url=f"{url}/bot", request=request, rate_limiter=paced)


@pytest.fixture
async def line() -> AsyncIterator[Connected]:
    async with Simulator(SystemClock()) as simulator:
        request = TelegramConnection(longest=LONGEST, connections=1)
        bot = _bot(simulator.url, simulator.token, request)
        user = simulator.tg.world.person("Ada")
        user.started = True
        async with bot:
            yield Connected(simulator, bot, user.id)
        judge_every_call(simulator)


FAULTS: list[tuple[str, Fault, type[Delivery], bool]] = [
    ("delivered, late", Fault("delay_after", seconds=0.2), SentOk, True),
    ("429", Fault("too_many", seconds=7), Later, False),
    ("500", Fault("status", status=500), Ambiguous, False),
    ("502", Fault("status", status=502), Ambiguous, False),
    ("500 after delivery", Fault("status_after", status=500), Ambiguous, True),
    ("504 after delivery", Fault("status_after", status=504), Ambiguous, True),
    ("cut before delivery", Fault("cut_before"), Ambiguous, False),
    ("cut after delivery", Fault("cut_after"), Ambiguous, True),
    ("half an answer", Fault("malformed"), Ambiguous, True),
    ("no answer in time", Fault("delay_after", seconds=30), Ambiguous, True),
    ("an answer that never ends", Fault("slow_body", seconds=30), Ambiguous, True),
]


@pytest.mark.parametrize(("name", "fault", "becomes", "arrived"), FAULTS, ids=[row[0] for row in FAULTS])
async def test_faults_of_the_line(
    line: Connected, name: str, fault: Fault, becomes: type[Delivery], arrived: bool
) -> None:
    line.simulator.tg.faults.add(Fault(**{**vars(fault), "struck": 0}))
    delivery = await line.sends(longest=2 * LONGEST)

    assert type(delivery) is becomes
    assert line.arrived == arrived
    if isinstance(delivery, Later):
        assert delivery.after == 7


async def test_at_the_hard_limit_nobody_knows_whether_it_was_sent(line: Connected) -> None:
    """The connection's own limit is far longer here."""
    line.simulator.tg.faults.add(Fault("delay_after", seconds=30))
    delivery = await line.sends(longest=LONGEST / 4)

    assert isinstance(delivery, Ambiguous)


async def test_a_file_goes_with_its_caption(line: Connected) -> None:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    asked = Request(update_id=1, person_id=line.person, chat_id=line.person, private=True, at=at)
    await send(line.bot, asked, Reply(file=File("a.txt", b"x" * 10, picture=False, caption="<b>Yours</b>")))

    (message,) = [message for message in line.simulator.tg.world.everything() if message.from_bot]
    assert message.body["caption"] == "Yours"


async def test_nobody_listens_there_is_surely_not_sent(line: Connected) -> None:
    async with TelegramConnection(longest=2.0, connections=1) as request:
        bot = _bot("http://127.0.0.1:9", line.simulator.token, request)  # the discard port
        delivery = await TelegramMessenger(bot, 2.0).send(line.person, SCREEN)

    assert isinstance(delivery, Later)


@asynccontextmanager
async def busy_with_something_else(simulator: Simulator, bot: ExtBot[Any]) -> AsyncIterator[None]:
    """The one connection waits for an answer that does not come."""
    simulator.tg.faults.add(Fault("delay_before", method="getMe", seconds=30))
    calls = simulator.tg.journal.count
    busy = asyncio.create_task(bot.get_me())
    while simulator.tg.journal.count == calls:  # noqa: ASYNC110 – the server sets no event
        await asyncio.sleep(0.01)
    yield
    busy.cancel()
    await asyncio.gather(busy, return_exceptions=True)


async def test_no_connection_left_in_the_pool_is_surely_not_sent(line: Connected) -> None:
    """PTB calls this TimedOut, as it calls an answer that did not come."""
    async with busy_with_something_else(line.simulator, line.bot):
        delivery = await line.sends()

    assert isinstance(delivery, Later)
    assert line.arrived == 0


async def test_the_bots_own_line_gives_up_waiting_for_a_connection_before_the_hard_limit() -> None:
    """At the limit nobody could tell any more that it surely was not sent."""
    async with Simulator(SystemClock()) as simulator:
        bot = _bot(simulator.url, simulator.token, TelegramConnection(longest=4.0, connections=1))
        async with bot, busy_with_something_else(simulator, bot):
            delivery = await TelegramMessenger(bot, 4.0).send(simulator.tg.world.person("Ada").id, SCREEN)

    assert isinstance(delivery, Later)


async def test_an_inline_query_that_is_too_old_is_no_failure(line: Connected) -> None:
    await answer_inline(line.bot, "1", [])

    assert [call.status for call in line.simulator.tg.journal.calls][-1] == 400


async def test_who_cannot_be_reached_is_gone(line: Connected) -> None:
    world = line.simulator.tg.world
    stranger = world.person("Never wrote")
    blocker = world.person("Blocks")
    blocker.started = blocker.blocked = True
    gone = world.person("Deleted")
    gone.started = gone.deactivated = True

    for person in (stranger.id, blocker.id, gone.id, 99_999_999):
        assert isinstance(await line.sends(to=person), Gone), person
    assert line.arrived == 0


async def test_what_telegram_will_not_take_is_refused(line: Connected) -> None:
    for text in ("<b>unclosed", " ", "x" * 5_000):
        assert isinstance(await line.sends(screen=Screen(text)), Refused), text


async def test_a_group_that_became_a_supergroup_says_where_it_went(line: Connected) -> None:
    world = line.simulator.tg.world
    group = world.group("Backs", [line.person])
    new = world.migrate(group)

    assert await line.sends(to=group.id) == Moved(new.id)


async def test_a_wrong_token_is_surely_not_sent(line: Connected) -> None:
    async with TelegramConnection(longest=2.0, connections=1) as request:
        bot = _bot(line.simulator.url, "1:wrong", request)
        delivery = await TelegramMessenger(bot, 2.0).send(line.person, SCREEN)

    assert isinstance(delivery, Later)


def _caused(error: NetworkError, cause: Exception) -> NetworkError:
    error.__cause__ = cause
    return error


_KEY: Any = SimpleNamespace(host="api.telegram.org", port=443, ssl=True)
CAUSES: list[tuple[NetworkError, type[Delivery]]] = [
    (_caused(TimedOut(), aiohttp.ConnectionTimeoutError()), Later),  # a free one in the pool, or a new one
    (_caused(NetworkError(""), aiohttp.ClientConnectorError(_KEY, OSError())), Later),
    (_caused(NetworkError(""), aiohttp.ClientConnectorDNSError(_KEY, OSError())), Later),
    (_caused(NetworkError(""), aiohttp.ClientConnectorSSLError(_KEY, OSError())), Later),
    (_caused(NetworkError(""), aiohttp.ClientProxyConnectionError(_KEY, OSError())), Later),
    (_caused(NetworkError(""), aiohttp.InvalidURL("x")), Later),
    (_caused(TimedOut(), aiohttp.SocketTimeoutError()), Ambiguous),
    (_caused(TimedOut(), TimeoutError()), Ambiguous),
    (_caused(NetworkError(""), aiohttp.ServerDisconnectedError()), Ambiguous),
    (_caused(NetworkError(""), aiohttp.ClientOSError()), Ambiguous),
    (_caused(NetworkError(""), aiohttp.ClientPayloadError()), Ambiguous),
    (_caused(NetworkError(""), ConnectionResetError()), Ambiguous),
    (BadRequest("message is too long"), Refused),
    (BadRequest("Chat not found"), Gone),
]


@pytest.mark.parametrize(("error", "becomes"), CAUSES, ids=lambda value: repr(value))
def test_ptb_says_timed_out_and_network_error_for_what_was_sent_and_what_was_not(
    error: NetworkError, becomes: type[Delivery]
) -> None:
    assert type(delivery_of(error)) is becomes
