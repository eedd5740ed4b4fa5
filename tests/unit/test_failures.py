"""What a failed call means for its update, error by error: tried again freely, once more, or not at all."""

from datetime import timedelta

import aiohttp
import pytest
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from tgbot.chat.failures import Failure, can_be_told, failure_of, seconds_of, surely_not_sent
from tgbot.service.store_port import (
    ImpossibleStateError,
    StaleEpisodeError,
    StoreError,
    StoreFullError,
    StoreLostError,
)


def caused(error: NetworkError, cause: Exception) -> NetworkError:
    error.__cause__ = cause
    return error


ERRORS: list[tuple[Exception, Failure, bool, bool]] = [
    # the error, what it means, whether it surely was not sent, whether the person can be told
    (RetryAfter(7), Failure.NOT_SENT, True, False),
    (InvalidToken("gone"), Failure.NOT_SENT, True, False),
    (caused(TimedOut(), aiohttp.ConnectionTimeoutError()), Failure.NOT_SENT, True, False),
    (caused(NetworkError("x"), aiohttp.InvalidURL("x")), Failure.NOT_SENT, True, False),
    (TimedOut(), Failure.DOUBTFUL, False, False),
    (NetworkError("half an answer"), Failure.DOUBTFUL, False, False),
    (caused(NetworkError("x"), ConnectionResetError()), Failure.DOUBTFUL, False, False),
    (TelegramError("502"), Failure.DOUBTFUL, False, False),
    (BadRequest("message is too long"), Failure.FINAL, False, True),
    (Forbidden("bot was blocked by the user"), Failure.FINAL, False, False),
    (Conflict("another poller"), Failure.FINAL, False, False),
    (ChatMigrated(-100), Failure.FINAL, False, False),
    (KeyError("a bug"), Failure.FINAL, False, True),
    (ImpossibleStateError("a bug"), Failure.FINAL, False, True),
    (StoreError("database is locked"), Failure.NOT_SENT, False, False),
    (StoreFullError("database or disk is full"), Failure.FINAL, False, True),
    (StoreLostError("the file was removed"), Failure.FINAL, False, True),
    (StaleEpisodeError("changed by somebody else"), Failure.FINAL, False, True),
]


@pytest.mark.parametrize(
    ("error", "failure", "not_sent", "told"), ERRORS, ids=[type(row[0]).__name__ for row in ERRORS]
)
def test_each_error_has_its_consequence(
    error: Exception, failure: Failure, not_sent: bool, told: bool
) -> None:
    assert failure_of(error) is failure
    assert surely_not_sent(error) is not_sent
    assert can_be_told(error) is told


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_wait_is_read_as_a_number_of_seconds_whatever_its_type() -> None:
    assert seconds_of(RetryAfter(7)) == 7.0
    assert seconds_of(RetryAfter(timedelta(minutes=2, milliseconds=500))) == 120.5
