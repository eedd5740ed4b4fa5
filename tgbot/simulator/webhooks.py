"""Updates by webhook: one in flight per lane, retried until taken or expired, calls in answers executed."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx
from starlette.requests import Request
from starlette.types import Message as AsgiMessage

from tgbot.simulator.faults import Faults
from tgbot.simulator.ports import Clock, Json
from tgbot.simulator.updates import Update, Updates

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
TIMEOUT = 60.0

Execute = Callable[[Request], Awaitable[None]]


@dataclass
class Webhook:
    """Where updates are to be posted; without a url they are polled."""

    url: str = ""
    secret_token: str = ""
    max_connections: int = 40
    ip_address: str = ""
    set_at: datetime | None = None
    last_error_at: datetime | None = None
    last_error: str = ""


@dataclass
class _Lane:
    """What has to come one after the other: a chat's messages, a person's taps."""

    busy: bool = False
    failures: int = 0
    not_before: datetime | None = None


@dataclass
class Poster:
    """Posts what is pending to the webhook. `execute` runs the call that an answer may carry."""

    clock: Clock
    updates: Updates
    webhook: Webhook
    faults: Faults
    execute: Execute
    _lanes: dict[str, _Lane] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _repeated: set[int] = field(default_factory=set)

    async def run(self) -> None:
        """Post until cancelled."""
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=100)
        plain = httpx.AsyncHTTPTransport(verify=False, limits=limits)  # the bot's own certificate is fine
        async with httpx.AsyncClient(transport=plain, timeout=TIMEOUT) as http:
            try:
                while True:
                    self.updates.arrived.clear()
                    self.updates.expire()
                    for update in self._due():
                        self._lanes[update.lane].busy = True
                        task = asyncio.create_task(self._post(http, update))
                        self._tasks.add(task)
                        task.add_done_callback(self._tasks.discard)
                    await self.clock.wait(self._next_retry(), self.updates.arrived)
            finally:
                for task in self._tasks:
                    task.cancel()
                await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def in_flight(self) -> int:
        """How many updates are on their way."""
        return len(self._tasks)

    def _due(self) -> list[Update]:
        if not self.webhook.url:
            return []
        now, room = self.clock.now(), self.webhook.max_connections - len(self._tasks)
        due: dict[str, Update] = {}
        fault = self.faults.strike_receiving("reorder") if len(self.updates.pending) > 1 else None
        waiting = reversed(self.updates.pending) if fault else self.updates.pending
        for update in waiting:
            lane = self._lanes.setdefault(update.lane, _Lane())
            ready = lane.not_before is None or lane.not_before <= now
            if len(due) < room and update.lane not in due and not lane.busy and ready:
                due[update.lane] = update
        return list(due.values())

    def _next_retry(self) -> datetime | None:
        if not self.webhook.url:
            return None
        lanes = {update.lane for update in self.updates.pending}
        pauses = [self._lanes[n].not_before for n in lanes if n in self._lanes and not self._lanes[n].busy]
        return min((at for at in pauses if at is not None), default=None)

    async def _post(self, http: httpx.AsyncClient, update: Update) -> None:
        lane = self._lanes[update.lane]
        secret = self.webhook.secret_token
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
        try:
            answer = await http.post(self.webhook.url, json=update.as_json(), headers=headers)
            if answer.is_success:
                self._taken(lane, update)
                await self.execute(_as_request(answer))
            else:
                words = f"Wrong response from the webhook: {answer.status_code} {answer.reason_phrase}"
                self._failed(lane, words)
        except httpx.HTTPError as error:
            self._failed(lane, str(error) or type(error).__name__)
        finally:
            lane.busy = False
            self.updates.arrived.set()

    def _taken(self, lane: _Lane, update: Update) -> None:
        lane.failures, lane.not_before = 0, None
        if update.id not in self._repeated and self.faults.strike_receiving("duplicate"):
            self._repeated.add(update.id)  # it stays pending, so it is posted once more
        else:
            self.updates.confirm(update.id)

    def _failed(self, lane: _Lane, words: str) -> None:
        """The first retry comes at once, then the pause doubles up to a minute."""
        pause = 0.0 if lane.failures == 0 else min(FIRST_PAUSE * 2 ** (lane.failures - 1), LONGEST_PAUSE)
        lane.failures += 1
        now = self.clock.now()
        lane.not_before = now + timedelta(seconds=pause)
        self.webhook.last_error, self.webhook.last_error_at = words, now


def _as_request(answer: httpx.Response) -> Request:
    """The webhook's answer, read like a call: JSON, form or multipart."""
    content = answer.content

    async def receive() -> AsgiMessage:
        return {"type": "http.request", "body": content, "more_body": False}

    heads = [(name.lower(), value) for name, value in answer.headers.raw]
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "query_string": b"",
        "headers": heads,
    }
    return Request(scope, receive)


def info(webhook: Webhook, pending: int, allowed: list[str]) -> Json:
    """A `WebhookInfo`."""
    told: Json = {"url": webhook.url, "has_custom_certificate": False, "pending_update_count": pending}
    if webhook.url:
        told["max_connections"] = webhook.max_connections
        told["ip_address"] = webhook.ip_address or "127.0.0.1"
    if allowed:
        told["allowed_updates"] = allowed
    if webhook.last_error_at is not None:
        told["last_error_date"] = int(webhook.last_error_at.timestamp())
        told["last_error_message"] = webhook.last_error
    return told
