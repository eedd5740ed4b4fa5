"""Updates that wait for getUpdates, by Telegram's rules: an offset confirms what is below it, at most a
hundred come at once, and the same ones come again until they are confirmed."""

import asyncio
from collections import deque
from collections.abc import Callable
from itertools import islice
from time import monotonic

MOST = 100
Reply = Callable[[bytes], None]

CONFLICT = (
    b'{"ok":false,"error_code":409,"description":"Conflict: terminated by other getUpdates request; '
    b'make sure that only one bot instance is running"}'
)


class Queue:
    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._pending: deque[tuple[int, bytes]] = deque()
        self._waiting: tuple[int, Reply, asyncio.TimerHandle] | None = None
        self._asked: tuple[int, float] = (-1, 0.0)
        self._due = False

    def __len__(self) -> int:
        return len(self._pending)

    def add(self, number: int, update: bytes) -> None:
        """Hand this out from now on. What comes within one turn of the loop is handed out together."""
        self._pending.append((number, update))
        if self._waiting and not self._due:
            self._due = True
            asyncio.get_running_loop().call_soon(self._give)

    def clear(self) -> None:
        self._pending.clear()

    def poll(self, offset: int, limit: int, seconds: float, reply: Reply) -> None:
        """One getUpdates. A newer one ends the older; whoever repeats an offset within half a second is shown
        one update, within three he waits three, as on Telegram."""
        since = self._now() - self._asked[1] if offset == self._asked[0] else 3.0
        self._asked = (offset, self._now())
        while self._pending and self._pending[0][0] < offset:
            self._pending.popleft()
        if self._waiting:
            self._end(CONFLICT)
        limit = 1 if since < 0.5 else min(max(limit, 1), MOST)
        seconds = max(seconds, 3.0) if since < 3.0 else seconds
        if self._pending or not seconds:
            reply(self._some(limit))
        else:
            timer = asyncio.get_running_loop().call_later(seconds, self._give)
            self._waiting = (limit, reply, timer)

    def _some(self, limit: int) -> bytes:
        return b'{"ok":true,"result":[%b]}' % b",".join(update for _, update in islice(self._pending, limit))

    def _give(self) -> None:
        self._due = False
        if self._waiting:
            self._end(self._some(self._waiting[0]))

    def _end(self, answer: bytes) -> None:
        assert self._waiting
        _, reply, timer = self._waiting
        timer.cancel()
        self._waiting = None
        reply(answer)
