"""What happened how often, for the operator: read beside the running bot, with small numbers hidden."""

import sqlite3
from datetime import date
from pathlib import Path

from tgbot.store.sqlite.connection import DatabaseError, read_only

FEWEST = 5  # below this a count could point at somebody

_TALLIED = """
SELECT kind, subject, sum(times) FROM tally WHERE day >= ?
GROUP BY kind, subject ORDER BY kind, sum(times) DESC, subject
"""


def counted(database: Path, since: date) -> dict[str, list[tuple[str, str]]]:
    """By kind, each subject and how often it happened since a day; "<5" for few. Raises DatabaseError."""
    found: dict[str, list[tuple[str, str]]] = {}
    try:
        with read_only(database) as connection:
            for kind, subject, times in connection.execute(_TALLIED, (since.isoformat(),)):
                found.setdefault(kind, []).append((subject, str(times) if times >= FEWEST else f"<{FEWEST}"))
    except sqlite3.Error as error:
        raise DatabaseError(f"The counts in {database} cannot be read: {error}.") from error
    return found
