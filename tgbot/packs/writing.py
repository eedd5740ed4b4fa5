"""Writing a file of the pack: it is the old one or the new one, whatever happens in between."""

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all, in an older one's place, with its mode and owner. Raises OSError."""
    target = path.resolve()  # what a link leads to, and not the link
    handle, name = tempfile.mkstemp(prefix=f"{target.name}.", suffix=".unfinished", dir=target.parent)
    fresh = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, fresh)
            with suppress(
                PermissionError, AttributeError
            ):  # only root gives files away; Windows has no owners
                os.chown(fresh, target.stat().st_uid, target.stat().st_gid)
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)
