"""A person with a phone, and the whole follow-up behind it: handlers, store, courier – without Telegram.

Screens are tapped by what stands on their buttons. `outbox` is everything that came unasked.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from tests.fakes.languages import english
from tests.fakes.memory_store import MemoryStore
from tests.fakes.rounds import LIMITS
from tgbot.chat.request import Reply, Request
from tgbot.chat.routes import Routes
from tgbot.chat.talk_words import talk_words
from tgbot.chat.updates import IncomingMessage, RepliedTo, TypedText, UpdateReader
from tgbot.clock import ManualClock
from tgbot.finder.finding import find
from tgbot.followup.episode import Course, FollowUp, Person
from tgbot.followup.times import is_quiet
from tgbot.packs.finder_index import load as load_index
from tgbot.screens.check_screens import CheckScreens
from tgbot.screens.faq_screens import Screens
from tgbot.screens.markup import plain
from tgbot.screens.pictures import CardData, ChartData
from tgbot.screens.screen import Key, Screen, ScreenContext
from tgbot.screens.voice import Voice
from tgbot.service.courier import Courier, DoNotSend
from tgbot.service.episodes import Episodes, load
from tgbot.service.follow_up import FollowUps
from tgbot.service.hints import Recent
from tgbot.service.ports import Ambiguous, Delivery, Gone, SentOk
from tgbot.service.questions import Statistics
from tgbot.service.rate_limiter import Pace, RateLimiter
from tgbot.service.store_port import Lease, Transaction
from tgbot.settings import shipped_content
from tgbot.wiring.editions import all_routes

FRAME: ScreenContext = english()
SCREENS = Screens(FRAME.pack)
INDEX = load_index(shipped_content(), FRAME.pack)
VOICE = Voice(FRAME.pack, FRAME.protocol, INDEX, SCREENS, FRAME)
TALKED = talk_words(VOICE.pack, INDEX.reader)  # a quarter of the unit tests' time if each phone read them
FIND = partial(find, INDEX)
FAST = Pace(per_second=10_000, spread=1.0, reserve=0)
ME = 7_000_000_001


class Pen:
    """Draws nothing, quickly."""

    async def chart(self, data: ChartData) -> bytes:
        return b"chart"

    async def card(self, data: CardData) -> bytes:
        return b"card"


@dataclass(frozen=True, slots=True)
class Sent:
    """One message that came unasked: when, for which contact, and how things stood then."""

    at: datetime
    follow_up: FollowUp
    course: Course
    quiet: bool
    message_id: int


@dataclass
class Phone:
    clock: ManualClock = field(default_factory=ManualClock)
    store: MemoryStore = field(default_factory=MemoryStore)
    person_id: int = ME
    faq: bool = False
    blocked: bool = False
    cut: bool = False  # connections break before Telegram has the message, which nobody can know
    chat: dict[int, Screen] = field(default_factory=dict)
    outbox: list[Sent] = field(default_factory=list)
    last_reply: Reply = field(default_factory=Reply)

    def __post_init__(self) -> None:
        self._updates = 0
        self._last: tuple[Any, Request, Any] | None = None
        self._composing: dict[int, tuple[FollowUp, Course, bool]] = {}
        self.recent = Recent(self.clock)
        self.episodes = Episodes(self.store, self.clock, FRAME.protocol, self.recent)
        self._follow_ups = FollowUps(self.episodes, CheckScreens(FRAME))
        rate_limiter = RateLimiter(self.clock, FAST)
        self.courier = Courier(
            self.store, self, self.clock, self._compose, self._follow_ups.after, rate_limiter, LIMITS
        )
        self.every: Routes = all_routes(
            *(VOICE, self.episodes, Pen(), Statistics(), self.store, self.clock, self.recent),
            *("https://t.me/x", TALKED),
        )

    def start_updates_at(self, number: int) -> None:
        """Another person's phone on the same bot: no two updates have one number."""
        self._updates = number

    # -- what the person does

    async def types(self, command: str, text: str = "") -> Screen:
        """A command, with words after it or without."""
        return await self._happens(self.every.commands[command], None, typed=TypedText(text, FIND))

    async def writes(self, text: str, *, reply_to: int | None = None) -> Screen:
        """Anything that is typed, a command or words, perhaps in reply to a message of the bot."""
        here = {"chat": {"id": self.person_id, "type": "private"}, "message_id": 1}
        message = here | {"from": {"id": self.person_id}, "text": text}
        if reply_to is not None:
            ours = {"from": {"id": 1}, "text": plain(self.chat[reply_to].text), "message_id": reply_to}
            message["reply_to_message"] = here | ours
        update = UpdateReader(1, "backcheck_bot", self.every.commands, FIND).read(
            {"update_id": self._updates + 1, "message": message}
        )
        assert isinstance(update, IncomingMessage)
        handler = self.every.of_message(update)
        assert handler is not None
        return await self._happens(handler, None, typed=update.typed, replied_to=update.replied_to)

    async def taps(self, label: str, message_id: int | None = None) -> Screen:
        """A button of the last message, or of an older one."""
        message_id = max(self.chat) if message_id is None else message_id
        key = next(key for key in self.keys(message_id) if key.text == label)
        return await self.presses(key.press, message_id)

    async def presses(self, button: Any, message_id: int) -> Screen:
        """Any button, as old or forged as you like. Without `faq`, one of the FAQ changes nothing."""
        pressed = self.every.presses.get(type(button))
        if pressed is None or not (self.faq or type(button) in self.every.personal):
            self.last_reply = Reply()
            return self.chat[message_id]
        if self.faq:
            self.recent.heard(self.person_id)
        return await self._happens(pressed, button, message_id)

    async def comes_again(self) -> None:
        """The last update once more: the process was killed before it was acknowledged."""
        if self._last is not None:
            act, request, button = self._last
            self.last_reply = await (act(request) if button is None else act(request, button))

    def keys(self, message_id: int) -> Sequence[Key]:
        rows = self.chat[message_id].rows
        return [key for row in rows for key in row if isinstance(key, Key)]

    @property
    def screen(self) -> Screen:
        return self.chat[max(self.chat)]

    async def _happens(
        self,
        act: Any,
        button: Any,
        message_id: int | None = None,
        typed: TypedText | None = None,
        replied_to: RepliedTo | None = None,
    ) -> Screen:
        self._updates += 1
        me, now = self.person_id, self.clock.now()
        request = Request(
            self._updates, me, me, True, now, typed or TypedText("", FIND), replied_to=replied_to
        )
        self._last = (act, request, button)
        self.last_reply = await (act(request) if button is None else act(request, button))
        if self.last_reply.screen is not None:
            fresh = message_id is None or self.last_reply.fresh
            self.chat[self._next_id() if fresh or message_id is None else message_id] = self.last_reply.screen
        return self.chat[max(self.chat)]

    # -- what time does

    async def time_passes(self, by: timedelta) -> None:
        """The clock moves; everything due on the way is delivered at its instant."""
        until = self.clock.now() + by
        while (due := await self.store.operate(lambda tx: tx.queue.next_due())) is not None and due <= until:
            self.clock.push(max(due - self.clock.now(), timedelta(0)))
            await self.delivers()
        self.clock.push(max(until - self.clock.now(), timedelta(0)))

    async def delivers(self) -> None:
        """The courier's rounds until nothing more is due."""
        while await self.courier.run_once():
            pass

    async def send(self, chat_id: int, screen: Screen) -> Delivery:
        follow_up, course, quiet = self._composing.pop(id(screen))
        if self.blocked:
            return Gone("Forbidden: bot was blocked by the user")
        if self.cut:
            return Ambiguous("ReadTimeout")
        message_id = self._next_id()
        self.chat[message_id] = screen
        self.outbox.append(Sent(self.clock.now(), follow_up, course, quiet, message_id))
        return SentOk(message_id)

    async def _compose(
        self, tx: Transaction, lease: Lease, person: Person, now: datetime
    ) -> Screen | DoNotSend:
        composed = await self._follow_ups.compose(tx, lease, person, now)
        if isinstance(composed, Screen):
            one = lease.follow_up
            episode = await tx.people.episode(one.person_id, one.episode_id)
            assert episode is not None
            course = await load(tx, person, episode)
            self._composing[id(composed)] = (one, course, is_quiet(now, person.zone, person.quiet))
        return composed

    # -- what is stored

    async def stored(self) -> tuple[Person | None, tuple[Course, ...]]:
        async def work(tx: Transaction) -> tuple[Person | None, tuple[Course, ...]]:
            person = await tx.people.person(self.person_id)
            if person is None:
                return None, ()
            episodes = await tx.people.episodes(self.person_id)
            return person, tuple([await load(tx, person, episode) for episode in episodes])

        return await self.store.transact(self.person_id, work)

    async def course(self) -> Course:
        """The newest episode's."""
        _, courses = await self.stored()
        return max(courses, key=lambda course: course.episode.started_at)

    def _next_id(self) -> int:
        return max(self.chat, default=0) + 1


async def begun(
    onset: str = "Just now",
    sign: str = "None of these",
    zone: str = "London",
    clock: ManualClock | None = None,
    *,
    faq: bool = False,
) -> Phone:
    """Somebody who has just started an episode."""
    phone = Phone(clock or ManualClock(), faq=faq)
    await phone.types("episode")
    signs = (sign,) if sign == "None of these" else ("One of these ›", sign)
    for label in (onset, *signs, "Go on ›", "6", "Yes, check on me"):
        await phone.taps(label)
    if onset != "3 days ago":
        await phone.taps(next(key.text for key in phone.keys(max(phone.chat)) if key.text.endswith(zone)))
    return phone
