"""What the page is told as it happens, and the journal of every call."""

import asyncio
from collections import deque
from dataclasses import asdict, dataclass, field
from datetime import datetime

from tgbot.simulator.clock_port import JsonObject

KEPT_CALLS = 20_000
_QUEUE = 2_000

WorldEvent = tuple[int, str, JsonObject]
"""Its number, counted from 1; its kind; its content."""


class Events:
    """Whoever listens gets everything from now on; a listener that falls far behind is sent away.

    `last` is the number of the latest event: whoever is told the state as of then knows which came after it.
    """

    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[WorldEvent | None]] = set()
        self.last = 0

    def publish(self, kind: str, content: JsonObject) -> None:
        """Tell every listener."""
        self.last += 1
        for queue in list(self._listeners):
            if queue.qsize() < _QUEUE:
                queue.put_nowait((self.last, kind, content))
            else:
                self.unsubscribe(queue)
                queue.put_nowait(None)

    @property
    def heard(self) -> bool:
        """Whether anybody listens; when nobody does, nothing need be prepared."""
        return bool(self._listeners)

    def subscribe(self) -> asyncio.Queue[WorldEvent | None]:
        """A queue of events; None means that it is over."""
        queue: asyncio.Queue[WorldEvent | None] = asyncio.Queue()
        self._listeners.add(queue)
        return queue

    def unsubscribe(self, queue: asyncio.Queue[WorldEvent | None]) -> None:
        """Send it nothing more."""
        self._listeners.discard(queue)

    def close(self) -> None:
        """Send everybody away."""
        for queue in self._listeners:
            queue.put_nowait(None)
        self._listeners.clear()


@dataclass
class Call:
    """One call of the Bot API, as it came and as it was answered."""

    number: int
    at: datetime
    method: str
    parameters: JsonObject
    files: dict[str, str] = field(default_factory=dict)  # parameter → file name
    status: int = 0  # 0: not answered (yet, or cut off)
    answer: JsonObject = field(default_factory=dict)
    fault: str | None = None

    def as_json(self) -> JsonObject:
        """For the control API."""
        return {**asdict(self), "at": self.at.isoformat()}


class Journal:
    """The last calls, oldest first; in lean mode it keeps none."""

    def __init__(self, events: Events, *, lean: bool) -> None:
        self._events = events
        self._lean = lean
        self.count = 0
        self.calls: deque[Call] = deque(maxlen=KEPT_CALLS)

    def begin(self, at: datetime, method: str, parameters: JsonObject, files: dict[str, str]) -> Call:
        """Note that a call came in."""
        self.count += 1
        call = Call(self.count, at, method, parameters, files)
        if not self._lean:
            self.calls.append(call)
        return call

    def end(self, call: Call, status: int, answer: JsonObject) -> None:
        """Note how it was answered."""
        call.status, call.answer = status, answer
        if self._events.heard and not self._lean:
            self._events.publish("call", call.as_json())
