"""The bot as python-telegram-bot's own manual writes it. argv: API, token, screens, and how many to
send, to whom first, how many at once."""

import asyncio
import json
import sys
from pathlib import Path

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import Application, CallbackQueryHandler, ContextTypes

API, TOKEN, FILE, SENDS, FIRST, AT_ONCE = sys.argv[1:]
SCREENS = json.loads(Path(FILE).read_text(encoding="utf-8"))


def keyboard(screen: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(**button) for button in row] for row in SCREENS[screen]["rows"]]
    )


async def button(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    query = update.callback_query
    assert query
    assert query.data
    await query.answer()
    text = SCREENS[query.data]["text"]
    await query.edit_message_text(text=text, parse_mode="HTML", reply_markup=keyboard(query.data))


async def send() -> None:
    screen = next(iter(SCREENS))
    chats = iter(range(int(FIRST), int(FIRST) + int(SENDS)))
    async with Bot(TOKEN, base_url=f"{API}/bot") as bot:

        async def loop() -> None:
            for chat_id in chats:
                text = SCREENS[screen]["text"]
                await bot.send_message(chat_id, text, parse_mode="HTML", reply_markup=keyboard(screen))

        await asyncio.gather(*(loop() for _ in range(int(AT_ONCE))))


def main() -> None:
    if int(SENDS):
        asyncio.run(send())
        return
    application = Application.builder().token(TOKEN).base_url(f"{API}/bot").build()
    application.add_handler(CallbackQueryHandler(button))
    application.run_polling()


if __name__ == "__main__":
    main()
