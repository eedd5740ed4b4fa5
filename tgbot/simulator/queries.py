"""Taps and inline queries that wait for the bot's answer: each is answered once, and in time."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tgbot.simulator.clock_port import JsonObject, SimulatorClock
from tgbot.simulator.pending_updates import CALLBACK_KEPT, too_old

INLINE_KEPT = timedelta(seconds=10)


@dataclass
class Query:
    """A tap or an inline query, and what the bot said to it."""

    id: str
    person_id: int
    asked_at: datetime
    chat_id: int | None = None
    message_id: int | None = None
    inline_message_id: str | None = None
    text: str = ""
    update_id: int = 0
    answer: JsonObject | None = None


@dataclass
class Queries:
    """One kind of query."""

    clock: SimulatorClock
    kept: timedelta = CALLBACK_KEPT
    asked: dict[str, Query] = field(default_factory=dict)

    def ask(self, query: Query) -> Query:
        """Note a query."""
        self.asked[query.id] = query
        return query

    def answer(self, query_id: str, answer: JsonObject) -> Query:
        """Note the answer. Raises `Refusal` when the query is unknown, too old or already answered."""
        query = self.asked.get(query_id)
        if query is None or query.answer is not None:
            raise too_old()
        if self.clock.now() - query.asked_at > self.kept:
            raise too_old()
        query.answer = answer
        return query
