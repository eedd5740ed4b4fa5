"""The routes of everything personal: episodes, check-ins, settings. They work in private chats only."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from tgbot.chat.check_handlers import CheckHandlers
from tgbot.chat.diary_handlers import DiaryHandlers
from tgbot.chat.episode_handlers import EpisodeHandlers
from tgbot.chat.picture_handlers import PictureHandlers
from tgbot.chat.plain_words import Scores
from tgbot.chat.request import ButtonHandler, Handler, Reply, Request
from tgbot.chat.settings_handlers import SettingsHandlers
from tgbot.chat.wish_handlers import WishHandlers
from tgbot.screens.buttons import (
    AnswerCheckIn,
    Begin,
    Button,
    CheckCountry,
    CheckNow,
    DropExtra,
    HowToNote,
    NoteHelped,
    NotePain,
    OnsetDay,
    PickOnset,
    PickZone,
    Reopen,
    SayOneMore,
    SayPain,
    SaySafe,
    SetCountry,
    SetQuiet,
    ShowCard,
    ShowChart,
    ShowEpisode,
    ShowHistory,
    ShowSettings,
    Snooze,
    StartEpisode,
    StopEpisode,
    Undo,
    WantSafety,
    WithdrawConsent,
)
from tgbot.screens.check_screens import CheckScreens
from tgbot.screens.diary_screens import DiaryScreens
from tgbot.screens.episode_screens import EpisodeScreens
from tgbot.screens.extra_screens import ExtraScreens
from tgbot.screens.screen_context import ScreenContext
from tgbot.screens.settings_screens import SettingsScreens
from tgbot.screens.start_screens import StartScreens
from tgbot.service.emergency_numbers import EmergencyNumbers
from tgbot.service.episodes import Episodes
from tgbot.service.ports import Clock, Pictures
from tgbot.service.preferences import Preferences
from tgbot.service.questions import QuestionService
from tgbot.service.recent import Recent


class StateReply(Protocol):
    async def __call__(self, request: Request, *, talks: bool = False) -> Reply | None: ...


@dataclass(frozen=True, slots=True)
class PersonalRoutes:
    """`state_reply` answers words that say how it is, if there is anything they can be meant for; `came_back`
    hears who let the bot in again after blocking it."""

    commands: Mapping[str, Handler]
    presses: Mapping[type[Button], ButtonHandler]
    state_reply: StateReply
    place: Callable[[Request], Awaitable[Reply | None]]  # a place that was asked for
    missed: Callable[[Request], Awaitable[Reply | None]]  # what could not be asked in time
    wish: Callable[[Request], Awaitable[Reply | None]]  # to be checked on at a time of their own
    came_back: Callable[[int], Awaitable[None]]


def personal_routes(
    frame: ScreenContext,
    episodes: Episodes,
    preferences: Preferences,
    numbers: EmergencyNumbers,
    questions: QuestionService,
    pictures: Pictures,
    clock: Clock,
    recent: Recent,
) -> PersonalRoutes:
    start, check = StartScreens(frame), CheckScreens(frame)
    episode = EpisodeHandlers(episodes, start, check, EpisodeScreens(frame), numbers, clock, recent)
    checks = CheckHandlers(episodes, check, numbers, clock)
    settings = SettingsHandlers(
        preferences, SettingsScreens(frame), start, clock, recent, frame.pack.conversation
    )
    wishes = WishHandlers(episodes, ExtraScreens(frame), start, clock, recent, frame.pack.conversation)
    diary_screens = DiaryScreens(frame)
    diary = DiaryHandlers(episodes, diary_screens, questions, recent, Scores(frame.pack.conversation))
    drawn = PictureHandlers(episodes, frame, diary_screens, pictures, clock)
    return PersonalRoutes(
        commands={
            "episode": episode.command,
            "pain": diary.pain,
            "note": diary.note,
            "history": diary.history,
            "card": drawn.card,
            "cancel": episode.cancel,
            "settings": settings.settings,
            "zone": settings.zone,
        },
        presses={
            StartEpisode: episode.episode,
            PickOnset: episode.pick_onset,
            OnsetDay: episode.pick_day,
            Begin: episode.begin,
            ShowEpisode: episode.show,
            StopEpisode: episode.stop,
            Reopen: episode.reopen,
            CheckNow: episode.check_now,
            AnswerCheckIn: checks.check,
            CheckCountry: checks.country,
            Snooze: checks.snooze,
            Undo: checks.undo,
            WantSafety: checks.want_safety,
            SayOneMore: checks.one_more,
            SaySafe: checks.say_safe,
            DropExtra: wishes.drop,
            SayPain: checks.say_pain,
            NotePain: diary.note_pain,
            NoteHelped: diary.note_helped,
            HowToNote: diary.how_to_note,
            ShowHistory: diary.show_history,
            ShowChart: drawn.chart,
            ShowCard: drawn.card,
            ShowSettings: settings.settings,
            PickZone: settings.pick_zone,
            SetQuiet: settings.set_quiet,
            SetCountry: settings.set_country,
            WithdrawConsent: settings.withdraw,
        },
        state_reply=episode.state_reply,
        place=settings.place,
        missed=episode.missed,
        wish=wishes.wish,
        came_back=episodes.came_back,
    )
