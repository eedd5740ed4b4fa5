"""The echo bots of python-telegram-bot and of aiogram, written as their manuals write them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from aiogram import Bot, Dispatcher
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ParseMode
from aiogram.filters import CommandStart
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message
from aiogram.webhook.aiohttp_server import SimpleRequestHandler, setup_application
from aiohttp import web
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import ForceReply, Update
from telegram.ext import Application, CommandHandler, ContextTypes, MessageHandler, filters

from tests.integration.simulator.scene import eventually
from tests.judge import judge_every_call, whole_aiogram
from tgbot.clock import SystemClock
from tgbot.simulator.simulator_server import Simulator


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator(SystemClock()) as opened:
        yield opened
        assert judge_every_call(opened) > 3


async def _start(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.message is not None
    assert update.effective_user is not None
    await update.message.reply_html(
        rf"Hi {update.effective_user.mention_html()}!", reply_markup=ForceReply(selective=True)
    )


async def _echo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.message is not None
    await update.message.reply_text(update.message.text or "")


def _ptb(sim: Simulator) -> Application:  # type: ignore[type-arg]
    builder = Application.builder().token(sim.token)
    app = builder.base_url(f"{sim.url}/bot").base_file_url(f"{sim.url}/file/bot").build()
    app.add_handler(CommandHandler("start", _start))
    app.add_handler(MessageHandler(filters.TEXT & ~filters.COMMAND, _echo))
    return app


async def _converse(sim: Simulator) -> None:
    ada = sim.person("Ada")
    await ada.send("/start")
    await ada.waits_for("Hi Ada!")
    await ada.send("how are you")
    await ada.waits_for("how are you")


async def test_python_telegram_bots_echo_bot_polls(simulator: Simulator) -> None:
    async with _ptb(simulator) as app:
        await app.start()
        assert app.updater is not None
        await app.updater.start_polling()
        await _converse(simulator)
        assert simulator.tg.world.chats[1001].keyboard == {"force_reply": True, "selective": True}
        await app.updater.stop()
        await app.stop()


@asynccontextmanager
async def _serving(app: Starlette) -> AsyncIterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off"))
    task = asyncio.create_task(server.serve())
    await eventually(lambda: server.started)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


async def test_python_telegram_bots_echo_bot_has_a_webhook(simulator: Simulator) -> None:
    async with _ptb(simulator) as app:

        async def hook(request: Request) -> Response:
            await app.update_queue.put(Update.de_json(await request.json(), app.bot))
            return Response()

        async with _serving(Starlette(routes=[Route("/telegram", hook, methods=["POST"])])) as url:
            await app.bot.set_webhook(f"{url}/telegram", allowed_updates=Update.ALL_TYPES)
            await app.start()
            await _converse(simulator)
            await app.stop()


def _aiogram(sim: Simulator) -> tuple[Bot, Dispatcher]:
    whole_aiogram()
    dispatcher = Dispatcher()

    @dispatcher.message(CommandStart())
    async def start(message: Message) -> None:
        assert message.from_user is not None
        key = InlineKeyboardButton(text="Tap me", callback_data="tapped")
        await message.answer(
            f"Hi <b>{message.from_user.full_name}</b>!",
            reply_markup=InlineKeyboardMarkup(inline_keyboard=[[key]]),
        )

    @dispatcher.message()
    async def echo(message: Message) -> None:
        await message.send_copy(chat_id=message.chat.id)

    @dispatcher.callback_query()
    async def tapped(query: CallbackQuery) -> None:
        await query.answer("Thank you")

    session = AiohttpSession(api=TelegramAPIServer.from_base(sim.url))
    return Bot(sim.token, session, default=DefaultBotProperties(parse_mode=ParseMode.HTML)), dispatcher


async def test_aiograms_echo_bot_polls(simulator: Simulator) -> None:
    bot, dispatcher = _aiogram(simulator)
    polling = asyncio.create_task(dispatcher.start_polling(bot, handle_signals=False))
    await _converse(simulator)
    ada = simulator.person("Ada")
    await (await ada.look()).tap("Tap me", on=ada.screens[0])
    await eventually(lambda: any(query.answer for query in simulator.tg.taps.asked.values()))
    await dispatcher.stop_polling()
    await polling


async def test_aiograms_echo_bot_has_a_webhook_and_answers_in_it(simulator: Simulator) -> None:
    bot, dispatcher = _aiogram(simulator)
    app = web.Application()
    handler = SimpleRequestHandler(dispatcher, bot, handle_in_background=False, secret_token="s3cret")
    handler.register(app, path="/telegram")
    setup_application(app, dispatcher, bot=bot)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    await bot.set_webhook(f"http://127.0.0.1:{port}/telegram", secret_token="s3cret")
    await _converse(simulator)
    await bot.delete_webhook()
    await runner.cleanup()
    await bot.session.close()
