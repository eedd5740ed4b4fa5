"""What Telegram says of a bot, asked once and without disturbing a bot that runs: nothing is polled."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from telegram.error import InvalidToken, TelegramError

from tgbot.chat.startup import TokenRefusedError, UnreachableError
from tgbot.chat.telegram_connection import SEND_TIMEOUT, TelegramConnection
from tgbot.service.ports import Clock


@dataclass(frozen=True, slots=True)
class TelegramReport:
    """`ahead` is how far our clock is before Telegram's; None when its answers name no time.

    `webhook` is where Telegram posts, empty when it waits to be polled; `waiting` counts updates.
    """

    username: str
    ahead: timedelta | None
    webhook: str
    waiting: int
    last_error: str
    last_error_at: datetime | None


async def probe(token: str, api_url: str, proxy: str | None, clock: Clock) -> TelegramReport:
    """Raises TokenRefusedError, UnreachableError."""
    ahead: list[timedelta] = []

    def answered(at: datetime | None) -> None:
        ahead.extend([clock.now() - at] if at else [])

    connection = TelegramConnection(SEND_TIMEOUT, 2, proxy, answered)
    await connection.initialize()
    try:
        me = await connection.call(f"{api_url}/bot{token}/getMe", {})
        hook = await connection.call(f"{api_url}/bot{token}/getWebhookInfo", {})
        return _report(me, hook, ahead[0] if ahead else None)
    except InvalidToken:
        raise TokenRefusedError from None
    except TelegramError as error:
        raise UnreachableError(api_url, error.message) from None
    except (KeyError, TypeError, ValueError):
        raise UnreachableError(api_url, "its answer names no bot") from None
    finally:
        await connection.shutdown()


def _report(me: Any, hook: Any, ahead: timedelta | None) -> TelegramReport:
    at = hook.get("last_error_date")
    return TelegramReport(
        username=str(me["username"]),
        ahead=ahead,
        webhook=str(hook.get("url", "")),
        waiting=int(hook.get("pending_update_count", 0)),
        last_error=str(hook.get("last_error_message", "")),
        last_error_at=datetime.fromtimestamp(at, UTC) if at else None,
    )
