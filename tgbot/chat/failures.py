"""What a failed call means for the update that caused it: whether trying again may help, or may repeat it.

PTB's errors need a second look: `BadRequest` is a `NetworkError`, and `TimedOut` covers what was never sent
(no connection to be had) as well as what may have been delivered (no answer came).
"""

from enum import Enum

from telegram.error import BadRequest, InvalidToken, NetworkError, RetryAfter, TelegramError

from tgbot.chat.telegram_connection import NEVER_SENT
from tgbot.service.store_port import StaleEpisodeError, StoreError, StoreFullError, StoreLostError


class Failure(Enum):
    """How an update may go on after an error."""

    NOT_SENT = "surely not sent: try again freely"
    DOUBTFUL = "perhaps sent: try once more"
    FINAL = "trying again cannot help"


def failure_of(error: Exception) -> Failure:
    """Half an answer, which PTB calls a plain TelegramError, may pass, and so may a 401 or 404: one happens.
    (When the token is gone, the poller ends the process.) A database that is away may come back."""
    if surely_not_sent(error) or is_away(error):
        return Failure.NOT_SENT
    network = isinstance(error, NetworkError) and not isinstance(error, BadRequest)
    return Failure.DOUBTFUL if network or type(error) is TelegramError else Failure.FINAL


def surely_not_sent(error: BaseException) -> bool:
    """Whether the request never reached Telegram, or was turned away at its door (401, 404, 429)."""
    if isinstance(error, InvalidToken | RetryAfter):
        return True
    return isinstance(error, NetworkError) and isinstance(error.__cause__, NEVER_SENT)


def is_away(error: Exception) -> bool:
    """Whether the database could not be asked just now: it restarts, is locked, the connection was cut. A
    full or a lost one, and a change by somebody else, are told at once: no waiting helps."""
    lasting = StoreFullError | StoreLostError | StaleEpisodeError
    return isinstance(error, StoreError) and not isinstance(error, lasting)


def can_be_told(error: Exception) -> bool:
    """Our own failure, or a reply that Telegram refuses. While Telegram or the database is away it is tried
    again; what becomes of it then is told when the tries are used up."""
    if is_away(error):
        return False
    return not isinstance(error, TelegramError) or isinstance(error, BadRequest)


def seconds_of(error: RetryAfter) -> float:
    """How long Telegram wants us to wait. (PTB is changing the type from int to timedelta.)"""
    wait = error.retry_after
    return float(wait) if isinstance(wait, int) else wait.total_seconds()
