"""SQLite: one file, one writer, nothing lost."""

from tgbot.store.sqlite.connection import DatabaseError
from tgbot.store.sqlite.migrate import Migrated, migrate
from tgbot.store.sqlite.store import SqliteStore

__all__ = ["DatabaseError", "Migrated", "SqliteStore", "migrate"]
