"""The bot as aiogram's own manual writes it; `aiogram[fast]` brings uvloop, which its polling then takes.
argv: API, token, screens, and how many to send, to whom first, how many at once."""

import asyncio
import importlib.util
import json
import sys
from pathlib import Path

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message

API, TOKEN, FILE, SENDS, FIRST, AT_ONCE = sys.argv[1:]
SCREENS = json.loads(Path(FILE).read_text(encoding="utf-8"))

dispatcher = Dispatcher()


def keyboard(screen: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        inline_keyboard=[
            [InlineKeyboardButton(**button) for button in row] for row in SCREENS[screen]["rows"]
        ]
    )


@dispatcher.callback_query()
async def button(query: CallbackQuery) -> None:
    assert query.data
    assert isinstance(query.message, Message)
    await query.answer()
    text = SCREENS[query.data]["text"]
    await query.message.edit_text(text, parse_mode="HTML", reply_markup=keyboard(query.data))


def bot() -> Bot:
    return Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(API)))


async def send() -> None:
    screen = next(iter(SCREENS))
    chats = iter(range(int(FIRST), int(FIRST) + int(SENDS)))
    async with bot() as sender:

        async def loop() -> None:
            for chat_id in chats:
                text = SCREENS[screen]["text"]
                await sender.send_message(chat_id, text, parse_mode="HTML", reply_markup=keyboard(screen))

        await asyncio.gather(*(loop() for _ in range(int(AT_ONCE))))


def main() -> None:
    if not int(SENDS):
        dispatcher.run_polling(bot())
        return
    loop = importlib.import_module("uvloop" if importlib.util.find_spec("uvloop") else "asyncio")
    loop.run(send())


if __name__ == "__main__":
    main()
