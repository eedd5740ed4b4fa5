"""Charts and cards on their way: nobody waits behind them, and whoever waits for one sees it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from telegram.ext import ExtBot

from tests.judge import judge_every_call
from tgbot.chat.drawing_queue import MOST_WAITING, DrawingQueue
from tgbot.chat.request import DrawingJob, Request
from tgbot.chat.telegram_connection import TelegramConnection
from tgbot.clock import SystemClock
from tgbot.screens.screen import Screen
from tgbot.service.ports import PictureError
from tgbot.simulator.faults import Fault
from tgbot.simulator.simulator_server import Simulator

INSTEAD = Screen("I could not draw it just now.")


@dataclass
class Table:
    """A queue that runs, and the Telegram at its other end."""

    simulator: Simulator
    queue: DrawingQueue

    def request(self, name: str = "Ada", topic: int | None = None) -> Request:
        user = self.simulator.tg.world.person(name)
        user.started = True
        return Request(1, user.id, user.id, True, SystemClock().now(), topic=topic)

    def calls(self, method: str) -> list[dict[str, Any]]:
        return [call.parameters for call in self.simulator.tg.journal.calls if call.method == method]

    async def until(self, holds: Callable[[], object]) -> None:
        async with asyncio.timeout(60):
            while not holds():  # noqa: ASYNC110 – the server sets no event
                await asyncio.sleep(0.01)


@asynccontextmanager
async def opened() -> AsyncIterator[Table]:
    async with Simulator(SystemClock()) as simulator:
        connection = TelegramConnection(longest=5.0, connections=4)
        bot: ExtBot[Any] = ExtBot(
            simulator.token,
            base_url=f"{simulator.url}/bot",
            request=connection,
            get_updates_request=connection,
        )
        async with bot:
            table = Table(simulator, DrawingQueue(bot, SystemClock()))
            running = asyncio.create_task(table.queue.run())
            yield table
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        judge_every_call(simulator)


@pytest.fixture
async def table() -> AsyncIterator[Table]:
    async with opened() as one_table:
        yield one_table


def drawing(draw: Callable[[], Awaitable[bytes]], name: str = "card.pdf") -> DrawingJob:
    return DrawingJob(name, draw, picture=name.endswith("png"), instead=INSTEAD)


async def at_once() -> bytes:
    return b"%PDF-drawn"


async def never() -> bytes:
    raise PictureError("A card took longer than 120 s.")


async def test_whoever_waits_sees_that_a_file_is_on_its_way_in_the_topic_where_it_was_asked_for(
    table: Table,
) -> None:
    ready = asyncio.Event()

    async def slowly() -> bytes:
        await ready.wait()
        return b"%PDF-drawn"

    assert table.queue.put(table.request(topic=8), drawing(slowly))
    await table.until(lambda: table.calls("sendChatAction"))
    assert not table.calls("sendDocument")
    ready.set()
    await table.until(lambda: table.calls("sendDocument"))

    (action, *_), (sent,) = table.calls("sendChatAction"), table.calls("sendDocument")
    assert (action["action"], action["message_thread_id"]) == ("upload_document", 8)
    assert sent["message_thread_id"] in (8, "8")


async def test_one_is_drawn_at_a_time_and_what_is_asked_for_twice_is_drawn_once(table: Table) -> None:
    at_work, most, drawn = 0, 0, list[str]()

    def noting(name: str) -> Callable[[], Awaitable[bytes]]:
        async def draw() -> bytes:
            nonlocal at_work, most
            at_work += 1
            most = max(most, at_work)
            await asyncio.sleep(0.02)
            at_work -= 1
            drawn.append(name)
            return b"%PDF-drawn"

        return draw

    for name in ("Ada", "Ada", "Ben", "Cleo"):
        assert table.queue.put(table.request(name), drawing(noting(name)))
    await table.until(lambda: len(table.calls("sendDocument")) == 3)

    assert (most, drawn) == (1, ["Ada", "Ben", "Cleo"])


async def test_the_queue_has_a_bound() -> None:
    async with opened() as table:
        stuck = drawing(asyncio.Event().wait)  # type: ignore[arg-type]
        taken = [table.queue.put(table.request(f"P{number}"), stuck) for number in range(MOST_WAITING + 2)]

    assert taken == [True] * MOST_WAITING + [False] * 2


async def test_what_cannot_be_drawn_is_given_up_with_a_sentence_and_the_next_one_comes(table: Table) -> None:
    async def a_bug() -> bytes:
        raise KeyError("x")

    table.queue.put(table.request("Ada"), drawing(never))
    table.queue.put(table.request("Ben"), drawing(a_bug))
    table.queue.put(table.request("Cleo"), drawing(at_once))
    await table.until(lambda: table.calls("sendDocument"))

    assert [sent["text"] for sent in table.calls("sendMessage")] == [INSTEAD.text] * 2


async def test_a_file_that_telegram_refuses_is_followed_by_the_sentence(table: Table) -> None:
    table.simulator.tg.faults.add(Fault("status", method="sendDocument", status=400))
    table.queue.put(table.request(), drawing(at_once))
    await table.until(lambda: table.calls("sendMessage"))


async def test_a_file_that_surely_was_not_sent_is_sent_again_and_a_doubtful_one_is_not(table: Table) -> None:
    table.simulator.tg.faults.add(Fault("too_many", method="sendDocument", seconds=1))
    table.queue.put(table.request("Ada"), drawing(at_once))
    await table.until(lambda: len(table.calls("sendDocument")) == 2)

    table.simulator.tg.faults.add(Fault("cut_after", method="sendDocument"))
    table.queue.put(table.request("Ben"), drawing(at_once))
    table.queue.put(table.request("Cleo"), drawing(at_once))
    await table.until(lambda: len(table.calls("sendDocument")) == 4)

    to_ben = [
        sent for sent in table.calls("sendDocument") if int(sent["chat_id"]) == table.request("Ben").person_id
    ]
    assert len(to_ben) == 1
