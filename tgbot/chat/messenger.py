"""The port `Messenger` over Telegram: every way a send can end becomes a value."""

import asyncio

from telegram.error import BadRequest, ChatMigrated, Forbidden, RetryAfter, TelegramError

from tgbot.chat.calls import Bot, connection_of
from tgbot.chat.failures import seconds_of, surely_not_sent
from tgbot.chat.reply_sending import message_of
from tgbot.screens.screen import Screen
from tgbot.service.ports import Ambiguous, Delivery, Gone, Later, Moved, Refused, SentOk

_NO_SUCH_CHAT = ("chat not found", "user not found", "peer_id_invalid", "user is deactivated")


class TelegramMessenger:
    """Sends follow-ups. `longest` is the hard limit of one send, in seconds: the lease outlives it."""

    def __init__(self, bot: Bot, longest: float) -> None:
        self._bot = bot
        self._longest = longest

    async def send(self, chat_id: int, screen: Screen) -> Delivery:
        try:
            async with asyncio.timeout(self._longest):
                message = await connection_of(self._bot).call(  # the courier has taken the tokens
                    f"{self._bot.base_url}/sendMessage", {"chat_id": chat_id} | message_of(screen)
                )
                return SentOk(int(message["message_id"]))
        except (TelegramError, TimeoutError) as error:
            return delivery_of(error)
        except (KeyError, TypeError, ValueError):
            return Ambiguous("The answer names no message")


def delivery_of(error: TelegramError | TimeoutError) -> Delivery:
    """What is known of a message whose sending raised this."""
    reason = f"{type(error).__name__}: {error}"
    match error:
        case RetryAfter():
            return Later(seconds_of(error), reason)
        case ChatMigrated():
            return Moved(error.new_chat_id)
        case Forbidden():
            return Gone(reason)
        case BadRequest():
            gone = any(words in error.message.lower() for words in _NO_SUCH_CHAT)
            return Gone(reason) if gone else Refused(reason)
        case _ if surely_not_sent(error):
            return Later(0, reason)
        case _:  # no answer, half an answer, 5xx: it may be there
            return Ambiguous(reason)
