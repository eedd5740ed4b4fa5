"""The token, the way to Telegram, who takes updates, and our clock beside Telegram's."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from tgbot.chat.startup import TelegramReport, TokenRefusedError, UnreachableError, probe
from tgbot.clock import TOLERANCE
from tgbot.doctor.diagnosis import Diagnosis, broken, look, well
from tgbot.service.ports import Clock
from tgbot.settings import Settings, secret_of

MANY_WAITING = 100  # updates: what one poll shows
RECENTLY = timedelta(days=1)


async def diagnose_telegram(settings: Settings, clock: Clock) -> list[Diagnosis]:
    if settings.token is None:
        return [broken("token", "BACKCHECK_TOKEN is not set.", "Ask BotFather on Telegram for one.")]
    token = settings.token.get_secret_value()
    try:
        report = await probe(token, settings.api_url, secret_of(settings.proxy), clock)
    except TokenRefusedError:
        return [
            broken(
                "token", "Telegram refuses it.", "Look at it again, and at BACKCHECK_API_URL if it is set."
            )
        ]
    except UnreachableError as error:
        remedy = "Look at the network, at BACKCHECK_API_URL and at BACKCHECK_PROXY."
        return [broken("telegram", error.sentences[0], remedy)]
    return [
        well("token", f"It is @{report.username}'s."),
        _time(report.ahead),
        _source(report, settings.webhook),
        *_failures(report, clock.now()),
    ]


def _time(ahead: timedelta | None) -> Diagnosis:
    if ahead is None:
        return look("clock", "Telegram's answers name no time.", "Is there a proxy that takes it away?")
    seconds = round(ahead.total_seconds())
    if abs(ahead) <= TOLERANCE:
        return well("clock", f"It differs from Telegram's by {abs(seconds)} s.")
    where = "ahead of" if seconds > 0 else "behind"
    return look(
        "clock", f"It is {abs(seconds)} s {where} Telegram's.", "Set the machine's time (timedatectl)."
    )


def _source(report: TelegramReport, wanted: str | None) -> Diagnosis:
    if report.webhook and wanted is None:
        remedy = "Take it away with `backcheck webhook delete`, or set BACKCHECK_WEBHOOK."
        return broken("updates", f"Telegram posts to {report.webhook}, so nobody can poll.", remedy)
    if report.webhook != (wanted or ""):
        remedy = "`backcheck webhook set`, or start the bot: it sets it."
        return look("updates", "Telegram does not post to BACKCHECK_WEBHOOK.", remedy)
    how = f"posted to {wanted}" if wanted else "polled"
    said = f"Updates are {how}; {report.waiting} wait."
    if report.waiting < MANY_WAITING:
        return well("updates", said)
    return look("updates", said, "Is the bot running? It takes them all as soon as it does.")


def _failures(report: TelegramReport, now: datetime) -> Iterator[Diagnosis]:
    at = report.last_error_at
    if at is not None and report.webhook and now - at < RECENTLY:
        said = f"Telegram could not post at {at:%Y-%m-%d %H:%M}Z: {report.last_error}."
        yield look("webhook", said, "Look at the server in front of the bot (docs/operating.md).")
