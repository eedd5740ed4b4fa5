"""Lanes and polling against a strict Bot API: what is acknowledged, in which order, and what survives."""

import asyncio
import copy
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TypeVar

import aiohttp
import pytest
from telegram.error import InvalidToken, NetworkError
from telegram.ext import ExtBot

from tests.fakes.memory_store import MemoryStore
from tests.fakes.stores import broken_store
from tests.judge import judge_every_call
from tgbot.chat.admission import Admission, AdmissionControl
from tgbot.chat.lanes import EVIDENT, Lanes, mark_handled
from tgbot.chat.owed_replies import InterruptedReplies
from tgbot.chat.polling import Polling
from tgbot.chat.startup import TokenRefusedError
from tgbot.chat.telegram_connection import TelegramConnection
from tgbot.chat.updates import IncomingMessage, Update, UpdateReader
from tgbot.clock import ManualClock, SystemClock, TravelClock
from tgbot.content import Tier
from tgbot.finder.finding import Finding, Unknown, Urgent
from tgbot.service.measurements import Heartbeat
from tgbot.service.store_port import Store, StoreError
from tgbot.simulator import actions
from tgbot.simulator.faults import Fault, FaultKind
from tgbot.simulator.simulator_server import Simulator

T = TypeVar("T")


def finds_chest_pain(text: str) -> Finding:
    return Urgent(("pain",), Tier.EMERGENCY) if "chest pain" in text else Unknown()


class QuickClock(SystemClock):
    """The machine's clock, for somebody in a hurry: pauses are fifty times shorter."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds / 50)


class HastyClock(QuickClock):
    """A minute passes in a tenth of a second."""

    def monotonic(self) -> float:
        return super().monotonic() * 600

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds / 12)


class Desk:
    """Lanes that note what they are given, and do with it what `answer` says."""

    def __init__(
        self, simulator: Simulator, world_clock: TravelClock, bot: ExtBot[None], guarded: bool
    ) -> None:
        self.simulator = simulator
        self.bot = bot
        self.world_clock = world_clock
        self.done: list[tuple[int, str]] = []
        self.told: list[int] = []
        self.answer: Callable[[IncomingMessage], Awaitable[None]] | None = None
        self.store = MemoryStore()
        self.clock = QuickClock()
        self.pulse = Heartbeat(self.clock, longest=0.5)
        admission = AdmissionControl(ManualClock()) if guarded else None
        self.works_with(Lanes(self.process, self.too_fast, self.store, self.clock, admission))

    def works_with(self, lanes: Lanes) -> None:
        self.lanes = lanes
        reader = UpdateReader(self.bot.id, self.bot.username, (), finds_chest_pain)
        self.polling = Polling(self.bot, reader, lanes, self.clock, self.pulse.of("poller"))

    async def process(self, update: Update) -> None:
        assert isinstance(update, IncomingMessage)
        if self.answer:
            await self.answer(update)
        self.done.append((update.person_id, update.typed.text))

    async def too_fast(self, update: Update) -> None:
        self.told.append(update.lane)

    def name_of(self, message: IncomingMessage) -> str:
        return self.simulator.tg.world.people[message.person_id].first_name

    def says(self, name: str, text: str) -> int:
        tg = self.simulator.tg
        user = tg.world.person(name)
        actions.say(tg, user, tg.world.chats[user.id], {"text": text})
        return user.id

    @property
    def waiting(self) -> int:
        return len(self.simulator.tg.updates.pending)

    async def until(self, holds: Callable[[], object]) -> None:
        async with asyncio.timeout(60):
            while not holds():  # noqa: ASYNC110 – the server's queue sets no event
                await asyncio.sleep(0.01)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[asyncio.Task[None]]:
        running = asyncio.create_task(self.polling.run())
        try:
            yield running
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running


@asynccontextmanager
async def a_desk(*, guarded: bool = False) -> AsyncIterator[Desk]:
    world_clock = TravelClock()
    async with Simulator(world_clock) as simulator:
        line = TelegramConnection(longest=5.0, connections=4)
        bot: ExtBot[None] = ExtBot(
            simulator.token, base_url=f"{simulator.url}/bot", request=line, get_updates_request=line
        )
        async with bot:
            yield Desk(simulator, world_clock, bot, guarded)
        judge_every_call(simulator)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with a_desk() as opened:
        yield opened


async def test_nothing_is_acknowledged_before_it_was_processed(desk: Desk) -> None:
    """PTB's Updater confirms what is in its memory: of 100 queued, a kill lost 90."""
    hold = asyncio.Event()
    seen = asyncio.Event()

    async def wait(_: IncomingMessage) -> None:
        seen.set()
        await hold.wait()

    desk.answer = wait
    desk.says("Ada", "hello")
    async with desk.open():
        await seen.wait()
        await asyncio.sleep(1.5)
        assert desk.waiting == 1
        hold.set()
        await desk.until(lambda: not desk.waiting)

    assert [text for _, text in desk.done] == ["hello"]


async def test_one_person_in_order_and_nobody_waits_for_another(desk: Desk) -> None:
    stuck = asyncio.Event()

    async def ada_is_slow(message: IncomingMessage) -> None:
        if desk.name_of(message) == "Ada":
            await stuck.wait()

    desk.answer = ada_is_slow
    ada, ben = desk.says("Ada", "a0"), desk.says("Ben", "b0")
    for number in (1, 2):
        desk.says("Ada", f"a{number}")
        desk.says("Ben", f"b{number}")
    async with desk.open():
        await desk.until(lambda: len(desk.done) == 3)
        assert desk.done == [(ben, "b0"), (ben, "b1"), (ben, "b2")]
        desk.says("Cleo", "later")
        await desk.until(lambda: len(desk.done) == 4)
        assert desk.waiting == 7, "Ada's first is unfinished, so nothing after it is acknowledged"
        stuck.set()
        await desk.until(lambda: not desk.waiting)

    assert [text for who, text in desk.done if who == ada] == ["a0", "a1", "a2"]
    assert len(desk.done) == 7, "what was handed out again was recognised"


async def test_a_poison_update_is_counted_and_does_not_block(desk: Desk) -> None:
    async def poison(message: IncomingMessage) -> None:
        if message.typed.text == "poison":
            raise KeyError("a bug")

    desk.answer = poison
    for text in ("poison", "honey"):
        desk.says("Ada", text)
    async with desk.open():
        await desk.until(lambda: not desk.waiting)

    assert [text for _, text in desk.done] == ["honey"]
    assert desk.lanes.count.poisoned == 1
    assert await desk.store.operate(lambda tx: tx.operations.quarantined(datetime.fromtimestamp(0, UTC))) == 1


async def test_an_update_that_cannot_even_be_read_is_quarantined(desk: Desk) -> None:
    """PTB reads a batch as a whole: one unreadable update would come back for ever."""
    desk.simulator.tg.updates.add("message", {"message_id": "not a message"}, "chat:1")
    desk.says("Ada", "hello")
    async with desk.open():
        await desk.until(lambda: not desk.waiting)

    assert [text for _, text in desk.done] == ["hello"]
    assert desk.lanes.count.poisoned == 1


async def test_an_update_that_admission_cannot_judge_is_let_in_and_quarantined() -> None:
    """What raises there would end the poller, and every poller that is started after it."""

    class Breaking(AdmissionControl):
        def admit(self, update: Update, waiting: int) -> Admission:
            raise KeyError("a bug")

    async with a_desk() as desk:
        lanes = Lanes(desk.process, desk.too_fast, desk.store, desk.clock, Breaking(desk.clock))
        desk.works_with(lanes)
        desk.simulator.tg.updates.add("message", {"message_id": "not a message"}, "chat:1")
        desk.says("Ada", "hello")
        async with desk.open():
            await desk.until(lambda: not desk.waiting)

    assert [text for _, text in desk.done] == ["hello"]
    assert desk.lanes.count.poisoned == 1


def broken() -> Store:
    """Fails as no store says that it would."""
    return broken_store(OverflowError("too large an integer"))


async def test_an_update_that_cannot_be_quarantined_either_does_not_block(desk: Desk) -> None:
    async def poison(message: IncomingMessage) -> None:
        if message.typed.text == "poison":
            raise KeyError("a bug")

    desk.answer = poison
    desk.works_with(Lanes(desk.process, desk.too_fast, broken(), desk.clock))
    for text in ("poison", "honey"):
        desk.says("Ada", text)
    async with desk.open():
        await desk.until(lambda: not desk.waiting)

    assert [text for _, text in desk.done] == ["honey"]


async def test_a_reply_that_could_not_be_sent_is_tried_again_a_doubtful_one_once(desk: Desk) -> None:
    tries: list[str] = []

    async def offline(message: IncomingMessage) -> None:
        text = message.typed.text
        tries.append(text)
        error = NetworkError("no line")
        error.__cause__ = (
            aiohttp.ConnectionTimeoutError() if text == "unsent" else aiohttp.ServerDisconnectedError()
        )
        if text == "doubtful" or len(tries) < 5:
            raise error

    desk.answer = offline
    async with desk.open():
        desk.says("Ada", "unsent")
        await desk.until(lambda: not desk.waiting)
        assert tries == ["unsent"] * 5
        desk.says("Ada", "doubtful")
        await desk.until(lambda: not desk.waiting)

    assert tries[5:] == ["doubtful"] * 2
    assert desk.lanes.count.unanswered == 1


async def test_a_refusal_of_the_token_while_replying_is_tried_again(desk: Desk) -> None:
    tries: list[int] = []

    async def refused_once(message: IncomingMessage) -> None:
        tries.append(message.update_id)
        if len(tries) == 1:
            raise InvalidToken

    desk.answer = refused_once
    desk.says("Ada", "hello")
    async with desk.open():
        await desk.until(lambda: not desk.waiting)

    assert desk.done == [(desk.done[0][0], "hello")]
    assert desk.lanes.count.poisoned == 0


async def test_while_the_database_is_away_an_update_is_tried_again(desk: Desk) -> None:
    tries: list[str] = []

    async def restarts(message: IncomingMessage) -> None:
        tries.append(message.typed.text)
        if len(tries) < 6:
            raise StoreError("The database says: server closed the connection unexpectedly.")

    desk.answer = restarts
    desk.says("Ada", "hello")
    async with desk.open():
        await desk.until(lambda: not desk.waiting)

    assert tries == ["hello"] * 6
    assert [text for _, text in desk.done] == ["hello"]
    assert desk.lanes.count.poisoned == 0


async def test_when_the_database_stays_away_it_is_said_once_and_the_lane_goes_on(desk: Desk) -> None:
    told: list[int] = []

    async def tell(update: Update) -> None:
        told.append(update.update_id)

    async def away(message: IncomingMessage) -> None:
        if message.typed.text == "note it":
            raise StoreError("No connection to the database.")

    desk.clock = HastyClock()
    desk.works_with(Lanes(desk.process, desk.too_fast, desk.store, desk.clock, could_not=tell))
    desk.answer = away
    desk.says("Ada", "note it")
    desk.says("Ada", "hello")
    async with desk.open():
        await desk.until(lambda: not desk.waiting)

    assert len(told) == 1
    assert [text for _, text in desk.done] == ["hello"]
    assert await desk.store.operate(lambda tx: tx.operations.quarantined(datetime.fromtimestamp(0, UTC))) == 1


async def test_a_crowd_that_waits_for_the_database_does_not_hide_an_emergency_for_long(desk: Desk) -> None:
    """A poll shows a hundred: they are told that it could not be done, and may ask again."""
    told: list[int] = []

    async def tell(update: Update) -> None:
        told.append(update.update_id)

    async def away(message: IncomingMessage) -> None:
        if "chest pain" not in message.typed.text:
            raise StoreError("No connection to the database.")

    desk.clock = HastyClock()
    desk.works_with(Lanes(desk.process, desk.too_fast, desk.store, desk.clock, could_not=tell))
    desk.answer = away
    for number in range(150):
        desk.says(f"P{number}", "note it")
    ada = desk.says("Ada", "chest pain")
    async with desk.open():
        await desk.until(lambda: desk.done)

    assert desk.done == [(ada, "chest pain")]


@pytest.mark.parametrize("kinds", [("duplicate",), ("reorder",), ("reorder", "duplicate")])
async def test_duplicated_and_reordered_updates_are_processed_once_and_in_order(
    desk: Desk, kinds: tuple[FaultKind, ...]
) -> None:
    for kind in kinds * 10:  # each strikes one getUpdates
        desk.simulator.tg.faults.add(Fault(kind))
    for number in range(10):
        desk.says("Ada", str(number))
    async with desk.open():
        await desk.until(lambda: not desk.waiting)

    assert [text for _, text in desk.done] == [str(number) for number in range(10)]


TROUBLE = {
    "one 401": Fault("status", method="getUpdates", status=401),
    "a conflict": Fault("status", method="getUpdates", status=409, times=3),
    "server errors": Fault("status", method="getUpdates", status=502, times=5),
    "cuts": Fault("cut_before", method="getUpdates", times=3),
    "half an answer": Fault("malformed", method="getUpdates", times=2),
}


@pytest.mark.parametrize("trouble", TROUBLE)
async def test_the_poller_survives(desk: Desk, trouble: str) -> None:
    """One 401 ends PTB's polling task and leaves the process alive and deaf."""
    desk.simulator.tg.faults.add(Fault(**vars(TROUBLE[trouble])))
    async with desk.open() as running:
        desk.says("Ada", "hello")
        await desk.until(lambda: not desk.waiting)
        assert not running.done()

    assert [text for _, text in desk.done] == ["hello"]


async def test_a_poller_that_hears_nothing_gives_no_sign_of_life(desk: Desk) -> None:
    desk.simulator.tg.faults.add(Fault("status", method="getUpdates", status=409, times=None))
    async with desk.open():
        await asyncio.sleep(0.6)

        assert desk.pulse.silent() == ["poller"]


async def test_a_token_that_is_gone_ends_the_poller_for_the_supervisor_to_see(desk: Desk) -> None:
    desk.simulator.tg.faults.add(Fault("status", method="getUpdates", status=401, times=None))
    async with asyncio.timeout(60):
        with pytest.raises(TokenRefusedError):
            await desk.polling.run()


async def test_the_webhook_is_left_alone(desk: Desk) -> None:
    """start_polling of PTB always deletes it, which would silence a second instance's mistake."""
    async with desk.open():
        desk.says("Ada", "hello")
        await desk.until(lambda: not desk.waiting)

    assert "deleteWebhook" not in {call.method for call in desk.simulator.tg.journal.calls}


async def test_after_a_quiet_time_no_offset_is_named(desk: Desk) -> None:
    """Ids may restart from any number after a quiet week: an old offset would throw new updates away."""
    async with desk.open():
        desk.says("Ada", "hello")
        await desk.until(lambda: not desk.waiting)
        polls = len(desk.simulator.tg.journal.calls)
        desk.simulator.tg.faults.add(Fault("delay_before", method="getUpdates", seconds=0.3))
        desk.world_clock.push(
            timedelta(seconds=60)
        )  # the long poll ends with nothing; the next is on its way
        await desk.until(lambda: len(desk.simulator.tg.journal.calls) > polls)
        desk.simulator.tg.updates._last = 1_000
        desk.says("Ada", "after a quiet week")
        await desk.until(lambda: not desk.waiting)

    assert [text for _, text in desk.done] == ["hello", "after a quiet week"]


async def test_a_flood_is_answered_once_and_others_do_not_notice() -> None:
    async with a_desk(guarded=True) as desk:
        async with desk.open():
            flooder = desk.says("Flood", "0")
            for number in range(1, 200):
                desk.says("Flood", str(number))
                if number % 20 == 1:
                    desk.says(f"Calm {number}", str(number))
            await desk.until(lambda: not desk.waiting)

        assert desk.told == [flooder]
        by_flooder = [text for who, text in desk.done if who == flooder]
        assert by_flooder[:3] == ["0", "1", "2"]
        assert len(by_flooder) <= 5
        assert len(desk.done) - len(by_flooder) == 10, "all of the others'"
        assert desk.lanes.count.dropped == 200 - len(by_flooder)


def the_flooder_waits(desk: Desk, until: asyncio.Event) -> Callable[[IncomingMessage], Awaitable[None]]:
    async def wait(message: IncomingMessage) -> None:
        if desk.name_of(message) == "Flood":
            await until.wait()

    return wait


async def test_a_floods_own_replies_hold_up_nobody() -> None:
    """A getUpdates shows a hundred updates past the oldest unfinished one: a flooder's must not fill them."""
    slow = asyncio.Event()
    async with a_desk(guarded=True) as desk:
        desk.answer = the_flooder_waits(desk, slow)
        async with desk.open():
            flooder = desk.says("Flood", "0")
            for number in range(1, 300):
                desk.says("Flood", str(number))
            ada = desk.says("Ada", "hello")
            await desk.until(lambda: (ada, "hello") in desk.done)
            await desk.until(lambda: not desk.waiting)
            assert not desk.told, "the word to the flooder comes in its turn"
            slow.set()
            await desk.until(lambda: desk.told)

    assert [who for who, _ in desk.done] == [ada, flooder, flooder, flooder]
    assert desk.lanes.count.dropped == 297


async def test_who_writes_a_little_too_much_at_once_is_acknowledged_only_when_answered() -> None:
    slow = asyncio.Event()
    async with a_desk(guarded=True) as desk:
        desk.answer = the_flooder_waits(desk, slow)
        async with desk.open():
            for number in range(3 + EVIDENT - 1):
                desk.says("Flood", str(number))
            await desk.until(lambda: desk.lanes.count.dropped == EVIDENT - 1)
            polls = len(desk.simulator.tg.journal.calls)
            await desk.until(lambda: len(desk.simulator.tg.journal.calls) > polls + 3)
            assert desk.waiting == 3 + EVIDENT - 1
            slow.set()
            await desk.until(lambda: not desk.waiting)


async def test_while_something_is_unfinished_no_poll_repeats_the_one_before(desk: Desk) -> None:
    """Who repeats an offset within half a second is shown one update only: somebody else's is the second."""
    slow = asyncio.Event()
    desk.answer = the_flooder_waits(desk, slow)
    async with desk.open():
        desk.says("Flood", "hello")
        calls = desk.simulator.tg.journal.calls
        await desk.until(lambda: [call.method for call in calls].count("getUpdates") > 6)
        ada = desk.says("Ada", "hello")
        await desk.until(lambda: (ada, "hello") in desk.done)
        slow.set()
        await desk.until(lambda: not desk.waiting)

    offsets = [call.parameters.get("offset") for call in calls if call.method == "getUpdates"][1:7]
    assert all(one != next_one for one, next_one in pairwise(offsets)), offsets


async def test_a_warning_sign_is_let_in_whatever_the_flood_and_nobody_waits_for_its_card() -> None:
    slow = asyncio.Event()

    async def slow_cards(message: IncomingMessage) -> None:
        if "chest pain" in message.typed.text:
            await slow.wait()

    async with a_desk(guarded=True) as desk, desk.open():
        desk.answer = slow_cards
        for number in range(40):
            desk.says("Flood", f"chest pain {number}" if number in (20, 21) else str(number))
        await desk.until(lambda: not desk.waiting and len(desk.done) == 3)
        assert [text for _, text in desk.done] == ["0", "1", "2"]
        slow.set()
        await desk.until(lambda: len(desk.done) > 3)

    assert [text for _, text in desk.done] == ["0", "1", "2", "chest pain 20"], "the next has its card"


async def test_an_emergency_is_answered_before_what_came_earlier_in_its_lane(desk: Desk) -> None:
    """A reply may wait for its turn behind a thousand others; a card waits for nobody's."""
    turn = asyncio.Event()

    async def only_cards_need_no_turn(message: IncomingMessage) -> None:
        if "chest pain" not in message.typed.text:
            await turn.wait()

    desk.answer = only_cards_need_no_turn
    for text in ("hello", "heat or ice", "chest pain", "thanks"):
        desk.says("Ada", text)
    async with desk.open():
        await desk.until(lambda: desk.done)
        assert [text for _, text in desk.done] == ["chest pain"]
        turn.set()
        await desk.until(lambda: not desk.waiting)

    assert [text for _, text in desk.done] == ["chest pain", "hello", "heat or ice", "thanks"]


async def test_a_word_to_a_flooder_and_a_lane_that_is_quiet_leave_nothing_behind() -> None:
    async with a_desk(guarded=True) as desk, desk.open():
        for number in range(30):
            desk.says("Flood", str(number))
        await desk.until(lambda: not desk.waiting and desk.told)
        await desk.until(lambda: not desk.lanes._lanes)


async def test_in_a_crowd_whoever_comes_after_it_is_seen_before_its_replies_have_gone(desk: Desk) -> None:
    """A poll shows a hundred updates past the first unfinished one: an emergency stood behind the taps."""
    turn = asyncio.Event()

    async def waits_for_its_turn(message: IncomingMessage) -> None:
        mark_handled()
        if "chest pain" not in message.typed.text:
            await turn.wait()

    desk.answer = waits_for_its_turn
    for number in range(250):
        desk.says(f"P{number}", "hello")
    ada = desk.says("Ada", "chest pain")
    async with desk.open():
        await desk.until(lambda: desk.done)
        assert desk.done == [(ada, "chest pain")]
        turn.set()
        await desk.until(lambda: len(desk.done) == 251)


async def test_whom_a_kill_leaves_unanswered_in_a_crowd_is_told_so_once(desk: Desk) -> None:
    turn = asyncio.Event()
    told: list[int] = []

    async def waits_for_its_turn(message: IncomingMessage) -> None:
        mark_handled()
        if message.person_id % 2:
            await turn.wait()

    async def tell(chat_id: int) -> None:
        told.append(chat_id)

    desk.answer = waits_for_its_turn
    waiting = {desk.says(f"P{number}", "hello") for number in range(120)}
    async with desk.open():
        await desk.until(lambda: len(desk.store._committed.owed) > 30)
        killed = copy.deepcopy(desk.store._committed)
        turn.set()
        await desk.until(lambda: not desk.waiting and not desk.store._committed.owed)
    desk.store._committed = killed
    after = InterruptedReplies(desk.store, desk.clock, tell)
    for _ in range(2):
        await after.tell_all()

    assert len(told) == len(set(told)) > 30
    assert all(who % 2 for who in told)
    assert set(told) <= waiting


async def test_one_reply_that_waits_out_a_429_hides_nobody(desk: Desk) -> None:
    """It holds the offset for forty seconds, and the hundred and first after it was not seen before."""
    turn = asyncio.Event()

    async def ben_waits(message: IncomingMessage) -> None:
        mark_handled()
        if desk.name_of(message) == "Ben":
            await turn.wait()

    desk.answer = ben_waits
    desk.says("Ben", "hello")
    for number in range(150):
        desk.says(f"P{number}", "hello")
    async with desk.open():
        await desk.until(lambda: len(desk.done) == 150)
        turn.set()
        await desk.until(lambda: not desk.waiting)


async def test_what_is_not_handled_is_not_acknowledged_however_large_the_crowd(desk: Desk) -> None:
    turn = asyncio.Event()

    async def takes_long(message: IncomingMessage) -> None:
        await turn.wait()

    desk.answer = takes_long
    for number in range(150):
        desk.says(f"P{number}", "hello")
    async with desk.open():
        await desk.until(lambda: len(desk.lanes.unfinished) == 100)
        await asyncio.sleep(0.5)
        assert desk.waiting == 150
        turn.set()
        await desk.until(lambda: not desk.waiting)
