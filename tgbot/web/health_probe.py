"""Asks a running bot whether it works, and how it took a reload."""

import http.client
import json
import platform
import signal
from collections.abc import Callable
from pathlib import Path
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


def host() -> str:
    """Where a process id means this process: the machine's name, and on Linux the namespace of its ids."""
    try:
        return f"{platform.node()} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return platform.node()


def ask(address: tuple[str, int] | None) -> str:
    """ "ok". Raises UnwellError with what is wrong."""
    answer = _get(address, "/healthz")
    if not answer["ok"]:
        raise UnwellError(f"These parts give no sign of life: {', '.join(answer.get('problems', ()))}.")
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
    if before.get("host") != host():
        raise NotReloadedError(
            f"The bot at {_at(address)} runs elsewhere ({before.get('host', 'unknown')}): run this there."
        )
    try:
        kill(before["pid"], signal.SIGUSR1)
    except OSError as error:
        raise NotReloadedError(f"Process {before['pid']} cannot be signalled ({error.strerror}).") from error
    since = clock.monotonic()
    while clock.monotonic() - since < _RELOAD_SECONDS:
        await clock.sleep(_PAUSE)
        now = _get(address, "/readyz")
        if now.get("start") != before["start"]:
            raise UnwellError("The bot was restarted meanwhile, and reads the words as it starts.")
        pack: dict[str, Any] = now["pack"]
        if pack["loads"] > before["pack"]["loads"]:
            if pack["problem"]:
                raise NotReloadedError(f"The bot goes on with the old words: {pack['problem']}")
            return pack
    raise NotReloadedError(f"The bot has not answered to it within {_RELOAD_SECONDS:.0f} s; see its log.")


def _get(address: tuple[str, int] | None, path: str) -> dict[str, Any]:
    """The answer, be it 200 or 503. Raises UnwellError."""
    if address is None:
        raise UnwellError("BACKCHECK_HEALTH is not set: there is nowhere to ask.")
    connection = http.client.HTTPConnection(*address, timeout=_SECONDS)
    try:
        connection.request("GET", path)
        answer: Any = json.load(connection.getresponse())
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise UnwellError(f"The bot does not answer at {_at(address)} ({error}).") from error
    finally:
        connection.close()
    if not isinstance(answer, dict) or "ok" not in answer:
        raise UnwellError(f"What answers at {_at(address)} is not the bot.")
    return dict(answer)


def _at(address: tuple[str, int] | None) -> str:
    return f"{address[0]}:{address[1]}" if address else "–"
