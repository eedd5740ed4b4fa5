"""The mock itself: people who tap, the methods that bots call, and a count of everything.

Every tap wants one answerCallbackQuery and one editMessageText with the right screen; anything else is a
mistake and is counted as one. A person has one open tap at most, so an edit's chat says which tap it is for.
"""

import asyncio
import json
import re
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from benchmarks.mock.queue import Queue, Reply
from benchmarks.mock.scenario import Report, Scenario, percentiles
from benchmarks.mock.screens import FIRST_PERSON, Shown

# Whatever a library sends – a query, a form, parts or JSON –, a number is found without parsing it.
_NUMBER = rb'\b%b"?(?:=|\s*:\s*"?|\r\n\r\n)(\d+)'
_QUERY = re.compile(_NUMBER % b"callback_query_id")
_CHAT = re.compile(_NUMBER % b"chat_id")
_TRUE = b'{"ok":true,"result":true}'
_ME = (
    b'{"ok":true,"result":{"id":1,"is_bot":true,"first_name":"Backcheck","username":"backcheck_bot",'
    b'"can_join_groups":true,"can_read_all_group_messages":false,"supports_inline_queries":true}}'
)
_NO_WORDS = b'{"ok":true,"result":{"description":"","short_description":""}}'


@dataclass(slots=True)
class Tap:
    number: int
    person: int
    shown: Shown
    at: float
    answered: bool = False
    edited: bool = False


class Mock:
    def __init__(self, screens: Mapping[str, Shown]) -> None:
        self._screens = screens
        self._queue = Queue()
        self._number = 0  # of the last update
        self._scenario, self._report = Scenario(), Report()
        self._cycle: list[Shown] = []
        self._turn = 0  # whose tap is next
        self._taps: dict[int, Tap] = {}
        self._people: dict[int, Tap] = {}
        self._took: list[float] = []
        self._written: set[int] = set()
        self._mistakes: Counter[str] = Counter()
        self._began = self._busy = self._last = 0.0
        self._over = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._methods: dict[bytes, Callable[[bytes, Reply], None]] = {
            b"getupdates": self._get_updates,
            b"answercallbackquery": self._answer,
            b"editmessagetext": self._edit,
            b"sendmessage": self._send,
            b"getme": lambda _, reply: reply(_ME),
            b"getmydescription": lambda _, reply: reply(_NO_WORDS),
            b"getmyshortdescription": lambda _, reply: reply(_NO_WORDS),
        }

    @property
    def round_trip(self) -> float:
        return self._scenario.round_trip

    def begin(self, scenario: Scenario) -> None:
        """Forget the scenario before, over or not, and start this one."""
        if self._running:
            self._running.cancel()
        self._queue.clear()
        self._taps.clear()
        self._people.clear()
        self._written.clear()
        self._mistakes.clear()
        self._took.clear()
        self._scenario, self._report, self._turn = scenario, Report(), 0
        names = scenario.data or list(self._screens)[:2]
        self._cycle = [self._screens[name] for name in names]
        self._began = self._last = time.perf_counter()
        self._busy = time.process_time()
        self._over = asyncio.Event()
        self._running = asyncio.create_task(self._run())

    async def report(self) -> Report:
        """What became of the scenario, when it is over."""
        await self._over.wait()
        return self._report

    async def _run(self) -> None:
        scenario = self._scenario
        if scenario.sends:
            await self._until(lambda: self._report.sent >= scenario.sends, scenario.seconds)
        else:
            if not scenario.per_second:
                for _ in range(scenario.waiting):
                    self._tap(self._began)
            await self._while_they_tap()
        self._conclude()

    async def _while_they_tap(self) -> None:
        scenario, report = self._scenario, self._report
        end = self._began + scenario.seconds
        instants = deque(self._began + instant for instant in scenario.instants())
        while (now := time.perf_counter()) < end and self._more():
            self._tap_until(now, instants)
            await asyncio.sleep(0.001 if scenario.per_second else 0.01)
        self._tap_until(end, instants)
        report.seconds = (self._last if scenario.total else time.perf_counter()) - self._began
        report.in_time = len(self._took)
        self._scenario = Scenario(round_trip=scenario.round_trip)  # nobody taps again
        await self._until(lambda: not self._taps, scenario.patience)

    def _tap_until(self, now: float, instants: deque[float]) -> None:
        while instants and instants[0] <= now:
            self._tap(instants.popleft())

    def _more(self) -> bool:
        """Whether the taps go on: a whole number of them is over when it has been answered."""
        total = self._scenario.total
        return total is None or len(self._took) < total

    @staticmethod
    async def _until(done: Callable[[], bool], seconds: float) -> None:
        end = time.perf_counter() + seconds
        while not done() and time.perf_counter() < end:  # noqa: ASYNC110 – an event costs more on the hot path
            await asyncio.sleep(0.005)

    def _conclude(self) -> None:
        report = self._report
        report.unanswered, report.mistakes = len(self._taps), dict(self._mistakes)
        report.p50, report.p99 = percentiles(self._took)
        report.drained, report.busy = self._last - self._began, time.process_time() - self._busy
        self._scenario = Scenario(round_trip=self._scenario.round_trip)
        self._over.set()

    def _tap(self, at: float) -> None:
        scenario, report = self._scenario, self._report
        if scenario.total is not None and report.taps >= scenario.total:
            return
        person = FIRST_PERSON + scenario.first + self._turn % scenario.people
        shown = self._cycle[(self._turn // scenario.people + self._turn) % len(self._cycle)]
        self._turn += 1
        self._number += 1
        report.taps += 1
        tap = Tap(self._number, person, shown, at)
        if self._people.setdefault(person, tap) is not tap:
            self._mistakes["more taps than people"] += 1  # the scenario's own fault
        self._taps[tap.number] = tap
        self._queue.add(tap.number, shown.update(tap.number, person))

    def _step(self, tap: Tap) -> None:
        if not (tap.answered and tap.edited):
            return
        self._last = time.perf_counter()
        self._took.append(self._last - tap.at)
        del self._taps[tap.number], self._people[tap.person]
        if self._scenario.again:
            self._tap(self._last)

    def call(self, url: bytes, body: bytes, reply: Reply) -> None:
        """One call of a bot. Everything unknown is true."""
        path, _, query = url.partition(b"?")
        self._report.calls += 1
        method = self._methods.get(path.rpartition(b"/")[2].lower())
        if method is None:
            reply(_TRUE)
        else:
            method(query + b"&" + body if query else body, reply)

    def _get_updates(self, asked: bytes, reply: Reply) -> None:
        wanted = parameters(asked)
        self._queue.poll(
            int(wanted.get("offset") or 0),
            int(wanted.get("limit") or 100),
            float(wanted.get("timeout") or 0),
            reply,
        )

    def _answer(self, asked: bytes, reply: Reply) -> None:
        reply(_TRUE)
        tap = self._taps.get(_number(_QUERY, asked))
        if tap is None or tap.answered:
            self._mistakes["answered twice"] += 1
            return
        tap.answered = True
        self._step(tap)

    def _edit(self, asked: bytes, reply: Reply) -> None:
        tap = self._people.get(_number(_CHAT, asked))
        if tap is None or tap.edited:
            self._mistakes["edited twice"] += 1
            reply(_TRUE)
            return
        if tap.shown.marker not in asked:
            self._mistakes["another screen"] += 1
        reply(tap.shown.message(tap.person))
        tap.edited = True
        self._step(tap)

    def _send(self, asked: bytes, reply: Reply) -> None:
        chat, report = _number(_CHAT, asked), self._report
        now = time.perf_counter()
        if not report.sent:
            self._began = now
        if chat in self._written:
            self._mistakes["sent twice"] += 1
        self._written.add(chat)
        report.sent += 1
        report.seconds = now - self._began
        reply(self._cycle[0].message(chat))


def _number(pattern: re.Pattern[bytes], asked: bytes) -> int:
    found = pattern.search(asked)
    return int(found[1]) if found else 0


def parameters(asked: bytes) -> dict[str, str]:
    """Of getUpdates, which is asked by a query, a form or JSON."""
    query, brace, rest = asked.partition(b"{")
    if brace and not query.strip(b"&"):
        return {name: str(value) for name, value in json.loads(brace + rest).items()}
    return dict(parse_qsl(asked.decode()))
