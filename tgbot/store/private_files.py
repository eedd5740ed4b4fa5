"""Files with people's data belong to the bot's user alone: mode 0600, whatever the umask says.

A command that root runs beside a bot with a user of its own, as under systemd, makes them that user's:
a database that was restored by root could not be opened otherwise.
"""

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

OWNER_ONLY = 0o600
_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
UMASK = 0o077  # of the whole process: nothing that it makes is for others


def make_private(path: Path) -> None:
    """Make an empty file for its owner alone, unless there is one already. Raises OSError.

    Root makes it the folder's owner's. SQLite gives its log and its index the mode of the database, so the
    first file decides for all three.
    """
    try:
        made = os.open(path, _NEW, OWNER_ONLY)
    except FileExistsError:
        return
    try:
        _hand_over(made, path.parent)
    finally:
        os.close(made)


def write_private(path: Path, text: str, owned_like: Path | None = None) -> None:
    """Write a file whole or not at all, for its owner alone, in an older one's place. Raises OSError."""
    fresh = new_beside(path, owned_like)
    _fill(os.open(fresh, os.O_WRONLY), text.encode())
    fresh.replace(path)


def write_new(path: Path, content: bytes) -> None:
    """Write a file that must not be there yet, for its owner alone. Raises OSError."""
    _fill(os.open(path, _NEW, OWNER_ONLY), content)


def _fill(descriptor: int, content: bytes) -> None:
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def new_beside(target: Path, owned_like: Path | None = None) -> Path:
    """A new empty file beside `target`, under a name that nobody can have planted. Raises OSError.

    When root makes it, it belongs to whoever owns `owned_like`; to root when that is not given.
    """
    handle, name = tempfile.mkstemp(prefix=f"{target.name}.", suffix=".unfinished", dir=target.parent)
    try:
        if owned_like:
            _hand_over(handle, owned_like)
    finally:
        os.close(handle)
    return Path(name)


def _hand_over(descriptor: int, to_owner_of: Path) -> None:
    """By its descriptor, as a name could have been exchanged. Only root can give files away, and what is not
    there yet belongs to nobody."""
    if os.name != "posix" or os.geteuid() != 0:
        return
    with suppress(FileNotFoundError):
        owner = to_owner_of.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)


def open_to_others(*paths: Path) -> list[Path]:
    """Those of the files that somebody else than their owner may read or write. Windows has no such mode."""
    if os.name != "posix":
        return []
    return [path for path in paths if path.is_file() and stat.S_IMODE(path.stat().st_mode) & 0o077]
