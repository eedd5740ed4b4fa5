"""A small pack in Spanish: a second language that the bot can read, for as long as nobody has written one."""

import shutil
from pathlib import Path

from tgbot.settings import shipped_content

OURS = Path(__file__).parents[1] / "content" / "spanish"
AS_SHIPPED = (
    "ui.yaml",
    "followup.yaml",
    "redflags.yaml",
)  # in English: what is shown is not tried here


def spanish_pack(folder: Path) -> Path:
    """The pack, in `folder`: the shipped one with its language as `es`, and what people type in Spanish."""
    root = shutil.copytree(shipped_content(), folder / "content", ignore=shutil.ignore_patterns("en"))
    shutil.copytree(OURS, root / "es")
    for file in AS_SHIPPED:
        shutil.copy(shipped_content() / "en" / file, root / "es")
    return root
