"""The port `Messenger` over Telegram: every way a send can end becomes a value.

PTB's errors need a second look: `BadRequest` is a `NetworkError`, and `TimedOut` covers what was never sent
(no connection to be had) as well as what may have been delivered (no answer came).
"""

import asyncio

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from tgbot.chat.calls import Bot, line_of
from tgbot.chat.line import NEVER_SENT
from tgbot.chat.paced_requests import seconds_of
from tgbot.chat.sending import message_of
from tgbot.screens.screen import Screen
from tgbot.service.ports import Ambiguous, Delivered, Delivery, Gone, Later, Moved, Refused

_NO_SUCH_CHAT = ("chat not found", "user not found", "peer_id_invalid", "user is deactivated")


class TelegramMessenger:
    """Sends follow-ups. `longest` is the hard limit of one send, in seconds: the lease outlives it."""

    def __init__(self, bot: Bot, longest: float) -> None:
        self._bot = bot
        self._longest = longest

    async def send(self, chat_id: int, screen: Screen) -> Delivery:
        try:
            async with asyncio.timeout(self._longest):
                message = await line_of(self._bot).call(  # the courier has taken the tokens
                    f"{self._bot.base_url}/sendMessage", {"chat_id": chat_id} | message_of(screen)
                )
                return Delivered(int(message["message_id"]))
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


def surely_not_sent(error: BaseException) -> bool:
    """Whether the request never reached Telegram, or was turned away at its door (401, 404)."""
    if isinstance(error, InvalidToken | RetryAfter):
        return True
    return isinstance(error, NetworkError) and isinstance(error.__cause__, NEVER_SENT)
