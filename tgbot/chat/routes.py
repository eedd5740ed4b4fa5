"""Every route on one screen: what can be asked, and who answers."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from tgbot.chat.episode_routes import PersonalRoutes
from tgbot.chat.handlers import FaqHandlers
from tgbot.chat.privacy_handlers import PrivacyHandlers
from tgbot.chat.talk import Answering, Asked, Pressed, Reply, Shareable
from tgbot.screens.buttons import (
    Button,
    Forget,
    NoneOfThese,
    PickCountry,
    ShowAnswer,
    ShowCountries,
    ShowHelp,
    ShowMenu,
    ShowPrivacy,
    ShowSign,
    ShowTopic,
    ShowUrgent,
    Vote,
)


@dataclass(frozen=True, slots=True)
class Routes:
    """`personal` names the commands and buttons that work in private chats only."""

    commands: Mapping[str, Answering]
    presses: Mapping[type[Button], Pressed]
    personal: frozenset[str | type[Button]]
    urgent: Callable[[str], bool]  # whether words hold a warning sign, wherever they stand
    meant: Callable[[str], str | None]  # the command that a whole message stands for: "stop"
    typed: Answering
    said: Answering  # the same in a private chat, where "much better" can be meant for a check-in
    edited: Answering
    not_text: Answering
    unknown_command: Answering
    unknown_button: Answering
    failed: Answering
    too_fast: Answering
    elsewhere: Callable[[Asked, str], Awaitable[Reply]]  # with the private chat's address
    inline: Callable[[str, str], Sequence[Shareable]]  # likewise
    came_back: Callable[[int], Awaitable[None]]  # somebody let the bot in again after blocking it


def routes(faq: FaqHandlers, privacy: PrivacyHandlers, personal: PersonalRoutes) -> Routes:
    async def said(asked: Asked) -> Reply:
        told = await personal.told(asked) if faq.tells(asked.text) else None
        return told or await faq.typed(asked)

    return Routes(
        commands={
            "start": faq.start,
            "help": faq.help,
            "faq": faq.menu,
            "urgent": faq.urgent,
            "search": faq.search,
            **personal.commands,
            "privacy": privacy.privacy,
            "forget": privacy.ask,
        },
        presses={
            ShowMenu: faq.menu,
            ShowTopic: faq.topic,
            ShowAnswer: faq.answer,
            ShowUrgent: faq.show_urgent,
            ShowSign: faq.show_sign,
            NoneOfThese: faq.none_of_these,
            ShowCountries: faq.countries,
            PickCountry: faq.country,
            ShowHelp: faq.help,
            Vote: faq.vote,
            ShowPrivacy: privacy.privacy,
            Forget: privacy.forget,
            **personal.presses,
        },
        personal=frozenset({"forget", Forget, *personal.commands, *personal.presses}),
        urgent=faq.is_urgent,
        meant=faq.meant,
        typed=faq.typed,
        said=said,
        edited=faq.edited,
        not_text=faq.not_text,
        unknown_command=faq.unknown_command,
        unknown_button=faq.unknown_button,
        failed=faq.failed,
        too_fast=faq.too_fast,
        elsewhere=faq.elsewhere,
        inline=faq.inline,
        came_back=personal.came_back,
    )
