"""The composition root: settings → pack, store, clock, services, chat; one lifespan, supervised tasks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

from tgbot.chat.application import Talk
from tgbot.chat.connecting import App, Process, StoppedError, build, connect, introduce, poll
from tgbot.chat.episode_routes import personal_routes
from tgbot.chat.handlers import FaqHandlers
from tgbot.chat.privacy_handlers import PrivacyHandlers
from tgbot.chat.routes import routes
from tgbot.domain.problems import BackcheckError
from tgbot.packs.finder import load as load_index
from tgbot.packs.loader import load
from tgbot.packs.protocol import load_follow_up
from tgbot.pictures.studio import Studio
from tgbot.render.check_screens import CheckScreens
from tgbot.render.frame import Frame
from tgbot.render.screens import Screens
from tgbot.service.answering import Answering
from tgbot.service.episodes import Episodes
from tgbot.service.follow_up import FollowUps
from tgbot.service.ports import Clock, Store
from tgbot.service.preferences import Preferences
from tgbot.service.privacy import Privacy
from tgbot.service.tally import Tally
from tgbot.settings import Settings
from tgbot.store.sqlite import SqliteStore, migrate


class NoTokenError(BackcheckError):
    """There is nothing to run the bot as."""

    def __init__(self) -> None:
        super().__init__(
            "BACKCHECK_TOKEN is not set. BotFather on Telegram gives you one; "
            "`backcheck demo` needs none and lets you try everything here."
        )


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that runs, put together."""

    application: App
    process: Process
    store: Store
    clock: Clock
    follow_ups: FollowUps


@asynccontextmanager
async def assembled(settings: Settings, clock: Clock, stop: asyncio.Event) -> AsyncIterator[Parts]:
    """All parts, connected to Telegram and to the database; closed in the opposite order."""
    if settings.token is None:
        raise NoTokenError
    pack, protocol = load_follow_up(settings.content, load(settings.content))
    screens, tally = Screens(pack), Tally()
    migrate(settings.database, clock.now())
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(await SqliteStore.open(settings.database))
        application = build(settings.token.get_secret_value(), settings.api_url)
        stack.push_async_callback(application.shutdown)
        await connect(application, clock, stop)
        answering = Answering(screens, load_index(settings.content, pack), store, tally)
        faq = FaqHandlers(screens, answering, tally)
        episodes = Episodes(store, clock, protocol)
        frame = Frame(pack, protocol)
        preferences = Preferences(store, clock, episodes)
        personal = personal_routes(frame, episodes, preferences, answering, Studio(), clock)
        every = routes(faq, PrivacyHandlers(screens, Privacy(store)), personal)
        application.add_handlers(Talk(application.bot, every, clock).handlers())
        await introduce(application.bot, every, screens.words)
        follow_ups = FollowUps(episodes, CheckScreens(frame))
        yield Parts(application, Process(application), store, clock, follow_ups)


async def run(settings: Settings, clock: Clock, stop: asyncio.Event) -> None:
    """Run the bot until `stop` is set. Raises BackcheckError for what an operator must mend."""
    with suppress(StoppedError):  # an ordinary end, before everything was up
        await _run(settings, clock, stop)


async def _run(settings: Settings, clock: Clock, stop: asyncio.Event) -> None:
    async with assembled(settings, clock, stop) as parts:
        polling = asyncio.create_task(poll(parts.application.bot, parts.process))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait([polling, stopping], return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        polling.cancel()
        await asyncio.gather(polling, stopping, return_exceptions=True)
