"""How the bot gets its updates: getUpdates and the webhook's methods; logOut and close."""

import math
import re
from datetime import timedelta
from urllib.parse import urlsplit

from tgbot.simulator.clock_port import JsonObject
from tgbot.simulator.files import Uploads
from tgbot.simulator.refusals import bad_request, too_many_requests
from tgbot.simulator.telegram import Telegram
from tgbot.simulator.webhooks import info

PORTS = (443, 80, 88, 8443)
_SECRET = re.compile(r"[A-Za-z0-9_-]*")
_TEN_MINUTES = timedelta(minutes=10)


async def get_updates(tg: Telegram, p: JsonObject) -> list[JsonObject]:
    """Long polling."""
    if "allowed_updates" in p:
        tg.updates.allow(p["allowed_updates"])
    return await tg.updates.poll(
        p.get("offset", 0), p.get("limit", 100), p.get("timeout", 0), webhook=bool(tg.webhook.url)
    )


def set_webhook(tg: Telegram, p: JsonObject, uploads: Uploads) -> bool:
    """From now on updates are posted; an empty url is deleteWebhook."""
    if not p.get("url"):
        return delete_webhook(tg, p, uploads)
    _check_url(p["url"], anywhere=tg.webhooks_anywhere)
    secret = p.get("secret_token", "")
    if len(secret) > 256:
        raise bad_request("secret token is too long")
    if not _SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    now, before = tg.clock.now(), tg.webhook.set_at
    if before is not None and now - before < timedelta(seconds=1):
        raise too_many_requests(1)
    hook, connections = tg.webhook, min(max(p.get("max_connections", 40), 1), 100)
    ip_address = p.get("ip_address", "")
    if not hook.same(p["url"], secret, connections, ip_address):
        hook.url, hook.secret_token, hook.max_connections = p["url"], secret, connections
        hook.ip_address, hook.last_error_at = ip_address, None
        hook.version += 1
    hook.set_at = now
    if "allowed_updates" in p:
        tg.updates.allow(p["allowed_updates"])
    if p.get("drop_pending_updates"):
        tg.updates.drop()
    tg.updates.terminate("terminated by setWebhook request")
    tg.updates.arrived.set()
    return True


def _check_url(url: str, *, anywhere: bool) -> None:
    """`anywhere` is what the official server allows with --local: http, and any port."""
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise bad_request("invalid webhook URL specified")
    if anywhere:
        return
    if parts.scheme != "https":
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if (parts.port or 443) not in PORTS:
        raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")


def delete_webhook(tg: Telegram, p: JsonObject, uploads: Uploads) -> bool:
    """Back to polling."""
    tg.webhook.url = ""
    if p.get("drop_pending_updates"):
        tg.updates.drop()
    return True


def get_webhook_info(tg: Telegram, p: JsonObject, uploads: Uploads) -> JsonObject:
    """Where updates go, and how that fares."""
    tg.updates.expire()
    return info(tg.webhook, len(tg.updates.pending), tg.updates.allowed)


def log_out(tg: Telegram, p: JsonObject, uploads: Uploads) -> bool:
    """The bot goes elsewhere: nothing is answered any more."""
    tg.logged_out = True
    tg.updates.terminate("terminated by other getUpdates request")
    return True


def close(tg: Telegram, p: JsonObject, uploads: Uploads) -> bool:
    """Before a move between servers; refused in the first ten minutes."""
    left = tg.started_at + _TEN_MINUTES - tg.clock.now()
    if left > timedelta():
        raise too_many_requests(math.ceil(left.total_seconds()))
    return True
