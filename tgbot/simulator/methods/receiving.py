"""How the bot gets its updates: getUpdates and the webhook's methods; logOut and close."""

from tgbot.simulator.files import Uploads
from tgbot.simulator.ports import Json
from tgbot.simulator.telegram import Telegram


async def get_updates(tg: Telegram, p: Json) -> list[Json]:
    """Long polling."""
    if "allowed_updates" in p:
        tg.updates.allow(p["allowed_updates"])
    return await tg.updates.poll(
        p.get("offset", 0), p.get("limit", 100), p.get("timeout", 0), webhook=bool(tg.webhook.url)
    )


def delete_webhook(tg: Telegram, p: Json, uploads: Uploads) -> bool:
    """Back to polling."""
    tg.webhook.url = ""
    if p.get("drop_pending_updates"):
        tg.updates.drop()
    return True


def get_webhook_info(tg: Telegram, p: Json, uploads: Uploads) -> Json:
    """Where updates go, and how that fares."""
    tg.updates.expire()
    return {
        "url": tg.webhook.url,
        "has_custom_certificate": False,
        "pending_update_count": len(tg.updates.pending),
    }
