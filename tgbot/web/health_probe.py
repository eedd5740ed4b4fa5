"""Asks a running bot whether it works, and how it took a reload."""

import http.client
import json
import signal
from collections.abc import Callable
from typing import Any

from tgbot.errors import BackcheckError
from tgbot.service.ports import Clock

_SECONDS = 4.0  # Docker gives the whole command five
_RELOAD_SECONDS = 120.0  # with other words the finder learns anew
_PAUSE = 0.2


class UnwellError(BackcheckError):
    """The bot does not work, or does not answer."""


class NotReloadedError(BackcheckError):
    """The bot goes on with the words it had."""


def ask(address: tuple[str, int] | None) -> str:
    """ "ok". Raises UnwellError with what is wrong."""
    answer = _get(address, "/healthz")
    if not answer["ok"]:
        raise UnwellError(f"These parts give no sign of life: {', '.join(answer['problems'])}.")
    return "ok"


async def reload_by(
    address: tuple[str, int] | None, clock: Clock, kill: Callable[[int, int], None]
) -> dict[str, Any]:
    """Signal the bot that answers there, and wait until it has taken up its pack: what it says of it.

    Raises UnwellError, NotReloadedError.
    """
    before = _get(address, "/readyz")
    if "pack" not in before:
        raise UnwellError("The bot is still starting.")
    try:
        kill(before["pid"], signal.SIGUSR1)
    except OSError as error:
        raise NotReloadedError(f"Process {before['pid']} cannot be signalled ({error.strerror}).") from error
    since = clock.monotonic()
    while clock.monotonic() - since < _RELOAD_SECONDS:
        await clock.sleep(_PAUSE)
        pack: dict[str, Any] = _get(address, "/readyz")["pack"]
        if pack["loads"] > before["pack"]["loads"]:
            if pack["problem"]:
                raise NotReloadedError(f"The bot goes on with the old words: {pack['problem']}")
            return pack
    raise NotReloadedError(f"The bot has not answered to it within {_RELOAD_SECONDS:.0f} s; see its log.")


def _get(address: tuple[str, int] | None, path: str) -> dict[str, Any]:
    """The answer, be it 200 or 503. Raises UnwellError."""
    if address is None:
        raise UnwellError("BACKCHECK_HEALTH is not set: the bot says nowhere how it is.")
    connection = http.client.HTTPConnection(*address, timeout=_SECONDS)
    try:
        connection.request("GET", path)
        answer: dict[str, Any] = json.load(connection.getresponse())
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise UnwellError(f"The bot does not answer at {address[0]}:{address[1]} ({error}).") from error
    finally:
        connection.close()
    return answer
