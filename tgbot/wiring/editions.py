"""Everything that is made of one pack: its screens, routes, reader, dispatcher and follow-ups. New words take
their place without a stop: read beside the old ones, and taken whole or not at all."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

import structlog

from tgbot.chat.admin_handlers import AdminHandlers, ServiceMessageHandlers
from tgbot.chat.after_card import AfterCard
from tgbot.chat.asked_words import Talk
from tgbot.chat.check_handlers import CheckHandlers
from tgbot.chat.diary_handlers import DiaryHandlers, PictureHandlers
from tgbot.chat.dispatcher import CurrentEdition, Dispatcher, Edition
from tgbot.chat.drawing_queue import DrawingQueue
from tgbot.chat.episode_handlers import EpisodeHandlers
from tgbot.chat.faq_handlers import FaqHandlers
from tgbot.chat.lanes import Lanes
from tgbot.chat.routes import Handlers, Routes, routes
from tgbot.chat.settings_handlers import PrivacyHandlers, SettingsHandlers
from tgbot.chat.start_handlers import StartHandlers
from tgbot.chat.startup import Introduction
from tgbot.chat.talk_words import Scores, TalkWords, talk_words
from tgbot.chat.telegram_connection import Bot
from tgbot.chat.updates import UpdateReader
from tgbot.chat.wish_handlers import WishHandlers
from tgbot.clock import CheckedClock
from tgbot.content import ContentPack
from tgbot.errors import BackcheckError
from tgbot.finder.finding import find
from tgbot.packs.whole import Whole, not_read
from tgbot.pictures.renderer import PictureRenderer
from tgbot.screens.check_screens import CheckScreens
from tgbot.screens.diary_screens import DiaryScreens
from tgbot.screens.episode_screens import EpisodeScreens, ExtraScreens
from tgbot.screens.settings_screens import SettingsScreens
from tgbot.screens.start_screens import StartScreens
from tgbot.screens.talk_screens import TalkScreens
from tgbot.screens.voice import Voice, voice_of
from tgbot.service.episodes import Episodes
from tgbot.service.follow_up import FollowUps
from tgbot.service.hints import MissedCheckIns, Recent
from tgbot.service.personal_data import Privacy
from tgbot.service.ports import Alert, Alerts, Clock, Pictures
from tgbot.service.preferences import EmergencyNumbers, Preferences
from tgbot.service.questions import QuestionService, Statistics
from tgbot.service.service_messages import ServiceMessages
from tgbot.service.store_port import Store
from tgbot.supervision import beside

log = structlog.get_logger(__name__)

SWITCH_SECONDS = 0.0001
MOST_NAMED = 20  # ids of changed answers in one line of the log


class UnknownCountryError(BackcheckError):
    """BACKCHECK_COUNTRY names a country whose emergency number the pack does not have."""

    def __init__(self, country: str) -> None:
        super().__init__(f"BACKCHECK_COUNTRY is {country}, which is not in the pack's emergency.yaml.")


@dataclass(frozen=True, slots=True)
class Shared:
    """What every edition of the words uses, before and after a reload."""

    bot: Bot
    store: Store
    clock: CheckedClock
    pictures: PictureRenderer
    tally: Statistics
    recent: Recent
    missed: MissedCheckIns
    drawings: DrawingQueue
    keep_days: int
    admins: AdminHandlers
    service_messages: ServiceMessages


def edition_of(content: Whole, shared: Shared) -> Edition:
    """Everything that is made of one pack."""
    bot, clock, store, pictures = shared.bot, shared.clock, shared.store, shared.pictures
    voice = voice_of(
        *(content.pack, content.protocol, content.index, lambda: clock.now().date(), shared.keep_days),
        charts=pictures.charts,
        cards=pictures.cards,
    )
    episodes = Episodes(store, clock, voice.protocol, shared.recent, shared.missed)
    every = all_routes(voice, episodes, pictures, shared.tally, store, clock, shared.recent, bot.link)
    every = _with_admins(every, voice.pack, shared)
    return Edition(
        voice,
        every,
        UpdateReader(bot.id, bot.username, every.commands, partial(find, voice.index), clock.message_dated),
        Dispatcher(bot, every, clock, shared.drawings),
        FollowUps(episodes, CheckScreens(voice.frame)),
    )


def _with_admins(every: Routes, pack: ContentPack, shared: Shared) -> Routes:
    """The routes with what only admins can do."""
    service = ServiceMessageHandlers(
        pack, shared.service_messages, shared.admins.admins, every.on.faq.unknown_button
    )
    return replace(
        every,
        admins=shared.admins.beside({"service": service.choose}),
        presses={**every.presses, **service.presses},
    )


def at_home(content: Whole, country: str | None) -> Whole:
    """The pack with the operator's own country, if one is set. Raises UnknownCountryError."""
    if country is None:
        return content
    if country not in content.pack.countries:
        raise UnknownCountryError(country)
    return replace(content, pack=replace(content.pack, country=country))


def all_routes(
    voice: Voice,
    episodes: Episodes,
    pictures: Pictures,
    tally: Statistics,
    store: Store,
    clock: Clock,
    recent: Recent,
    link: str,
    talked: TalkWords | None = None,
) -> Routes:
    """Everything that can be asked, with what it takes to answer; `talked` if the voice's words were read."""
    screens, frame, words = voice.screens, voice.frame, voice.pack.conversation
    preferences = Preferences(store, clock, episodes)
    numbers = EmergencyNumbers(voice.pack, store, preferences, recent)
    questions = QuestionService(voice, numbers, tally, recent)
    faq = FaqHandlers(screens, questions, tally, numbers, recent, link)
    start, check, diary = StartScreens(frame), CheckScreens(frame), DiaryScreens(frame)
    talking, episode = TalkScreens(screens), EpisodeScreens(frame)
    opened = EpisodeHandlers(episodes, check, episode, clock, recent)
    starting = StartHandlers(
        *(episodes, start, check, episode, opened, numbers, clock, recent), screens.privacy
    )
    return routes(
        Handlers(
            faq,
            PrivacyHandlers(screens, Privacy(store), recent),
            starting,
            opened,
            CheckHandlers(episodes, check, numbers, clock),
            WishHandlers(episodes, ExtraScreens(frame), start, clock, recent, words, voice.pack.locale),
            SettingsHandlers(preferences, SettingsScreens(frame), start, starting, clock, recent, voice.pack),
            DiaryHandlers(episodes, diary, questions, recent, Scores(words)),
            PictureHandlers(episodes, frame, diary, pictures, clock),
            episodes,
        ),
        Talk(
            talked or talk_words(voice.pack, voice.index.reader),
            *(faq, questions, talking, numbers, recent),
            AfterCard(voice.pack, faq, talking, numbers, recent),
        ),
    )


@dataclass(slots=True)
class PackReloading:
    """Takes up new words. `examine` looks at the pack elsewhere, `make` reads it in a thread; both raise
    BackcheckError. `loaded` is called afterwards."""

    current: CurrentEdition
    lanes: Lanes
    introduction: Introduction
    make: Callable[[], Edition]
    wanted: asyncio.Event
    alerts: Alerts
    loaded: Callable[[], None]
    examine: Callable[[], Awaitable[None]]
    loads: int = 0  # since the start, failed ones too
    problem: str = ""  # why the last one failed; the old words are in use

    async def run(self) -> None:
        """Reload whenever it is wanted, until cancelled."""
        while True:
            await self.wanted.wait()
            self.wanted.clear()
            await self.reload()

    async def reload(self) -> None:
        """Take up the new words, or keep the old ones whatever reading the new ones meets."""
        try:
            await self.examine()
            with _giving_way():
                edition = await beside(self.make)
        except BackcheckError as error:
            self._keep_old(error.sentences)
        except Exception as error:
            log.exception("pack_not_read")
            self._keep_old((not_read(error),))
        else:
            changes = changed(self.current.now, edition)
            self.current.replace(edition, self.lanes.in_process())
            self.introduction.is_now(edition.routes, edition.voice.screens.words)
            log.info("pack_reloaded", version=edition.voice.pack.version, **changes)
            if self.problem:
                self.problem = ""
                self.alerts(Alert("pack_reloaded"))
            self.loaded()
        self.loads += 1

    def _keep_old(self, problems: Sequence[str]) -> None:
        self.problem, count = problems[0], len(problems)
        log.error("pack_not_reloaded", problems=count, first=self.problem)
        self.alerts(Alert("pack_not_reloaded", {"problems": count, "first": self.problem}))

    def about(self) -> Mapping[str, object]:
        """For /readyz, where `backcheck reload` reads what came of it."""
        pack = self.current.now.voice.pack
        return {"name": pack.name, "version": pack.version, "loads": self.loads, "problem": self.problem}


@contextmanager
def _giving_way() -> Iterator[None]:
    """While a thread reads, whoever taps waits for the interpreter's lock a tenth of a millisecond, not five.

    The loop gives the lock away at every system call, so at Python's own interval a thread that only
    calculates takes nearly all of the time.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def changed(old: Edition, new: Edition) -> dict[str, object]:
    """What differs, by kind: ids of answers, counts of everything else; nothing for what is the same."""
    before, after = old.voice.pack, new.voice.pack
    answers = [
        id for id in {*before.answers, *after.answers} if before.answers.get(id) != after.answers.get(id)
    ]
    kinds: dict[str, tuple[Mapping[str, object], Mapping[str, object]]] = {
        "sentences": (before.ui, after.ui),
        "cards": (before.cards, after.cards),
        "signs": (before.red_flags, after.red_flags),
        "countries": (before.countries, after.countries),
        "reviews": (before.reviews, after.reviews),
    }
    counts = {
        kind: sum(one.get(key) != other.get(key) for key in {*one, *other})
        for kind, (one, other) in kinds.items()
    }
    found: dict[str, object] = {kind: count for kind, count in counts.items() if count}
    if answers:
        found["answers"] = sorted(answers)[:MOST_NAMED]
    if old.voice.protocol != new.voice.protocol:
        found["plan"] = "changed"
    return found
