"""A tap on the FAQ: no database, two calls at once, whatever Telegram says of the message it stands under."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Any, TypeVar

import pytest
from telegram.error import BadRequest, NetworkError
from telegram.ext import ExtBot

from tests.fakes.memory_store import MemoryStore
from tests.fakes.stores import MeddledStore, broken_store
from tests.judge import judge_every_call
from tgbot.chat.dispatcher import Dispatcher
from tgbot.chat.drawing_queue import DrawingQueue
from tgbot.chat.sending import PacedRequests, call, message_of
from tgbot.chat.telegram_connection import TelegramConnection
from tgbot.chat.updates import IncomingMessage, Tap, UpdateReader
from tgbot.clock import SystemClock
from tgbot.finder.finding import Unknown
from tgbot.packs.whole import load_whole
from tgbot.pictures.renderer import PictureRenderer
from tgbot.screens.buttons import (
    Button,
    ShowAnswer,
    ShowHelp,
    ShowMenu,
    ShowPrivacy,
    ShowTopic,
    Vote,
    pack,
)
from tgbot.screens.faq_screens import Screens
from tgbot.screens.voice import voice_of
from tgbot.service.episodes import Episodes
from tgbot.service.hints import AskedFor, Recent
from tgbot.service.questions import Statistics
from tgbot.service.rate_limiter import Pace, RateLimiter
from tgbot.service.store_port import Store, StoreError
from tgbot.settings import shipped_content
from tgbot.simulator import actions
from tgbot.simulator.faults import Fault
from tgbot.simulator.simulator_server import Simulator
from tgbot.simulator.world import Chat
from tgbot.wiring.editions import all_routes

T = TypeVar("T")
CONTENT = load_whole(shipped_content())


def closed_store() -> Store:
    """Whoever asks it fails the test."""
    return broken_store(AssertionError("the database was asked"))


class Table:
    """The real routes over a real line; what Ada taps is handed to them one update after the other."""

    def __init__(self, simulator: Simulator, bot: ExtBot[Any], store: Store | None = None) -> None:
        clock, store, self.tally = SystemClock(), store or closed_store(), Statistics()
        self.recent = recent = Recent(clock)
        episodes = Episodes(store, clock, CONTENT.protocol, recent)
        voice = voice_of(CONTENT.pack, CONTENT.protocol, CONTENT.index)
        every = all_routes(voice, episodes, PictureRenderer(), self.tally, store, clock, recent, bot.link)
        self.dispatcher = Dispatcher(bot, every, clock, DrawingQueue(bot, clock))
        self.reader = UpdateReader(bot.id, bot.username, every.commands, lambda _: Unknown())
        self.bot = bot
        self.tg = simulator.tg
        self.simulator = simulator
        self.ada = self.tg.world.person("Ada")
        self.ada.started = True
        self.chat = self.tg.world.chats[self.ada.id]

    async def begins(self) -> int:
        menu = message_of(Screens(CONTENT.pack).menu())
        sent = await call(self.bot, "sendMessage", {"chat_id": self.ada.id} | menu)
        return int(sent["message_id"])

    def taps(self, message_id: int, button: Button) -> Tap:
        query = actions.tap(self.tg, self.ada, self.chat, message_id, pack(button))
        (raw,) = [waiting for waiting in self.tg.updates.pending if waiting.id == query.update_id]
        tap = self.reader.read({"update_id": raw.id, raw.kind: raw.body})
        assert isinstance(tap, Tap)
        return tap

    def types(self, text: str, chat: Chat | None = None) -> IncomingMessage:
        actions.say(self.tg, self.ada, chat or self.chat, {"text": text})
        raw = self.tg.updates.pending[-1]
        message = self.reader.read({"update_id": raw.id, raw.kind: raw.body})
        assert isinstance(message, IncomingMessage)
        return message

    @property
    def calls(self) -> list[str]:
        return [done.method for done in self.tg.journal.calls]


@pytest.fixture
async def table() -> AsyncIterator[Table]:
    async with Simulator(SystemClock()) as simulator:
        line = TelegramConnection(longest=5.0, connections=4)
        clock = SystemClock()
        fast = PacedRequests(RateLimiter(clock, Pace(per_second=10_000, chat_seconds=0)), _nothing)
        bot: ExtBot[Any] = ExtBot(
            simulator.token,
            base_url=f"{simulator.url}/bot",
            request=line,
            get_updates_request=line,
            rate_limiter=fast,
        )
        async with bot:
            yield Table(simulator, bot)
        judge_every_call(simulator)


async def _nothing(_: float) -> None:
    """No pause needs to be remembered here."""


def spinners() -> list[asyncio.Task[Any]]:
    return [task for task in asyncio.all_tasks() if "_answer_query" in repr(task.get_coro())]


FAQ: list[Button] = [
    ShowMenu(),
    ShowHelp(),
    ShowPrivacy(),
    *(ShowTopic(topic) for topic in CONTENT.pack.topics),
    *(ShowAnswer(answer) for answer in CONTENT.pack.answers),
    Vote(next(iter(CONTENT.pack.answers)), "y"),
    ShowAnswer("long-gone"),
]


async def test_no_tap_on_the_faq_asks_the_database_and_each_takes_two_calls(table: Table) -> None:
    message = await table.begins()
    for button in FAQ:
        before = len(table.calls)
        await table.dispatcher.handle(table.taps(message, button))
        wanted = (
            ["answerCallbackQuery"]
            if isinstance(button, Vote)
            else ["answerCallbackQuery", "editMessageText"]
        )
        assert sorted(table.calls[before:]) == wanted, button

    assert set(table.tally.most_shown(1_000)) == set(CONTENT.pack.answers)


async def test_both_calls_are_under_way_at_once(table: Table) -> None:
    """The edit arrives although nobody has answered the answer yet."""
    message = await table.begins()
    table.tg.faults.add(Fault("delay_before", method="answerCallbackQuery", seconds=3600))
    tapped = asyncio.create_task(table.dispatcher.handle(table.taps(message, ShowHelp())))
    async with asyncio.timeout(60):
        while "editMessageText" not in table.calls:  # noqa: ASYNC110 – the server sets no event
            await asyncio.sleep(0.01)

    assert not tapped.done()
    tapped.cancel()


async def test_a_tap_that_is_cancelled_leaves_neither_call_behind(table: Table) -> None:
    message = await table.begins()
    slow = table.tg.faults.add(Fault("delay_before", times=2, seconds=3600))
    tapped = asyncio.create_task(table.dispatcher.handle(table.taps(message, ShowHelp())))
    async with asyncio.timeout(60):
        while slow.struck < 2:  # noqa: ASYNC110 – the server sets no event
            await asyncio.sleep(0.01)
        tapped.cancel()
        await asyncio.wait([tapped])

    assert tapped.cancelled()
    assert not spinners()


async def test_a_tap_is_cancelled_although_one_of_its_calls_has_failed_already(table: Table) -> None:
    """Else its failure would be heard instead, and a stop would wait while the tap is tried again."""
    message = await table.begins()
    table.tg.faults.add(Fault("status", method="answerCallbackQuery"))
    slow = table.tg.faults.add(Fault("delay_before", method="editMessageText", seconds=3600))
    tapped = asyncio.create_task(table.dispatcher.handle(table.taps(message, ShowHelp())))
    async with asyncio.timeout(60):
        while not slow.struck or spinners():  # noqa: ASYNC110 – the server sets no event
            await asyncio.sleep(0.01)
        tapped.cancel()
        await asyncio.wait([tapped])

    assert tapped.cancelled()


async def test_when_both_calls_fail_the_screens_failure_decides(table: Table) -> None:
    message = await table.begins()
    table.tg.faults.add(Fault("status", method="answerCallbackQuery", status=400))
    table.tg.faults.add(Fault("status", method="editMessageText", status=500))
    with pytest.raises(NetworkError) as failed:
        await table.dispatcher.handle(table.taps(message, ShowHelp()))

    assert not isinstance(failed.value, BadRequest), "what may pass is tried again"


async def test_what_goes_wrong_with_the_screen_does_not_stop_the_answer(table: Table) -> None:
    message = await table.begins()
    table.tg.faults.add(Fault("status", method="editMessageText", status=500))
    table.tg.faults.add(Fault("delay_before", method="answerCallbackQuery", seconds=0.2))
    with pytest.raises(NetworkError):
        await table.dispatcher.handle(table.taps(message, ShowHelp()))

    assert table.calls.count("answerCallbackQuery") == 1


async def test_a_message_that_is_gone_gets_its_screen_anew(table: Table) -> None:
    message = await table.begins()
    tap = table.taps(message, ShowHelp())
    await table.bot.delete_message(table.ada.id, message)
    await table.dispatcher.handle(tap)
    await table.dispatcher.handle(table.taps(message, ShowHelp()))

    anew = [known for known in table.chat.messages.values() if not known.deleted]
    assert len(anew) == 2
    assert all("What I can do" in known.body["text"] for known in anew)


@pytest.mark.parametrize("status", [400, 403])
async def test_whatever_refuses_an_edit_the_screen_comes_as_a_new_message(table: Table, status: int) -> None:
    """Telegram has more words for it than any list holds, and what was tapped is stored already."""
    message = await table.begins()
    table.tg.faults.add(Fault("status", method="editMessageText", status=status))
    await table.dispatcher.handle(table.taps(message, ShowHelp()))

    assert "What I can do" in table.chat.messages[max(table.chat.messages)].body["text"]
    assert len(table.chat.messages) == 2


async def test_when_a_new_message_is_refused_as_well_the_person_is_told(table: Table) -> None:
    message = await table.begins()
    for method in ("editMessageText", "sendMessage"):
        table.tg.faults.add(Fault("status", method=method, status=400))
    with pytest.raises(BadRequest):
        await table.dispatcher.handle(table.taps(message, ShowHelp()))

    assert "Something went wrong" in table.chat.messages[max(table.chat.messages)].body["text"]


async def test_the_screen_that_is_there_already_and_a_tap_that_came_late_are_no_failures(
    table: Table,
) -> None:
    message = await table.begins()
    tap = table.taps(message, ShowHelp())
    for _ in range(2):  # the second time the query is answered and the message is not modified
        await table.dispatcher.handle(tap)

    statuses: dict[str, list[int]] = defaultdict(list)
    for done in table.tg.journal.calls:
        statuses[done.method].append(done.status)
    assert statuses["editMessageText"] == [200, 400]


async def test_a_tap_waits_out_a_429_and_is_answered(table: Table) -> None:
    message = await table.begins()
    table.tg.faults.add(Fault("too_many", method="editMessageText", seconds=1))
    await table.dispatcher.handle(table.taps(message, ShowHelp()))

    assert table.calls.count("editMessageText") == 2
    assert "What I can do" in table.chat.messages[message].body["text"]


async def test_while_the_database_is_away_nobody_is_told_that_it_failed_and_the_next_try_means_the_same(
    table: Table,
) -> None:
    away = [StoreError("The database says: the database system is starting up.")] * 2

    async def before() -> None:
        if away:
            raise away.pop()

    later = Table(table.simulator, table.bot, MeddledStore(MemoryStore(), before))
    later.recent.turned(later.ada.id, AskedFor.SCORE)
    for update in (later.types("/history"), later.types("5")):
        with pytest.raises(StoreError):
            await later.dispatcher.handle(update)
        assert "sendMessage" not in later.calls
        assert later.recent.of(later.ada.id).asked_for is AskedFor.SCORE


async def test_a_message_in_a_group_leaves_what_was_asked_in_private(table: Table) -> None:
    group = table.tg.world.group("Backs", [table.ada.id, table.bot.id])
    table.recent.turned(table.ada.id, AskedFor.SCORE)
    await table.dispatcher.handle(table.types("/help", group))

    assert table.calls[-1] == "sendMessage"
    assert table.recent.of(table.ada.id).asked_for is AskedFor.SCORE


async def test_when_the_tries_are_used_up_the_person_is_told(table: Table) -> None:
    await table.dispatcher.could_not(table.types("/history"))

    assert "Something went wrong" in table.chat.messages[max(table.chat.messages)].body["text"]
