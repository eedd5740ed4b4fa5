"""Inline mode: an answer shared into any chat. `@bot heat or ice` finds as typed text does."""

from collections.abc import Sequence

from telegram import InlineQuery, InlineQueryResultArticle, InputTextMessageContent
from telegram.error import BadRequest

from tgbot.chat.answers import NOTHING_TO_DO, says
from tgbot.chat.sending import markup_of, message_of
from tgbot.chat.talk import Shareable

CACHE_SECONDS = 300  # the same for everybody: results hold nothing personal


async def answer_inline(query: InlineQuery, results: Sequence[Shareable]) -> None:
    """Offer the results; an empty list tells Telegram that nothing was found. Whoever typed on meanwhile has
    asked anew: a query that is too old needs no answer."""
    articles = [_article(result) for result in results]
    try:
        await query.answer(articles, cache_time=CACHE_SECONDS, is_personal=False)
    except BadRequest as error:
        if not says(error, NOTHING_TO_DO):
            raise


def _article(result: Shareable) -> InlineQueryResultArticle:
    message = message_of(result.screen)
    return InlineQueryResultArticle(
        id=result.id,
        title=result.title,
        description=result.description,
        input_message_content=InputTextMessageContent(
            message["text"],
            parse_mode=message["parse_mode"],
            link_preview_options=message["link_preview_options"],
        ),
        reply_markup=markup_of(result.screen),
    )
