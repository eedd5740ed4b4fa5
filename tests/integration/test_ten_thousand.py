"""Ten thousand events of five hundred people, shuffled, repeated and interrupted, against a serial model.

The model knows no store, no update ids and no concurrency: it is `decide`, one person after the other.
"""

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from telegram.ext import ExtBot

from tests.fakes.courses import ONSET, PROTOCOL, Told
from tests.postgres import migrated_database
from tgbot.chat.lanes import Lanes
from tgbot.chat.polling import Polling
from tgbot.chat.telegram_connection import TelegramConnection
from tgbot.chat.updates import IncomingMessage, Update, UpdateReader
from tgbot.clock import ManualClock, SystemClock
from tgbot.finder.finding import Unknown
from tgbot.followup.episode import Course
from tgbot.followup.events import (
    Answered,
    CheckAsked,
    CheckInAnswer,
    FollowUpEvent,
    OnsetChanged,
    Reopened,
    Started,
    Stopped,
    Undone,
)
from tgbot.followup.protocol import Change, Function
from tgbot.service.episodes import Episodes
from tgbot.service.store_port import StoreError
from tgbot.simulator import actions
from tgbot.simulator.faults import Fault
from tgbot.simulator.simulator_server import Simulator
from tgbot.store.postgres.pooled_store import PostgresStore
from tgbot.store.sqlite.migrate import migrate
from tgbot.store.sqlite.store import SqliteStore

PEOPLE, EACH, KILLS = 500, 20, 8
AN_EVENT = timedelta(minutes=7)  # between two of one person
VERBS = (*["pain"] * 5, *["check", "answer"] * 3, "undo", "stop", "reopen", "onset")
MEANING_ONE = ("answer", "undo")  # of the check-ins, so that they have to be looked at first
CHANGES = tuple(change.value for change in Change if change is not Change.UNKNOWN)
now_of: ContextVar[datetime] = ContextVar("now_of")


@dataclass(frozen=True)
class Deed:
    """What one person does, as a message says it: `of` is the number of the check-in that is meant."""

    number: int
    verb: str
    value: str
    of: int = 0

    def __str__(self) -> str:
        return f"{self.number} {self.verb} {self.value} {self.of}"

    @staticmethod
    def read(text: str) -> "Deed":
        number, verb, value, of = text.split()
        return Deed(int(number), verb, value, int(of))

    @property
    def at(self) -> datetime:
        return _instant(self.number)

    def event(self, course: Course | None) -> FollowUpEvent:
        """What it is to the domain. A check-in that was never made has no id, now or later."""
        asks = course.follow_ups if course else ()
        asked = next((one.id for one in asks if one.due_at == _instant(self.of)), "none")
        match self.verb:
            case "check":
                return CheckAsked()
            case "answer":
                return Answered(asked, CheckInAnswer(change=Change(self.value), function=Function.SOME))
            case "undo":
                return Undone(asked)
            case "stop":
                return Stopped()
            case "reopen":
                return Reopened()
            case _:
                return OnsetChanged(ONSET - timedelta(hours=int(self.value)))


def _instant(number: int) -> datetime:
    return ONSET + number * AN_EVENT


def deeds_of(dice: random.Random) -> list[Deed]:
    """A person's twenty, the first of which begins an episode."""
    deeds, check = [Deed(0, "begin", "5")], 0
    for number in range(1, EACH):
        verb = dice.choice(VERBS)
        check = number if verb == "check" else check
        value = dice.choice(CHANGES) if verb == "answer" else str(dice.randrange(11))
        deeds.append(Deed(number, verb, value, check))
    return deeds


def by_the_model(deeds: list[Deed]) -> object:
    """One after the other, and nothing else going on."""
    told = Told()
    for deed in deeds:
        told.now = deed.at
        if deed.verb == "begin":
            told.happens(Started(None, int(deed.value)))
        elif deed.verb == "pain":
            told.notes("pain", deed.value)
        else:
            told.happens(deed.event(told.course))
    return state_of(told.course)


def state_of(course: Course) -> object:
    """All that is stored of it but the ids."""
    episode = course.episode
    return (
        (episode.onset, episode.state, episode.outcome, episode.closed_at, episode.closed_because),
        Counter(
            (one.step, one.due_at, one.send_at, one.reminder, one.state, one.sent_at)
            for one in course.follow_ups
        ),
        Counter((entry.at, entry.kind, entry.value, entry.step) for entry in course.entries),
    )


class TheirTime(ManualClock):
    """Shows everybody the time at which what they do is done."""

    def now(self) -> datetime:
        return now_of.get()


class Town:
    """The real intake, lanes, use cases and SQLite; `done` is each person's deeds as they were processed."""

    def __init__(self, simulator: Simulator, store: SqliteStore, dice: random.Random) -> None:
        self.simulator = simulator
        self.store = store
        self.dice = dice
        self.episodes = Episodes(store, TheirTime(), PROTOCOL)
        self.done: defaultdict[int, list[int]] = defaultdict(list)
        self.seen: set[int] = set()
        self.repeated = 0

    async def process(self, update: Update) -> None:
        assert isinstance(update, IncomingMessage)
        person_id, deed = update.person_id, Deed.read(update.typed.text)
        now_of.set(deed.at)
        for _ in range(self.dice.randrange(4)):
            await asyncio.sleep(0)  # others go first now and then
        if deed.verb == "begin":
            await self.episodes.begin(update.update_id, person_id, ONSET, Started(None, int(deed.value)))
        elif deed.verb == "pain":
            await self.episodes.note(update.update_id, person_id, "pain", deed.value)
        else:
            course = (await self.episodes.look(person_id)).course if deed.verb in MEANING_ONE else None
            await self.episodes.act(update.update_id, person_id, deed.event(course))
        self.repeated += update.update_id in self.seen
        self.seen.add(update.update_id)
        self.done[person_id].append(deed.number)

    @asynccontextmanager
    async def an_intake(self) -> AsyncIterator[None]:
        """One that remembers nothing of those before, and that is killed when it is left."""
        line = TelegramConnection(longest=5.0, connections=2)
        bot: ExtBot[None] = ExtBot(
            self.simulator.token, base_url=f"{self.simulator.url}/bot", request=line, get_updates_request=line
        )
        async with bot:
            clock, reader = SystemClock(), UpdateReader(bot.id, bot.username, (), lambda _: Unknown())
            lanes = Lanes(self.process, self.process, self.store, clock)
            running = asyncio.create_task(Polling(bot, reader, lanes, clock, lambda: None).run())
            try:
                yield
            finally:
                for task in asyncio.all_tasks():
                    if "Lanes._in_turn" in getattr(task.get_coro(), "__qualname__", ""):
                        task.cancel()
                running.cancel()
                with suppress(asyncio.CancelledError):
                    await running
            assert lanes.count.poisoned == 0

    async def until(self, processed: int) -> None:
        async with asyncio.timeout(300):
            while len(self.seen) < processed and self.simulator.tg.updates.pending:  # noqa: ASYNC110
                await asyncio.sleep(0.005)


@pytest.mark.timeout(600)
async def test_ten_thousand_events_of_five_hundred_people_end_as_in_a_serial_model(tmp_path: Path) -> None:
    dice = random.Random(500)
    lives = [deeds_of(dice) for _ in range(PEOPLE)]
    migrate(tmp_path / "a.db", ONSET)
    async with Simulator(SystemClock()) as simulator, await SqliteStore.open(tmp_path / "a.db") as store:
        town = Town(simulator, store, dice)
        people = [simulator.tg.world.person(f"P{number}").id for number in range(PEOPLE)]
        everything_happens(simulator, dice, dict(zip(people, lives, strict=True)))
        for kill in range(1, KILLS + 1):
            async with town.an_intake():
                await town.until(kill * PEOPLE * EACH // (KILLS + 1))
        async with town.an_intake():
            await town.until(PEOPLE * EACH)
            while simulator.tg.updates.pending:  # noqa: ASYNC110 – the last acknowledgement
                await asyncio.sleep(0.01)

        for person, deeds in zip(people, lives, strict=True):
            seen = await town.episodes.look(person)
            assert seen.course is not None
            assert state_of(seen.course) == by_the_model(deeds), deeds
            assert in_order_but_for_repeats(town.done[person])
        assert town.repeated, "the kills brought something back"


def everything_happens(simulator: Simulator, dice: random.Random, lives: dict[int, list[Deed]]) -> None:
    """Each person's deeds in their order, everybody's mixed; batches come doubled or reversed."""
    turns = list(lives) * EACH
    dice.shuffle(turns)
    following = {person: iter(deeds) for person, deeds in lives.items()}
    tg = simulator.tg
    for person in turns:
        actions.say(
            tg, tg.world.people[person], tg.world.chats[person], {"text": str(next(following[person]))}
        )
    for _ in range(100):
        tg.faults.add(Fault("duplicate"))
        tg.faults.add(Fault("reorder"))


def in_order_but_for_repeats(done: list[int]) -> bool:
    """Nothing was done for the first time before what came before it."""
    first = list(dict.fromkeys(done))
    return first == sorted(first) == list(range(EACH))


@pytest.mark.soak
@pytest.mark.timeout(900)
async def test_ten_thousand_events_over_three_replicas_end_as_in_a_serial_model() -> None:
    """Each person's come in their order, each to any replica; a fifth reach two replicas at once, and some
    come again much later, as after a kill."""
    dice = random.Random(3)
    lives = {1_000 + number: deeds_of(dice) for number in range(PEOPLE)}
    clock = TheirTime()
    with migrated_database() as url:
        async with (
            await PostgresStore.open(url) as first,
            await PostgresStore.open(url) as second,
            await PostgresStore.open(url) as third,
        ):
            replicas = [Episodes(store, clock, PROTOCOL) for store in (first, second, third)]

            async def live(person: int) -> None:
                deeds = lives[person]
                for deed in deeds:
                    again = [dice.choice(deeds[: deed.number + 1])] if dice.random() < 0.05 else []
                    twice = dice.sample(replicas, 2 if dice.random() < 0.2 else 1)
                    await asyncio.gather(*(served(replica, person, deed) for replica in twice))
                    for old in again:
                        await served(dice.choice(replicas), person, old)

            await asyncio.gather(*map(live, lives))
            for person, deeds in lives.items():
                course = (await replicas[0].look(person)).course
                assert course is not None
                assert state_of(course) == by_the_model(deeds), deeds


async def served(replica: Episodes, person: int, deed: Deed) -> None:
    """One update, whose number is the deed's, handled by one replica."""
    while True:
        try:
            await handled(replica, person, deed)
        except StoreError:  # a busy machine's timeout: lanes try again, too
            continue
        return


async def handled(replica: Episodes, person: int, deed: Deed) -> None:
    now_of.set(deed.at)
    update = person * EACH + deed.number
    if deed.verb == "begin":
        await replica.begin(update, person, ONSET, Started(None, int(deed.value)))
    elif deed.verb == "pain":
        await replica.note(update, person, "pain", deed.value)
    else:
        course = (await replica.look(person)).course if deed.verb in MEANING_ONE else None
        await replica.act(update, person, deed.event(course))
