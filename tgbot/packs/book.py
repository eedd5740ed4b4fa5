"""The review book as one HTML file that needs no network, or as a PDF; and the book of what changed.

The follow-up plan is a drawing there. Its words stand beside it, so whoever cannot see it misses nothing.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from tgbot import __version__
from tgbot.errors import BackcheckError
from tgbot.followup.protocol import CLOSE, Felt, Protocol, Step
from tgbot.packs.book_entries import BookEntry, Shelf, SignView, entry, safety_file, when
from tgbot.packs.review_items import PLURAL, Item, ItemKind, ItemPart, items, read
from tgbot.packs.signatures import FILE, ROLES, Ledger, Signature, ledger, of_pack, words_signed
from tgbot.packs.whole import load_whole
from tgbot.packs.yaml_files import TEXTS, Folder

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"})
TITLES = {
    ItemKind.ANSWER: "Answers",
    ItemKind.CARD: "Cards shown for a warning sign",
    ItemKind.SIGN: "Warning signs",
    ItemKind.PLAN: "The follow-up plan",
    ItemKind.WORDS: "Every other sentence",
    ItemKind.NUMBER: "Emergency numbers by country",
    ItemKind.FOREIGN: "What is said in other languages",
    ItemKind.RULES: "How messages are read",
}
_PAGES = Environment(
    loader=PackageLoader("tgbot.packs", "pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Chapter:
    """All items of one kind."""

    kind: ItemKind
    title: str
    entries: tuple[BookEntry, ...]

    @property
    def ideas(self) -> tuple[ItemPart, ...]:
        """What the rules of these signs name, each once."""
        views = [entry.view for entry in self.entries if isinstance(entry.view, SignView)]
        found = {part.name: part for view in views for part in view.ideas}
        return tuple(found[name] for name in sorted(found))


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text that stayed, or that is only in the old or the new one."""

    text: str
    changed: bool


@dataclass(frozen=True, slots=True)
class PartChange:
    """One part of an item before and now; empty where it was not, or is not."""

    name: str
    before: tuple[Piece, ...]
    now: tuple[Piece, ...]


Earlier = Mapping[str, Sequence[ItemPart] | None]  # an item's parts as they were, or None: it is new


def book(root: Path, locale: str, today: date) -> str:
    """Everything in the pack, as HTML. Raises PackErrors."""
    return _page(root, locale, today, None, "")


def changes(root: Path, locale: str, today: date, earlier: Earlier, since: str) -> str:
    """What differs from `earlier`, old beside new; `since` says what that is. Raises PackErrors."""
    return _page(root, locale, today, earlier, since)


def _page(root: Path, locale: str, today: date, earlier: Earlier | None, since: str) -> str:
    folder, whole = Folder(root), load_whole(root, locale)
    files, found = read(root, locale), ledger(root, locale, today)
    alarms = folder.sheet(f"{locale}/alarms.yaml", TEXTS)
    folder.done()
    safety = safety_file(root)
    shelf = Shelf(files, whole, safety, alarms.value if alarms else {}, today)
    wanted = [key for key, item in found.items.items() if earlier is None or _differs(item, earlier)]
    return _PAGES.get_template("book.html").render(
        pack=whole.pack,
        program=__version__,
        scope=files.opened.about.value.scope,
        needed=files.opened.about.value.signatures_needed,
        today=today,
        locale=locale,
        direction="rtl" if locale.partition("-")[0] in RIGHT_TO_LEFT else "ltr",
        chapters=_chapters(found, wanted, shelf),
        unsigned=found.unsigned,
        problems=found.problems,
        plural=PLURAL,
        roles=ROLES,
        safety=safety,
        drawing=draw(whole.protocol),
        since=since,
        changed={} if earlier is None else {key: _compared(found.items[key], earlier) for key in wanted},
        gone=() if earlier is None else tuple(key for key in earlier if key not in found.items),
        whole=earlier is None,
    )


def _chapters(found: Ledger, wanted: Sequence[str], shelf: Shelf) -> tuple[Chapter, ...]:
    """The wanted items by kind; numbers are those of the whole book, whatever is left out."""
    chapters = []
    for kind in ItemKind:
        keys = [key for key, item in found.items.items() if item.kind is kind]
        entries = tuple(
            entry(number, found.items[key], found.standings[key], shelf)
            for number, key in enumerate(keys, 1)
            if key in set(wanted)
        )
        if entries:
            chapters.append(Chapter(kind, TITLES[kind], entries))
    return tuple(chapters)


def _differs(item: Item, earlier: Earlier) -> bool:
    before = earlier.get(item.key)
    return before is None or _texts(before) != _texts(item.parts)


def _texts(parts: Sequence[ItemPart]) -> list[tuple[str, str]]:
    return [(part.name, part.text) for part in parts]


def _compared(item: Item, earlier: Earlier) -> tuple[PartChange, ...] | None:
    """The parts that differ, or None for an item that was not there."""
    before = earlier.get(item.key)
    return None if before is None else tuple(_part_changes(dict(_texts(before)), dict(_texts(item.parts))))


def _part_changes(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[PartChange]:
    for name in dict.fromkeys((*before, *now)):
        old, new = before.get(name, ""), now.get(name, "")
        if old != new:
            yield PartChange(name, tuple(_pieces(old, new)), tuple(_pieces(new, old)))


def _pieces(text: str, other: str) -> Iterator[Piece]:
    """`text` cut where it differs from `other`, by words."""
    ours, theirs = text.split(" "), other.split(" ")
    for tag, start, end, _, _ in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if start != end:
            yield Piece(" ".join(ours[start:end]), tag != "equal")


class SinceError(BackcheckError):
    """`--since` names nothing that can be compared with."""

    def __init__(self, since: str) -> None:
        said = f"{since} is no day, no {FILE} and no pack's folder: --since takes one of these."
        super().__init__(said)


def earlier(root: Path, since: str, locale: str, now: Mapping[str, Item]) -> Earlier:
    """The parts of every item as `since` has them; None for one that it does not have.

    A day: as last signed until then. A signatures.yaml: as last signed there. A folder: as that pack says.
    """
    place = Path(since)
    if place.is_dir():
        return {key: item.parts for key, item in items(read(place, locale)).items()}
    if place.is_file():
        return _signed(of_pack(place.parent), place.parent, locale, now, date.max)
    if since == FILE:
        return _signed(of_pack(root), root, locale, now, date.max)
    try:
        day = date.fromisoformat(since)
    except ValueError:
        raise SinceError(since) from None
    return _signed(of_pack(root), root, locale, now, day)


def _signed(
    signatures: Sequence[Signature], root: Path, locale: str, now: Mapping[str, Item], until: date
) -> Earlier:
    """The latest signature of each item, and the words that were kept with it."""
    kept, found = words_signed(root), dict[str, Sequence[ItemPart] | None](dict.fromkeys(now))
    for signature in sorted(signatures, key=lambda one: one.on):
        if signature.language == locale and signature.on <= until:
            for key, digest in signature.items.items():
                if key in now and now[key].digest == digest:
                    found[key] = now[key].parts
                elif digest in kept:
                    found[key] = kept[digest]
    return found


BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "brave-browser",
    "chrome",
    "msedge",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
LONGEST = 180  # seconds for a hundred pages, on a busy machine


class PrintError(BackcheckError):
    """The book could not be printed here; its HTML can be, by hand."""


def print_pdf(page: Path, pdf: Path, browsers: Sequence[str] = BROWSERS) -> None:
    """Print the HTML file `page` to `pdf` by the first of `browsers` that is here. Raises PrintError."""
    browser = next(filter(None, map(shutil.which, browsers)), None)
    if browser is None:
        said = "No Chromium, Chrome or Edge is installed here to make a PDF."
        raise PrintError(f"{said} Make the book as .html, open it in any browser and print it.")
    options = ("--headless", "--disable-gpu", "--no-pdf-header-footer", f"--print-to-pdf={pdf.absolute()}")
    is_root = hasattr(os, "getuid") and os.getuid() == 0
    sandbox = ("--no-sandbox",) if is_root else ()  # Chromium refuses it to root, as in a container
    command = [browser, *options, *sandbox, page.absolute().as_uri()]
    try:
        done = subprocess.run(command, capture_output=True, timeout=LONGEST, check=False)  # noqa: S603  ours
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PrintError(f"{browser} could not print the book ({error}).") from None
    if done.returncode or not pdf.exists():
        last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise PrintError(f"{browser} could not print the book: {last}")


WIDTH, STEP_WIDTH, STEP_HEIGHT, GAP = 760, 250, 50, 30  # of the drawing, in its own units
LEFT = (WIDTH - STEP_WIDTH) // 2


@dataclass(frozen=True, slots=True)
class Box:
    """A step, or the end."""

    id: str
    title: str
    y: int


@dataclass(frozen=True, slots=True)
class Arrow:
    """Where one or more answers lead. Those that go on bend to the right, those that go back to the left."""

    path: str
    label: str
    x: int
    y: int
    back: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    width: int
    height: int
    left: int
    step_width: int
    step_height: int
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def draw(protocol: Protocol) -> Drawing:
    """The drawing of every step and branch; an answer that ends the episode has no arrow."""
    boxes = {
        step.id: Box(step.id, f"{step.id}: {when(step)}", 10 + place * (STEP_HEIGHT + GAP))
        for place, step in enumerate(protocol.steps.values())
    }
    arrows: list[Arrow] = []
    for step in protocol.steps.values():
        start, leaving = boxes[step.id], {False: 0, True: 0}
        for target, label in _targets(step):
            end = boxes[target]
            back = end.y <= start.y
            arrows.append(_arrow(start, end, label, leaving[back], back))
            leaving[back] += 1
    height = max(box.y for box in boxes.values()) + STEP_HEIGHT + 10
    return Drawing(WIDTH, height, LEFT, STEP_WIDTH, STEP_HEIGHT, tuple(boxes.values()), tuple(arrows))


def _targets(step: Step) -> list[tuple[str, str]]:
    """Each next step with the answers that lead there; ends are left out."""
    found: dict[str, list[str]] = {}
    for felt in Felt:
        branch = step.branches.get(felt)
        if branch and branch.next != CLOSE:
            found.setdefault(branch.next, []).append(felt.value)
    return [(target, ", ".join(changes)) for target, changes in found.items()]


def _arrow(start: Box, end: Box, label: str, place: int, back: bool) -> Arrow:
    """A bend beside the boxes, further out for a longer way; `place` counts those that leave one side."""
    side = LEFT if back else LEFT + STEP_WIDTH
    out = 80 + abs(end.y - start.y) // 5 if back else 40 + abs(end.y - start.y) // 3
    x = side - out if back else side + out
    y1 = start.y + 26 + 18 * place
    y2 = end.y + 7  # above the labels of what leaves there
    path = f"M{side},{y1} C{x},{y1} {x},{y1} {x},{(y1 + y2) // 2} C{x},{y2} {x},{y2} {side},{y2}"
    return Arrow(path, label, side - 6 if back else side + 6, y1 - 4, back)
