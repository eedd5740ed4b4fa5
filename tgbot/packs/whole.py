"""The whole pack: words, plan and finder – or everything that is wrong in any of its files, at once. Run as a
program it reads one for a running bot, which may go on meanwhile.
"""

import os

if __name__ == "__main__" and hasattr(os, "nice"):
    os.nice(10)  # before anything large is imported

import asyncio
import json
import shutil
import sys
import traceback
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from tgbot.content import ContentPack
from tgbot.errors import BackcheckError
from tgbot.finder.finding import Index
from tgbot.followup.protocol import Protocol
from tgbot.packs import finder_index
from tgbot.packs.finder_files import read_files
from tgbot.packs.foreign_files import recogniser
from tgbot.packs.loader import RED_FLAGS, Opened, open_pack
from tgbot.packs.protocol_file import load_follow_up, read_follow_up
from tgbot.packs.review_items import items, read
from tgbot.packs.signatures import FILE, SIGNED, of_pack, reviews
from tgbot.packs.yaml_files import Folder, PackErrors, Problem


@dataclass(frozen=True, slots=True)
class Whole:
    """Everything that a bot needs of its pack."""

    pack: ContentPack
    protocol: Protocol
    index: Index


def load_whole(root: Path, locale: str = "en", say: finder_index.Say = lambda _: None) -> Whole:
    """The pack in `root`, in one language. Raises PackErrors with the problems of all its files.

    `say` is told before what may take twenty seconds of a processor: learning.
    """
    try:
        opened = open_pack(root, locale)
        pack, protocol = load_follow_up(root, _reviewed(root, opened))
        return Whole(pack, protocol, with_foreign(root, pack, finder_index.load(root, pack, say)))
    except PackErrors as errors:
        raise PackErrors([*errors.problems, *survey(root, locale)[1]]) from None


def with_foreign(root: Path, pack: ContentPack, index: Index) -> Index:
    """The index that also tells other languages."""
    return replace(index, recognise=recogniser(root, pack, index.reader))


def _reviewed(root: Path, opened: Opened) -> ContentPack:
    """The pack with what its signatures are worth. A pack that nobody signed is not read for them."""
    signed = of_pack(root)
    if not signed:
        return opened.pack
    every = items(read(root, opened.pack.locale, opened))
    found = reviews(signed, every, opened.about.value.signatures_needed)
    return replace(opened.pack, reviews=MappingProxyType(found))


def survey(root: Path, locale: str) -> tuple[Opened | None, tuple[Problem, ...]]:
    """The pack's words if they can be opened, and what keeps the bot from working in any file of the pack.

    A file that cannot be read is told once, and not held against those that name what is in it.
    """
    folder, opened = Folder(root), None
    try:
        opened = open_pack(root, locale)
    except PackErrors as errors:
        folder.problems.extend(errors.problems)
    if (root / locale).is_dir():
        sheet = folder.sheet(f"{locale}/redflags.yaml", RED_FLAGS)
        signs = {sign.id: sign for sign in sheet.value.signs} if sheet else None
        read_follow_up(folder, locale, signs)
        answers = [path.stem for path in (root / locale / "answers").glob("*.yaml")]
        read_files(folder, locale, answers, signs)
    return opened, PackErrors(folder.problems).problems


_BROKEN = 3  # the exit code for a pack that cannot be used


async def examine(root: Path) -> None:
    """Read the pack in a process of its own, before a running bot takes it up.

    What takes long – twenty seconds of learning, and telling everything that is wrong with a broken pack –
    would hold the interpreter's lock in a thread, and everybody who taps would wait. The process gives way to
    the bot on one core, keeps what it learned where the bot finds it, and leaves nothing in memory.

    Raises BackcheckError with every problem of the pack, a mistake of ours in reading it included. A process
    that cannot be started, or is killed, is none: whoever reads the pack next sees.
    """
    command = (sys.executable, "-m", "tgbot.packs.whole", str(root))
    try:
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    except OSError:
        return
    try:
        said, _ = await process.communicate()
    except BaseException:
        if process.returncode is None:
            process.kill()
        await process.wait()
        raise
    if process.returncode == _BROKEN:
        raise BackcheckError(*json.loads(said))


def report(root: Path) -> int:
    """In that process: problems as JSON on standard output."""
    try:
        load_whole(root)
    except BackcheckError as error:
        json.dump(error.sentences, sys.stdout)
    except Exception as error:  # noqa: BLE001 – whatever it is, a bot that runs must not take this pack up
        traceback.print_exc()
        json.dump([not_read(error)], sys.stdout)
    else:
        return 0
    return _BROKEN


def not_read(error: Exception) -> str:
    """What is told of a mistake of ours, met in a pack; the log has the rest."""
    return f"The pack cannot be read ({type(error).__name__}: {error}). Please report this."


class FolderTakenError(BackcheckError):
    """There is something already where the pack should go."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} is there already, and nothing in it is overwritten: name a new folder.")


def copy_pack(shipped: Path, folder: Path) -> None:
    """Copy the pack in `shipped` to `folder`, which must not exist. Raises FolderTakenError."""
    if folder.exists():
        raise FolderTakenError(folder)
    shutil.copytree(shipped, folder, ignore=shutil.ignore_patterns(FILE, SIGNED))


if __name__ == "__main__":
    sys.exit(report(Path(sys.argv[1])))
