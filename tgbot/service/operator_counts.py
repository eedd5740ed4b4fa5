"""What happened how often, for the operator. What people asked has its small numbers hidden; what became of
the planned messages has not, as every single one matters."""

from collections.abc import Mapping
from datetime import date

from tgbot.service.store_port import Store

FEWEST = 5  # below this a count could point at somebody


async def counted(store: Store, since: date) -> Mapping[str, list[tuple[str, str]]]:
    """By kind, each subject and how often it happened since a day; "<5" for few."""
    tallied = await store.operate(lambda tx: tx.operations.tallied(since))
    found: dict[str, list[tuple[str, str]]] = {}
    for (kind, subject), times in tallied.items():
        found.setdefault(kind, []).append((subject, str(times) if times >= FEWEST else f"<{FEWEST}"))
    return found
