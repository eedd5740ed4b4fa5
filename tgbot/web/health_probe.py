"""Asks a running bot whether it works."""

import http.client
import json

from tgbot.errors import BackcheckError

_SECONDS = 4.0  # Docker gives the whole command five


class UnwellError(BackcheckError):
    """The bot does not work, or does not answer."""


def ask(address: tuple[str, int] | None) -> str:
    """ "ok". Raises UnwellError with what is wrong."""
    if address is None:
        raise UnwellError("BACKCHECK_HEALTH is not set: the bot says nowhere how it is.")
    connection = http.client.HTTPConnection(*address, timeout=_SECONDS)
    try:
        connection.request("GET", "/healthz")
        answer = json.load(connection.getresponse())
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise UnwellError(f"The bot does not answer at {address[0]}:{address[1]} ({error}).") from error
    finally:
        connection.close()
    if not answer["ok"]:
        raise UnwellError(f"These parts give no sign of life: {', '.join(answer['problems'])}.")
    return "ok"
