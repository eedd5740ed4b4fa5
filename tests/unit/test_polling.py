"""Polls by themselves: what each says, how long it waits, and what a failure costs, in numbers."""

import asyncio
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiohttp import ClientTimeout
from structlog.testing import capture_logs
from telegram import Update as TelegramUpdate
from telegram.error import Conflict, InvalidToken, NetworkError, TelegramError, TimedOut

from tests.fakes.memory_store import MemoryStore
from tgbot.chat.lanes import Lanes
from tgbot.chat.polling import Polling, fetch
from tgbot.chat.startup import TokenRefusedError
from tgbot.chat.telegram_connection import Bot
from tgbot.chat.updates import IncomingMessage, Update, UpdateReader
from tgbot.clock import ManualClock
from tgbot.finder.finding import Unknown

Answer = Sequence[object] | object | Exception


class Line:
    """Answers each getUpdates with the next of these; after the last it waits for ever."""

    def __init__(self, *answers: Answer, webhook: str | Exception = "") -> None:
        self._answers, self._webhook = list(answers), webhook
        self.said: list[tuple[dict[str, object], ClientTimeout]] = []
        self.idle = asyncio.Event()

    async def call(self, url: str, wanted: Mapping[str, object], within: ClientTimeout) -> Any:
        assert url == "http://x/bot1:a/getUpdates"
        self.said.append((dict(wanted), within))
        if not self._answers:
            self.idle.set()
            await asyncio.Event().wait()
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def hook(self) -> SimpleNamespace:
        if isinstance(self._webhook, Exception):
            raise self._webhook
        return SimpleNamespace(url=self._webhook)

    @property
    def bot(self) -> Bot:
        return cast(
            Bot, SimpleNamespace(base_url="http://x/bot1:a", request=self, get_webhook_info=self.hook)
        )

    @property
    def offsets(self) -> list[object]:
        return [wanted.get("offset") for wanted, _ in self.said]


def says(number: int, person: int = 7) -> dict[str, Any]:
    body = {"message_id": 1, "chat": {"id": person, "type": "private"}, "from": {"id": person}, "text": "hi"}
    return {"update_id": number, "message": body}


class CountingLanes(Lanes):
    """How often a crowd's replies were no longer waited for."""

    relieved = 0

    def relieve(self) -> asyncio.Task[None]:
        self.relieved += 1
        return super().relieve()


class Desk:
    def __init__(self, line: Line, others: str = "") -> None:
        self.line, self.clock = line, ManualClock()
        self.signs, self.done = 0, list[int]()
        self.slow: dict[int, asyncio.Event] = {}
        self.lanes = CountingLanes(self._process, self._process, MemoryStore(), self.clock)
        reader = UpdateReader(42, "back_bot", (), lambda _: Unknown())
        self.polling = Polling(line.bot, reader, self.lanes, self.clock, self._alive, lambda: others)

    def _alive(self) -> None:
        self.signs += 1

    async def _process(self, update: Update) -> None:
        assert isinstance(update, IncomingMessage)
        if event := self.slow.get(update.update_id):
            await event.wait()
        self.done.append(update.update_id)

    async def runs(self) -> list[Mapping[str, Any]]:
        """Until there is nothing more to answer: what was logged meanwhile."""
        with capture_logs() as logs:
            running = asyncio.create_task(self.polling.run())
            idle = asyncio.create_task(self.line.idle.wait())
            async with asyncio.timeout(60):
                await asyncio.wait((running, idle), return_when=asyncio.FIRST_COMPLETED)
            idle.cancel()
            if running.done():
                await running
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        return list(logs)


async def test_a_poll_names_what_it_wants_and_waits_for_as_long_as_it_asked_and_ten_seconds_more() -> None:
    line = Line([says(9), says(3)], [])
    assert [update["update_id"] for update in await fetch(line.bot, None, 20)] == [3, 9]
    await fetch(line.bot, 10, 0, limit=1, patience=0.3)

    everything = {"allowed_updates": TelegramUpdate.ALL_TYPES}
    assert line.said == [
        (
            {"timeout": 20, "limit": 100, **everything},
            ClientTimeout(total=70, connect=10, sock_connect=10, sock_read=30),
        ),
        (
            {"timeout": 0, "limit": 1, "offset": 10, **everything},
            ClientTimeout(total=1.5, connect=0.3, sock_connect=0.3, sock_read=0.3),
        ),
    ]


@pytest.mark.parametrize("answer", [5, None, ["?"], [{}], [{"update_id": None}]])
async def test_what_is_no_list_of_updates_is_a_failure_that_may_pass(answer: object) -> None:
    with pytest.raises(NetworkError):
        await fetch(Line(answer).bot, None, 0)


async def test_each_poll_acknowledges_what_is_done_and_waits_twenty_seconds_for_more() -> None:
    desk = Desk(Line([], [says(5)], [says(6), says(7)], [], []))
    await desk.runs()

    assert desk.done == [5, 6, 7]
    assert desk.line.offsets == [None, None, 6, 8, None, None], "said once, nothing is left to say"
    assert {wanted["timeout"] for wanted, _ in desk.line.said} == {20}
    assert desk.signs == 5


async def test_while_something_is_unfinished_polls_do_not_wait_and_name_it_every_second_time() -> None:
    desk = Desk(Line([says(5), says(6, 8)], [], [], []))
    desk.slow[5] = asyncio.Event()
    desk.line.idle.clear()
    with capture_logs():
        running = asyncio.create_task(desk.polling.run())
        await desk.line.idle.wait()
        assert desk.line.offsets == [None, 5, None, 5, None]
        assert [wanted["timeout"] for wanted, _ in desk.line.said] == [20, 0, 0, 0, 0]
        desk.slow[5].set()
        running.cancel()
        desk.line._answers = [[]]
        await asyncio.gather(running, return_exceptions=True)

    assert desk.done == [6, 5]
    assert desk.line.offsets[-1] == 7, "what was finished at the end is still acknowledged"


async def test_after_failures_it_polls_again_ever_later_and_at_least_every_quarter_of_a_minute() -> None:
    desk = Desk(Line(*[TimedOut()] * 7, [], NetworkError("x")))
    logs = await desk.runs()

    assert desk.clock.slept == [0.75, 1.5, 3, 6, 11.25, 11.25, 11.25, 0.75], "a poll that works starts anew"
    assert [line["event"] for line in logs] == ["poll_failed"] * 8
    assert (logs[0]["error"], logs[0]["again_in"]) == ("TimedOut", 0.8)
    assert desk.signs == 1, "a failure is no sign of life"


async def test_five_refusals_in_a_row_end_it_and_four_do_not() -> None:
    refused = InvalidToken("unauthorized")
    await Desk(Line(*[refused] * 4, [], *[refused] * 4)).runs()
    with pytest.raises(TokenRefusedError):
        await Desk(Line(*[refused] * 5)).runs()


@pytest.mark.parametrize(
    ("webhook", "others", "told"),
    [
        ("", "", {"event": "another_instance_polls", "others": "unknown"}),
        (
            "",
            "@back_bot on x (process 5)",
            {"event": "another_instance_polls", "others": "@back_bot on x (process 5)"},
        ),
        ("https://bot.example/secret", "", {"event": "webhook_is_set", "host": "bot.example"}),
        (TelegramError("?"), "", {"event": "another_instance_polls", "others": "unknown"}),
    ],
)
async def test_a_conflict_says_who_gets_the_updates_instead(
    webhook: str | Exception, others: str, told: dict[str, str]
) -> None:
    (line,) = await Desk(Line(Conflict("terminated"), webhook=webhook), others).runs()

    assert {name: line[name] for name in told} == told
    assert "secret" not in str(line)


async def test_an_acknowledgement_that_nobody_answers_costs_nothing() -> None:
    desk = Desk(Line([says(5)]))
    running = asyncio.create_task(desk.polling.run())
    await desk.line.idle.wait()
    desk.line._answers = [TimedOut()]
    with capture_logs() as logs:
        running.cancel()
        assert isinstance((await asyncio.gather(running, return_exceptions=True))[0], asyncio.CancelledError)
    assert desk.line.offsets == [None, 6, 6]
    assert [line["event"] for line in logs] == ["acknowledgement_unanswered"]


@pytest.mark.parametrize(("count", "relieved"), [(79, 0), (80, 1)])
async def test_eighty_in_one_poll_are_a_crowd(count: int, relieved: int) -> None:
    desk = Desk(Line([says(number, person=number) for number in range(1, count + 1)]))
    slow = asyncio.Event()
    desk.slow = dict.fromkeys(range(1, count + 1), slow)
    running = asyncio.create_task(desk.polling.run())
    await desk.line.idle.wait()
    slow.set()
    desk.line._answers = [[]]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert desk.lanes.relieved == relieved
    assert len(desk.done) == count
