"""The whole pack: words, plan and finder – or everything that is wrong in any of its files, at once."""

from dataclasses import dataclass
from pathlib import Path

from tgbot.content import ContentPack
from tgbot.finder.finding import Index
from tgbot.followup.protocol import Protocol
from tgbot.packs import finder_files as finder
from tgbot.packs.folder import Folder
from tgbot.packs.loader import RED_FLAGS, Opened, load, open_pack
from tgbot.packs.pack_errors import PackErrors, Problem
from tgbot.packs.protocol_file import load_follow_up, read_follow_up


@dataclass(frozen=True, slots=True)
class Whole:
    """Everything that a bot needs of its pack."""

    pack: ContentPack
    protocol: Protocol
    index: Index


def load_whole(root: Path, locale: str = "en") -> Whole:
    """The pack in `root`, in one language. Raises PackErrors with the problems of all its files."""
    try:
        pack, protocol = load_follow_up(root, load(root, locale))
        return Whole(pack, protocol, finder.load(root, pack))
    except PackErrors as errors:
        raise PackErrors([*errors.problems, *survey(root, locale)[1]]) from None


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
        finder.read_files(folder, locale, answers, signs)
    return opened, PackErrors(folder.problems).problems
