"""A pack of one's own: the shipped one, copied without signatures."""

import shutil
from pathlib import Path

from tgbot.errors import BackcheckError
from tgbot.packs.review.signatures import FILE
from tgbot.packs.review.signing import SIGNED


class FolderTakenError(BackcheckError):
    """There is something already where the pack should go."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} is there already, and nothing in it is overwritten: name a new folder.")


def copy_pack(shipped: Path, folder: Path) -> None:
    """Copy the pack in `shipped` to `folder`, which must not exist. Raises FolderTakenError."""
    if folder.exists():
        raise FolderTakenError(folder)
    shutil.copytree(shipped, folder, ignore=shutil.ignore_patterns(FILE, SIGNED))
