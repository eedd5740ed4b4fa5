"""How long a tap takes, from its update until Telegram has both answers, beside the plainest bot there is.

The plain bot is python-telegram-bot with one handler, as its own examples write it: answer the query, then
edit the message. Ours looks the screen up and does both at once. Same simulator, same library, by turns.
"""

import asyncio
from statistics import median, quantiles
from time import perf_counter

from telegram import Update
from telegram.ext import CallbackQueryHandler, ContextTypes

from tgbot.chat.application import Talk
from tgbot.chat.connecting import App, Process, build
from tgbot.chat.episode_routes import PersonalRoutes
from tgbot.chat.handlers import FaqHandlers
from tgbot.chat.pacing import PacedRequests
from tgbot.chat.privacy_handlers import PrivacyHandlers
from tgbot.chat.routes import routes
from tgbot.chat.sending import message_of
from tgbot.clock import SystemClock
from tgbot.packs.whole import load_whole
from tgbot.render.screen import Screen
from tgbot.render.screens import Screens
from tgbot.service.answering import Answering
from tgbot.service.pacer import Pace, Pacer
from tgbot.service.privacy import Privacy
from tgbot.service.tally import Tally
from tgbot.settings import shipped_content
from tgbot.simulator.faults import Fault
from tgbot.simulator.server import Simulator
from tgbot.store.memory import MemoryStore

TAPS = 100
CONTENT = load_whole(shipped_content())
TOGGLE = ("m", "t:treatment")


def _plain(app: App, screens: Screens) -> None:
    """Two screens known by heart, the same words and keys as ours."""
    known = {data: message_of(screen) for data, screen in zip(TOGGLE, _both(screens), strict=True)}

    async def tapped(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        query = update.callback_query
        assert query is not None
        assert query.data is not None
        await query.answer()
        await query.edit_message_text(**known[query.data])

    app.add_handler(CallbackQueryHandler(tapped))


def _ours(app: App, screens: Screens) -> None:
    store, tally = MemoryStore(), Tally()
    faq = FaqHandlers(screens, Answering(screens, CONTENT.index, store, tally), tally)
    every = routes(faq, PrivacyHandlers(screens, Privacy(store)), PersonalRoutes({}, {}, came_back=_nobody))
    app.add_handlers(Talk(app.bot, every, SystemClock()).handlers())


async def _nobody(person_id: int) -> None:
    """Nobody comes back here."""


def _both(screens: Screens) -> tuple[Screen, Screen]:
    treatment = screens.topic("treatment")
    assert treatment is not None
    return screens.menu, treatment


async def _unpaced(_: float) -> None:
    """Nobody limits us here."""


async def _taps(simulator: Simulator, process: Process, app: App) -> list[float]:
    """Seconds a tap, each from its update to the last answer of Telegram."""
    took = []
    person = simulator.person("Ada")
    await person.send("hello", wait=0)
    first = await app.bot.send_message(person.id, "?")
    offset = 0
    for number in range(TAPS):
        await person.tap_data(TOGGLE[number % 2], first.message_id, wait=0)
        for update in await app.bot.get_updates(offset=offset, timeout=5):
            offset = update.update_id + 1
            if update.callback_query:
                start = perf_counter()
                await process(update)
                took.append(perf_counter() - start)
    await app.bot.get_updates(offset=offset, timeout=0)  # leave nothing behind for the next round
    return took


async def _compare(away: float) -> None:
    """Both bots by turns, with Telegram `away` seconds away."""
    async with Simulator(SystemClock(), lean=True) as simulator:
        for method in ("answerCallbackQuery", "editMessageText"):
            simulator.tg.faults.add(Fault("delay_before", method, times=None, seconds=away))
        screens = Screens(CONTENT.pack)
        measured: dict[str, list[float]] = {}
        for name, set_up in (("plain", _plain), ("ours", _ours)) * 2:
            pacing = PacedRequests(Pacer(SystemClock(), Pace(1000, chat_seconds=0)), _unpaced)
            app = build(simulator.token, simulator.url, pacing)
            set_up(app, screens)
            await app.initialize()
            measured.setdefault(name, []).extend(await _taps(simulator, Process(app), app))
            await app.shutdown()
    print(f"Telegram {away * 1000:.0f} ms away:")
    for name, took in measured.items():
        p99 = quantiles(took, n=100)[98]
        print(f"  {name:6} p50 {median(took) * 1000:6.2f} ms   p99 {p99 * 1000:6.2f} ms   ({len(took)} taps)")
    print(f"  ratio  {median(measured['ours']) / median(measured['plain']):.2f} (below 1: ours is faster)")


def main() -> None:
    """Print both, and their ratio: on this machine, and as far away as a server usually is."""
    for away in (0.0, 0.03):
        asyncio.run(_compare(away))
