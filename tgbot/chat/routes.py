"""Every route on one screen: what can be asked, and who answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from tgbot.chat.admin_handlers import AdminHandlers
from tgbot.chat.asked_words import Talk, Ways
from tgbot.chat.check_handlers import CheckHandlers
from tgbot.chat.conversation import ConversationHandlers
from tgbot.chat.diary_handlers import DiaryHandlers, PictureHandlers
from tgbot.chat.episode_handlers import EpisodeHandlers
from tgbot.chat.faq_handlers import FaqHandlers
from tgbot.chat.request import ButtonHandler, Handler, Reply, Request
from tgbot.chat.settings_handlers import PrivacyHandlers, SettingsHandlers
from tgbot.chat.start_handlers import StartHandlers
from tgbot.chat.start_words import StartWords
from tgbot.chat.updates import IncomingMessage, TypedText
from tgbot.chat.wish_handlers import WishHandlers
from tgbot.screens.buttons import (
    AnswerCheckIn,
    Begin,
    Button,
    CardCountry,
    CheckCountry,
    CheckNow,
    DropExtra,
    Export,
    Forget,
    HowToNote,
    NoneOfThese,
    NoteHelped,
    NotePain,
    OneOfThese,
    OnsetDay,
    PickCountry,
    PickOnset,
    PickZone,
    Reopen,
    SayOneMore,
    SayPain,
    SaySafe,
    SetCountry,
    SetQuiet,
    ShowAnswer,
    ShowCard,
    ShowChart,
    ShowCountries,
    ShowEpisode,
    ShowHelp,
    ShowHistory,
    ShowMenu,
    ShowMore,
    ShowPrivacy,
    ShowSameDay,
    ShowSettings,
    ShowSign,
    ShowTopic,
    ShowTopicPage,
    ShowUrgent,
    Snooze,
    StartEpisode,
    StopEpisode,
    Undo,
    Vote,
    WantSafety,
    WithdrawConsent,
)
from tgbot.service.episodes import Episodes
from tgbot.service.hints import AskedFor, Recent


@dataclass(frozen=True, slots=True)
class Handlers:
    """Who answers, by subject."""

    faq: FaqHandlers
    privacy: PrivacyHandlers
    start: StartHandlers
    episode: EpisodeHandlers
    checks: CheckHandlers
    wishes: WishHandlers
    settings: SettingsHandlers
    diary: DiaryHandlers
    pictures: PictureHandlers
    episodes: Episodes


@dataclass(frozen=True, slots=True)
class Routes:
    """`personal` names the commands and buttons that work in private chats only."""

    commands: Mapping[str, Handler]
    after_a_slash: Mapping[str, Handler]  # where the command means something else than the words for it
    presses: Mapping[type[Button], ButtonHandler]
    personal: frozenset[str | type[Button]]
    as_command: Callable[[TypedText, int], str | None]  # the command that words stand for: "stop"
    typed_in_private: Handler  # where "much better" can be meant for a check-in
    on: Handlers
    recent: Recent
    admins: AdminHandlers | None = None

    def of_message(self, message: IncomingMessage) -> Handler | None:
        """Who answers a message; None when nobody does, on purpose."""
        if not message.may_be_answered:
            return None
        if message.edited:  # not answered twice – unless a warning sign has come into it
            return self.on.faq.typed if message.typed.signs else None
        if message.unknown_command and self.admins and (handler := self.admins.of_message(message)):
            return handler
        if message.command:
            return self._of_command(message)
        if not message.private:  # by our name, or in reply to us; a picture says nothing
            return None if message.wordless else self.on.faq.typed
        if not message.typed.text:
            return self.on.faq.not_text if message.wordless else None
        if command := self.as_command(message.typed, message.person_id):
            return self._without_words(self.commands[command])
        return self.on.faq.unknown_command if message.unknown_command else self.typed_in_private

    def is_visit(self, request: Request, reply: Reply) -> bool:
        """Whether somebody may be asked something else after this reply: not in a group, under an emergency's
        card, while something is asked, or in the form that begins an episode."""
        turn = self.recent.of(request.person_id)
        if not request.private or reply.urgent or turn.signs or turn.asked_for is not AskedFor.NOTHING:
            return False
        keys = [key for row in (reply.screen.rows if reply.screen else ()) for key in row]
        return not any(isinstance(getattr(key, "press", None), Begin | PickOnset) for key in keys)

    def _of_command(self, message: IncomingMessage) -> Handler:
        if message.typed.signs:
            return self.on.faq.typed
        allowed = message.private or message.command not in self.personal
        if not allowed:
            return self.on.faq.private_only
        return self.after_a_slash.get(message.command) or self.commands[message.command]

    @staticmethod
    def _without_words(handler: Handler) -> Handler:
        async def handle(request: Request) -> Reply:
            return await handler(replace(request, typed=TypedText()))

        return handle


LEAVES_A_FORM = frozenset({"cancel", "forget", "episode"})  # and begins, or ends, something of its own
ANYWHERE = frozenset({"start", "help", "faq", "urgent", "search", "privacy"})  # in groups, too


def commands_of(on: Handlers) -> dict[str, Handler]:
    """In the order in which Telegram lists them."""
    return {
        "start": on.faq.start,
        "help": on.faq.help,
        "faq": on.faq.menu,
        "urgent": on.faq.urgent,
        "search": on.faq.search,
        "episode": on.start.command,
        "pain": on.diary.pain,
        "note": on.diary.note,
        "history": on.diary.history,
        "card": on.pictures.card,
        "cancel": on.episode.cancel,
        "settings": on.settings.settings,
        "zone": on.settings.zone,
        "privacy": on.privacy.privacy,
        "export": on.privacy.export,
        "forget": on.privacy.ask,
    }


def presses_anywhere(on: Handlers) -> dict[type[Button], ButtonHandler]:
    """The buttons that work in groups, too."""
    return {
        ShowMenu: on.faq.menu,
        ShowTopic: on.faq.topic,
        ShowTopicPage: on.faq.topic_page,
        ShowAnswer: on.faq.answer,
        ShowMore: on.faq.more,
        ShowUrgent: on.faq.show_urgent,
        ShowSign: on.faq.show_sign,
        NoneOfThese: on.faq.none_of_these,
        OneOfThese: on.faq.one_of_these,
        ShowSameDay: on.faq.same_day,
        ShowCountries: on.faq.countries,
        PickCountry: on.faq.country,
        CardCountry: on.faq.card_country,
        ShowHelp: on.faq.help,
        Vote: on.faq.vote,
        ShowPrivacy: on.privacy.privacy,
    }


def presses_in_private(on: Handlers) -> dict[type[Button], ButtonHandler]:
    """The personal ones."""
    return {
        StartEpisode: on.start.episode,
        PickOnset: on.start.pick_onset,
        OnsetDay: on.start.pick_day,
        Begin: on.start.begin,
        ShowEpisode: on.episode.show,
        StopEpisode: on.episode.stop,
        Reopen: on.episode.reopen,
        CheckNow: on.episode.check_now,
        AnswerCheckIn: on.checks.check,
        CheckCountry: on.checks.country,
        Snooze: on.checks.snooze,
        Undo: on.checks.undo,
        WantSafety: on.checks.want_safety,
        SayOneMore: on.checks.one_more,
        SaySafe: on.checks.say_safe,
        DropExtra: on.wishes.drop,
        SayPain: on.checks.say_pain,
        NotePain: on.diary.note_pain,
        NoteHelped: on.diary.note_helped,
        HowToNote: on.diary.how_to_note,
        ShowHistory: on.diary.show_history,
        ShowChart: on.pictures.chart,
        ShowCard: on.pictures.card,
        ShowSettings: on.settings.settings,
        PickZone: on.settings.pick_zone,
        SetQuiet: on.settings.set_quiet,
        SetCountry: on.settings.set_country,
        WithdrawConsent: on.settings.withdraw,
        Export: on.privacy.export,
        Forget: on.privacy.forget,
    }


def routes(on: Handlers, talk: Talk) -> Routes:
    """All of them. What is typed may lead to any command and any button."""
    commands, personal = commands_of(on), presses_in_private(on)
    commands["cancel"] = talk.after_card.keeping(commands["cancel"])
    presses, recent = {**presses_anywhere(on), **personal}, talk.recent
    ways = Ways(commands, presses, on.settings.place, on.wishes.wish)
    start_words = StartWords(talk, ways, on.start)
    conversation = ConversationHandlers(talk, ways, on.episode.state_reply, start_words)
    heard = {
        name: _heard(recent, handler) if name in LEAVES_A_FORM else _beside(start_words, recent, handler)
        for name, handler in commands.items()
    }
    return Routes(
        commands=heard,
        after_a_slash={"cancel": conversation.unless_erasing(heard["cancel"])},
        presses=presses,
        personal=frozenset({*commands.keys() - ANYWHERE, *personal}),
        as_command=conversation.as_command,
        typed_in_private=conversation.typed,
        on=on,
        recent=recent,
    )


def _beside(start_words: StartWords, recent: Recent, handler: Handler) -> Handler:
    """A command given beside the form that starts an episode leads back to the question that waits."""

    async def handle(request: Request) -> Reply:
        waits = recent.of(request.person_id).waiting_form
        recent.heard(request.person_id)
        reply = await handler(request)
        if waits is None or not request.private:
            return reply
        return start_words.beside(request, reply, waits)

    return handle


def _heard(recent: Recent, handler: Handler) -> Handler:
    """A command is no answer to what was asked before it."""

    async def handle(request: Request) -> Reply:
        recent.heard(request.person_id)
        return await handler(request)

    return handle
