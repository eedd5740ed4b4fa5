"""A hammer: what goes wrong on purpose, call by call (docs/simulator.md, "Faults").

Faults wait in a list. A call is hit by the first one that fits it; one that struck often enough goes away.
"""

from dataclasses import asdict, dataclass, field
from typing import Literal

from tgbot.simulator.clock_port import JsonObject

FaultKind = Literal[
    "delay_before",  # `seconds` before anything happens
    "delay_after",  # it happens, the answer comes `seconds` later
    "too_many",  # 429, `retry_after` = `seconds`
    "status",  # `status` with Telegram's JSON; nothing happens
    "status_after",  # it happens, the answer is `status` all the same
    "cut_before",  # the connection is cut, nothing happens
    "cut_after",  # it happens, then the connection is cut without an answer
    "malformed",  # it happens, the answer is 200 with half a JSON
    "slow_body",  # it happens, the answer's body dribbles over `seconds`
    "duplicate",  # getUpdates hands every update out twice
    "reorder",  # getUpdates hands the updates out in reverse
]
RECEIVING = {"duplicate", "reorder"}


@dataclass
class Fault:
    """One thing that goes wrong. `method` "*" is every call but getUpdates; `times` None is for ever."""

    kind: FaultKind
    method: str = "*"
    chat_id: int | None = None
    times: int | None = 1
    skip: int = 0  # let so many fitting calls pass first
    seconds: float = 0
    status: int = 500
    number: int = 0
    struck: int = 0

    def fits(self, method: str, chat_id: str | None) -> bool:
        """Whether it is meant for this call."""
        if self.kind in RECEIVING:
            return method == "getUpdates"
        named = self.method.lower() == method.lower() or (self.method == "*" and method != "getUpdates")
        return named and (self.chat_id is None or str(self.chat_id) == chat_id)


@dataclass
class Faults:
    """The faults that wait."""

    waiting: list[Fault] = field(default_factory=list)
    _count: int = 0

    def add(self, fault: Fault) -> Fault:
        """Let it wait for its call."""
        self._count += 1
        fault.number = self._count
        self.waiting.append(fault)
        return fault

    def remove(self, number: int | None = None) -> None:
        """Take one away, or all."""
        self.waiting = [f for f in self.waiting if number is not None and f.number != number]

    def strike(self, method: str, chat_id: str | None) -> Fault | None:
        """The fault that hits this call, if one does."""
        for fault in self.waiting:
            if not fault.fits(method, chat_id):
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            fault.struck += 1
            if fault.times is not None and fault.struck >= fault.times:
                self.waiting.remove(fault)
            return fault
        return None

    def strike_receiving(self, kind: FaultKind) -> Fault | None:
        """The fault of this kind that hits the next delivery by webhook, if one waits."""
        if not any(fault.kind == kind for fault in self.waiting):
            return None
        others = [fault for fault in self.waiting if fault.kind in RECEIVING and fault.kind != kind]
        self.waiting = [fault for fault in self.waiting if fault not in others]
        struck = self.strike("getUpdates", None)
        self.waiting += others
        return struck

    def as_json(self) -> list[JsonObject]:
        """For the control API."""
        return [asdict(fault) for fault in self.waiting]
