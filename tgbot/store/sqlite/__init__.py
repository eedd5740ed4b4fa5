"""SQLite: one file, one writer, nothing lost."""

from tgbot.store.sqlite.migrate import migrate
from tgbot.store.sqlite.store import SqliteStore

__all__ = ["SqliteStore", "migrate"]
