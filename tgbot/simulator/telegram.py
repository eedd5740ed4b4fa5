"""Everything the pretend Telegram knows, in one place, and the few things that many methods do."""

import asyncio

from tgbot.simulator.clock_port import JsonObject, SimulatorClock
from tgbot.simulator.entities import formatted
from tgbot.simulator.faults import Faults
from tgbot.simulator.files import UploadedFiles
from tgbot.simulator.limits import FloodLimits
from tgbot.simulator.pending_updates import Updates
from tgbot.simulator.profile import Profile
from tgbot.simulator.queries import INLINE_KEPT, Queries
from tgbot.simulator.refusals import bad_request
from tgbot.simulator.webhooks import WebhookQueue
from tgbot.simulator.world import Chat, Message, User, World
from tgbot.simulator.world_events import Events, Journal

USER_LINK = "tg://user?id="


class Telegram:
    """The state of one simulated Telegram with one bot in it."""

    def __init__(
        self, clock: SimulatorClock, *, token: str, bot_name: str, bot_username: str, strict: bool, lean: bool
    ) -> None:
        self.clock = clock
        self.token = token
        self.strict = strict
        bot_id = int(token.split(":")[0])
        self.started_at = clock.now()
        self.logged_out = False
        self.webhooks_anywhere = True
        self.closing = asyncio.Event()
        self.world = World(User(bot_id, bot_name, bot_username, is_bot=True))
        self.events = Events()
        self.journal = Journal(self.events, lean=lean)
        self.updates = Updates(clock, self._tell_pending)
        self.webhook = WebhookQueue()
        self.taps = Queries(clock)
        self.inline = Queries(clock, INLINE_KEPT)
        self.inline_messages: dict[str, tuple[int, int]] = {}  # inline_message_id → chat, message
        self.profile = Profile()
        self.files = UploadedFiles()
        self.limits = FloodLimits(clock)
        self.faults = Faults()

    def formatted(
        self, text: str, parse_mode: str | None, entities: list[JsonObject] | None, *, caption: bool = False
    ) -> tuple[str, list[JsonObject]]:
        """A text as the message will have it (entities.py); links to people who are here are mentions."""
        text, marked = formatted(text, parse_mode, entities, caption=caption)
        return text, [self._mention(entity) for entity in marked]

    def _mention(self, entity: JsonObject) -> JsonObject:
        user_id = entity.get("url", "").removeprefix(USER_LINK)
        if entity["type"] != "text_link" or not user_id.isdecimal() or int(user_id) not in self.world.people:
            return entity
        user = self.world.people[int(user_id)].as_json()
        return {"type": "text_mention", "offset": entity["offset"], "length": entity["length"], "user": user}

    def close(self) -> None:
        """End whatever waits."""
        self.closing.set()
        self.updates.close()
        self.events.close()

    def send(self, chat: Chat, sender: User, content: JsonObject) -> Message:
        """Put a message into a chat and tell who watches."""
        message = self.world.add(chat, sender, self.clock.now(), content)
        self.tell("message", chat, message)
        return message

    def deliver(self, parameters: JsonObject, content: JsonObject) -> JsonObject:
        """Send for the bot: may it write there, may it write now? The message as the bot gets it back."""
        chat = self.world.writable(parameters["chat_id"])
        content = {**self.reply_to(chat, parameters), **content}
        if parameters.get("protect_content"):
            content["has_protected_content"] = True
        self.limits.take(chat, self.clock.now(), paid=bool(parameters.get("allow_paid_broadcast")))
        return self.send(chat, self.world.bot, content).body

    def reply_to(self, chat: Chat, parameters: JsonObject) -> JsonObject:
        """`reply_to_message` for `reply_parameters`. Raises `Refusal` when there is nothing to reply to."""
        wanted = parameters.get("reply_parameters")
        if wanted is None:
            return {}
        message = chat.alive(wanted["message_id"])
        if message is None:
            if wanted.get("allow_sending_without_reply"):
                return {}
            raise bad_request("message to be replied not found")
        return {"reply_to_message": {k: v for k, v in message.body.items() if k != "reply_to_message"}}

    def _tell_pending(self) -> None:
        if self.events.heard:
            self.events.publish("updates", {"pending": len(self.updates.pending)})

    def tell(self, kind: str, chat: Chat, message: Message) -> None:
        """Tell who watches about a message."""
        if self.events.heard:
            self.events.publish(kind, {"chat_id": chat.id, **seen(message)})


def seen(message: Message) -> JsonObject:
    """A message for the control API: as it is now, and as it was delivered."""
    return {
        "message": message.body,
        "delivered": message.delivered,
        "from_bot": message.from_bot,
        "edits": message.edits,
        "deleted": message.deleted,
    }
