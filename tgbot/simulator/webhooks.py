"""Updates by webhook: one in flight per queue, retried until taken or expired, calls in answers executed.

The rules are those of the official server's source: docs/simulator.md, "Webhook".
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx
from starlette.requests import Request
from starlette.types import Message as AsgiMessage

from tgbot.simulator.clock_port import JsonObject, SimulatorClock
from tgbot.simulator.faults import Faults
from tgbot.simulator.pending_updates import PendingUpdate, Updates, kept

FIRST_PAUSE = 1.0  # seconds, after the retry that comes at once
LONGEST_PAUSE = 60.0  # and up to twice that
LONGEST_RETRY_AFTER = 3_600
TIMEOUT = 60.0
LOADED_PER_CONNECTION = 2  # queues that are looked at; while all of them fail, nobody else is served
NO_SUCCESS = timedelta(seconds=10)  # after so long there is one connection
GONE_FOR_GOOD = timedelta(hours=23)  # of 410s

Execute = Callable[[Request], Awaitable[None]]


@dataclass
class WebhookQueue:
    """Where updates are to be posted; without a url they are polled."""

    url: str = ""
    secret_token: str = ""
    max_connections: int = 40
    ip_address: str = ""
    set_at: datetime | None = None
    last_error_at: datetime | None = None
    last_error: str = ""
    version: int = 0  # grows with every change: what is in flight then comes again

    def same(self, url: str, secret_token: str, max_connections: int, ip_address: str) -> bool:
        """Whether setting this would change nothing."""
        mine = (self.url, self.secret_token, self.max_connections, self.ip_address)
        return mine == (url, secret_token, max_connections, ip_address)


@dataclass
class _DeliveryLane:
    """What has to come one after the other: a chat's messages, a person's taps."""

    busy: bool = False
    failures: int = 0
    not_before: datetime | None = None


@dataclass
class Poster:
    """Posts what is pending to the webhook. `execute` runs the call that an answer may carry."""

    clock: SimulatorClock
    updates: Updates
    webhook: WebhookQueue
    faults: Faults
    execute: Execute
    _lanes: dict[str, _DeliveryLane] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _repeated: set[int] = field(default_factory=set)
    _version: int = 0
    _failing_since: datetime | None = None
    _gone_since: datetime | None = None

    async def run(self) -> None:
        """Post until cancelled."""
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=100)
        plain = httpx.AsyncHTTPTransport(verify=False, limits=limits)  # the bot's own certificate is fine
        async with httpx.AsyncClient(transport=plain, timeout=TIMEOUT) as http:
            try:
                while True:
                    self.updates.arrived.clear()
                    self.updates.expire()
                    self._reload()
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

    def _reload(self) -> None:
        """After a change everything is looked at anew: what is in flight comes a second time."""
        if self._version != self.webhook.version:
            self._version = self.webhook.version
            self._lanes.clear()
            self._failing_since = self._gone_since = None

    def _due(self) -> list[PendingUpdate]:
        if not self.webhook.url:
            return []
        now, room = self.clock.now(), self._room()
        due: dict[str, PendingUpdate] = {}
        fault = self.faults.strike_receiving("reorder") if len(self.updates.pending) > 1 else None
        waiting = reversed(self.updates.pending) if fault else self.updates.pending
        loaded = self._loaded()
        for update in waiting:
            lane = loaded.get(update.lane)
            if lane is None:
                continue
            ready = lane.not_before is None or lane.not_before <= now
            if len(due) < room and update.lane not in due and not lane.busy and ready:
                due[update.lane] = update
        return list(due.values())

    def _room(self) -> int:
        """How many more may be in flight."""
        failing = self._failing_since
        long = failing is not None and self.clock.now() - failing >= NO_SUCCESS
        connections = 1 if long else self.webhook.max_connections
        return connections - sum(lane.busy for lane in self._lanes.values())

    def _loaded(self) -> dict[str, _DeliveryLane]:
        """The queues that are served: those that were, as long as they hold anything, then the oldest."""
        names = dict.fromkeys(update.lane for update in self.updates.pending)
        kept = {name: lane for name, lane in self._lanes.items() if name in names or lane.busy}
        for name in names:
            if len(kept) >= LOADED_PER_CONNECTION * self.webhook.max_connections:
                break
            kept.setdefault(name, _DeliveryLane())
        self._lanes = kept
        return kept

    def _next_retry(self) -> datetime | None:
        if not self.webhook.url:
            return None
        waiting = [update.at + kept(update) for update in self.updates.pending]
        pauses = [lane.not_before for lane in self._lanes.values() if not lane.busy and self._room() > 0]
        return min((at for at in [*pauses, *waiting] if at is not None), default=None)

    async def _post(self, http: httpx.AsyncClient, update: PendingUpdate) -> None:
        lane, version = self._lanes[update.lane], self._version
        secret = self.webhook.secret_token
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
        try:
            answer = await http.post(self.webhook.url, json=update.as_json(), headers=headers)
            if answer.is_success:
                self._taken(lane, update, version)
                await self.execute(_as_request(answer))
            else:
                words = f"Wrong response from the webhook: {answer.status_code} {answer.reason_phrase}"
                self._failed(lane, update, words, _retry_after(answer))
                self._count_gone(answer.status_code)
        except httpx.HTTPError as error:
            self._failed(lane, update, str(error) or type(error).__name__, 0)
        finally:
            lane.busy = False
            self.updates.arrived.set()

    def _taken(self, lane: _DeliveryLane, update: PendingUpdate, version: int) -> None:
        lane.failures, lane.not_before = 0, None
        self._failing_since = self._gone_since = None
        if version != self.webhook.version:
            return  # it was on its way when the webhook was changed: it comes again
        if update.id not in self._repeated and self.faults.strike_receiving("duplicate"):
            self._repeated.add(update.id)  # it stays pending, so it is posted once more
        else:
            self.updates.confirm(update.id)

    def _failed(self, lane: _DeliveryLane, update: PendingUpdate, words: str, retry_after: float) -> None:
        """The first retry comes at once, then the pause doubles, up to one to two minutes."""
        longest = LONGEST_PAUSE + update.id % (LONGEST_PAUSE + 1)  # any of them, and the same in every run
        pause = 0.0 if lane.failures == 0 else min(FIRST_PAUSE * 2 ** (lane.failures - 1), longest)
        lane.failures += 1
        now = self.clock.now()
        lane.not_before = now + timedelta(seconds=max(pause, retry_after))
        self._failing_since = self._failing_since or now
        self.webhook.last_error, self.webhook.last_error_at = words, now

    def _count_gone(self, status: int) -> None:
        """410 for long enough ends the webhook."""
        now = self.clock.now()
        self._gone_since = (self._gone_since or now) if status == httpx.codes.GONE else None
        if self._gone_since is not None and now - self._gone_since >= GONE_FOR_GOOD:
            self.webhook.url = ""


def _retry_after(answer: httpx.Response) -> float:
    """The pause that the bot asks for, in seconds."""
    asked = answer.headers.get("retry-after", "")
    return min(int(asked), LONGEST_RETRY_AFTER) if asked.isdecimal() else 0


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


def info(webhook: WebhookQueue, pending: int, allowed: list[str]) -> JsonObject:
    """A `WebhookInfo`."""
    told: JsonObject = {"url": webhook.url, "has_custom_certificate": False, "pending_update_count": pending}
    if webhook.url:
        told["max_connections"] = webhook.max_connections
        told["ip_address"] = webhook.ip_address or "127.0.0.1"
    if allowed:
        told["allowed_updates"] = allowed
    if webhook.last_error_at is not None:
        told["last_error_date"] = int(webhook.last_error_at.timestamp())
        told["last_error_message"] = webhook.last_error
    return told
