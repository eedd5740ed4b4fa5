"""Inline mode: an answer shared into any chat. `@bot heat or ice` finds as typed text does."""

from collections.abc import Sequence

from telegram.error import BadRequest

from tgbot.chat.calls import Bot, call
from tgbot.chat.reply_sending import NOTHING_TO_DO, Parameters, message_of, says
from tgbot.chat.request import Shareable

CACHE_SECONDS = 300  # the same for everybody: results hold nothing personal


async def answer_inline(bot: Bot, query_id: str, results: Sequence[Shareable]) -> None:
    """Offer the results; an empty list tells Telegram that nothing was found. Whoever typed on meanwhile has
    asked anew: a query that is too old needs no answer."""
    answer = {
        "inline_query_id": query_id,
        "results": [_article(result) for result in results],
        "cache_time": CACHE_SECONDS,
        "is_personal": False,
    }
    try:
        await call(bot, "answerInlineQuery", answer)
    except BadRequest as error:
        if not says(error, NOTHING_TO_DO):
            raise


def _article(result: Shareable) -> Parameters:
    message = message_of(result.screen)
    keyboard = message.pop("reply_markup", None)
    message["message_text"] = message.pop("text")
    article: Parameters = {
        "type": "article",
        "id": result.id,
        "title": result.title,
        "description": result.description,
        "input_message_content": message,
    }
    return article | {"reply_markup": keyboard} if keyboard else article
