"""Every route on one screen: what can be asked, and who answers."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tgbot.chat.admin_handlers import AdminHandlers
from tgbot.chat.conversation import ConversationHandlers
from tgbot.chat.episode_routes import PersonalRoutes
from tgbot.chat.handlers import FaqHandlers
from tgbot.chat.privacy_handlers import PrivacyHandlers
from tgbot.chat.request import ButtonHandler, Handler, Reply, Request, Shareable
from tgbot.chat.updates import IncomingMessage, TypedText
from tgbot.finder.finding import Unknown
from tgbot.screens.buttons import (
    Begin,
    Button,
    CardCountry,
    Export,
    Forget,
    NoneOfThese,
    OneOfThese,
    PickCountry,
    PickOnset,
    ShowAnswer,
    ShowCountries,
    ShowHelp,
    ShowMenu,
    ShowMore,
    ShowPrivacy,
    ShowSameDay,
    ShowSign,
    ShowTopic,
    ShowTopicPage,
    ShowUrgent,
    Vote,
)
from tgbot.service.recent import AskedFor, Recent


@dataclass(frozen=True, slots=True)
class Routes:
    """`personal` names the commands and buttons that work in private chats only."""

    commands: Mapping[str, Handler]
    after_a_slash: Mapping[str, Handler]  # where the command means something else than the words for it
    presses: Mapping[type[Button], ButtonHandler]
    personal: frozenset[str | type[Button]]
    as_command: Callable[[TypedText, int], str | None]  # the command that words stand for: "stop"
    typed: Handler
    typed_in_private: Handler  # where "much better" can be meant for a check-in
    not_text: Handler
    unknown_command: Handler
    unknown_button: Handler
    private_only: Handler
    failed: Handler
    too_fast: Handler
    interrupted: Handler
    inline: Callable[[TypedText], Sequence[Shareable]]
    came_back: Callable[[int], Awaitable[None]]  # somebody let the bot in again after blocking it
    missed: Callable[[Request], Awaitable[Reply | None]]  # for whoever could not be asked in time
    recent: Recent
    admins: AdminHandlers | None = None

    def of_message(self, message: IncomingMessage) -> Handler | None:
        """Who answers a message; None when nobody does, on purpose."""
        if not message.may_be_answered:
            return None
        if message.edited:  # not answered twice – unless a warning sign has come into it
            return self.typed if message.typed.signs else None
        if message.unknown_command and self.admins and (handler := self.admins.of_message(message)):
            return handler
        if message.command:
            return self._of_command(message)
        if not message.private:  # by our name, or in reply to us; a picture says nothing
            return None if message.wordless else self.typed
        if not message.typed.text:
            return self.not_text if message.wordless else None
        if command := self.as_command(message.typed, message.person_id):
            return self._without_words(self.commands[command])
        return self.unknown_command if message.unknown_command else self.typed_in_private

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
            return self.typed
        allowed = message.private or message.command not in self.personal
        if not allowed:
            return self.private_only
        return self.after_a_slash.get(message.command) or self.commands[message.command]

    @staticmethod
    def _without_words(handler: Handler) -> Handler:
        async def handle(request: Request) -> Reply:
            return await handler(replace(request, typed=TypedText()))

        return handle


def routes(
    faq: FaqHandlers,
    privacy: PrivacyHandlers,
    personal: PersonalRoutes,
    recent: Recent,
    converse: Callable[[Mapping[str, Handler], Mapping[type[Button], ButtonHandler]], ConversationHandlers],
) -> Routes:
    """All of them. `converse` makes the conversation, whose meanings lead to these commands and buttons."""
    commands = {
        "start": faq.start,
        "help": faq.help,
        "faq": faq.menu,
        "urgent": faq.urgent,
        "search": faq.search,
        **personal.commands,
        "privacy": privacy.privacy,
        "export": privacy.export,
        "forget": privacy.ask,
    }
    presses: Mapping[type[Button], ButtonHandler] = {
        ShowMenu: faq.menu,
        ShowTopic: faq.topic,
        ShowTopicPage: faq.topic_page,
        ShowAnswer: faq.answer,
        ShowMore: faq.more,
        ShowUrgent: faq.show_urgent,
        ShowSign: faq.show_sign,
        NoneOfThese: faq.none_of_these,
        OneOfThese: faq.one_of_these,
        ShowSameDay: faq.same_day,
        ShowCountries: faq.countries,
        PickCountry: faq.country,
        CardCountry: faq.card_country,
        ShowHelp: faq.help,
        Vote: faq.vote,
        ShowPrivacy: privacy.privacy,
        Export: privacy.export,
        Forget: privacy.forget,
        **personal.presses,
    }
    conversation = converse(commands, presses)
    commands["cancel"] = conversation.after_card(commands["cancel"])

    async def typed_in_private(request: Request) -> Reply:
        if request.typed.signs:
            return await conversation.urgent(request)
        turn = conversation.turn(request)
        expected = await conversation.expected(request)
        if expected is not None:
            return expected
        recent.heard(request.person_id)
        if faq.is_state_text(request.typed):
            state = await personal.state_reply(request, talks=conversation.talks(request))
            if state is not None:
                return state
        reply = await conversation.meant(request)
        if reply is None and isinstance(request.finding, Unknown):
            reply = await conversation.asked_again(request, turn) or await personal.state_reply(
                request, talks=True
            )
            reply = reply or conversation.near_last(request, turn)
        return reply or await faq.typed(request)

    heard = {name: _heard(recent, handler) for name, handler in commands.items()}
    return Routes(
        commands=heard,
        after_a_slash={"cancel": conversation.unless_erasing(heard["cancel"])},
        presses={kind: _pressed(recent, handler) for kind, handler in presses.items()},
        personal=frozenset({"export", "forget", Export, Forget, *personal.commands, *personal.presses}),
        as_command=conversation.as_command,
        typed=faq.typed,
        typed_in_private=typed_in_private,
        not_text=faq.not_text,
        unknown_command=faq.unknown_command,
        unknown_button=faq.unknown_button,
        private_only=faq.private_only,
        failed=faq.failed,
        too_fast=faq.too_fast,
        interrupted=faq.interrupted,
        inline=faq.inline,
        came_back=personal.came_back,
        missed=personal.missed,
        recent=recent,
    )


def _heard(recent: Recent, handler: Handler) -> Handler:
    """A command is no answer to what was asked before it."""

    async def handle(request: Request) -> Reply:
        recent.heard(request.person_id)
        return await handler(request)

    return handle


def _pressed(recent: Recent, handler: ButtonHandler) -> ButtonHandler:
    """Nor is a tap."""

    async def handle(request: Request, button: Any) -> Reply:
        recent.heard(request.person_id)
        return await handler(request, button)

    return handle
