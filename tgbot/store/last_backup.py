"""When a database was last copied by `backcheck backup`: in a file beside it, as there is one writer.

It holds an instant and nothing else. What copies the database by other means leaves no trace here.
"""

from datetime import datetime
from pathlib import Path

from tgbot.store.private_files import write_private


def _mark_of(database: Path) -> Path:
    return database.with_name(f"{database.name}.last-backup")


def note_backup(database: Path, at: datetime) -> None:
    """Write down that there is a whole copy as of now. Raises OSError."""
    write_private(_mark_of(database), f"{at.isoformat()}\n", owned_like=database)


def last_backup(database: Path) -> datetime | None:
    """The last one's instant; None when none was made, or nobody can tell."""
    try:
        return datetime.fromisoformat(_mark_of(database).read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        return None
