"""SQLite: one file, one writer, nothing lost."""
