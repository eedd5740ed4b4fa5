"""`make mutate`: plants single faults at random, runs the tests of their room, and says which nobody notices.

Everything happens in copies of the tree under the temporary folder, never in the tree itself. Ours, as mutmut
and cosmic-ray know Python alone: much of what may go wrong here is a condition in SQL.

tools/harmless.txt names the survivors that do no harm, and why: `file  line  [old → new]  # why`.
"""

import argparse
import os
import random
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice, zip_longest
from pathlib import Path
from queue import SimpleQueue

from tools.faults import Fault, faults_in

TREE = Path(__file__).parents[1]
HARMLESS = TREE / "tools" / "harmless.txt"
AT_ONCE = 2
ASSUMED = 60.0  # seconds that tests take which are not looked at first
PATIENCE = 5.0  # times what the tests take without a fault, after which one hangs and is noticed, too


@dataclass(frozen=True, slots=True)
class Room:
    """Files in which faults are planted, and pytest's arguments: what is quickest is run first."""

    name: str
    files: str
    quick: str
    slow: str = ""

    @property
    def tests(self) -> list[str]:
        return [tests for tests in (self.quick, self.slow) if tests]


_FOLLOW_UP = "tests/unit/test_follow_up.py"
_LANES = "tests/integration/test_lanes_and_polling.py"
_CONFORMANCE = (
    "tests/conformance/test_three_people.py tests/conformance/test_store.py "
    "tests/conformance/test_courier_verbs.py tests/conformance/test_retention.py "
    "tests/conformance/test_statistics.py tests/conformance/test_service_messages.py "
    "tests/conformance/test_owed_replies.py"
)


def _of(*wanted: str) -> str:
    """What runs the conformance suite over these engines, but for its longest."""
    engines = {"memory", "overlapping", "sqlite", "sealed", "postgresql", "grouped", "pgbouncer"}
    engines -= set(wanted)
    return f"-k 'not ({' or '.join([*sorted(engines), 'thousand', 'hundred'])})'"


ROOMS = (
    Room(
        "follow-up",
        "tgbot/followup/*.py",
        "tests/unit/followup/test_recorded_courses.py tests/unit/followup/test_deciding.py "
        "tests/unit/followup/test_rare_turns.py tests/unit/followup/test_times.py "
        "tests/unit/followup/test_safety_net_hours.py tests/unit/followup/test_plan_in_letters.py",
        f"tests/unit/followup/test_every_branch.py {_FOLLOW_UP} tests/unit/test_extra_check_ins.py "
        "tests/unit/test_missed_check_in.py tests/unit/test_older_plan.py",
    ),
    Room(
        "courier",
        "tgbot/service/courier.py",
        f"tests/unit/service/test_courier.py tests/conformance/test_courier.py {_of('memory')}",
        _FOLLOW_UP,
    ),
    Room("courier", "tgbot/service/follow_up.py", _FOLLOW_UP),
    Room(
        "intake",
        "tgbot/chat/updates.py tgbot/chat/admission.py tgbot/chat/failures.py",
        "tests/unit/test_updates.py tests/unit/test_admission.py tests/unit/test_failures.py "
        "-k 'not nothing_that_comes_raises'",
        _LANES,
    ),
    Room("intake", "tgbot/chat/lanes.py", "tests/unit/test_lanes.py", _LANES),
    Room("intake", "tgbot/chat/polling.py", "tests/unit/test_polling.py", _LANES),
    Room(
        "messenger",
        "tgbot/chat/sending.py tgbot/chat/telegram_connection.py",
        "tests/unit/test_screen_parameters.py tests/unit/test_paced_requests.py "
        "tests/unit/test_refused_replies.py tests/unit/test_connection_limits.py",
        "tests/integration/test_telegram_connection.py tests/integration/test_messenger.py "
        "tests/integration/test_both_roads.py",
    ),
    Room(
        "sql",
        "tgbot/store/sql.py tgbot/store/rows.py tgbot/store/common.sql "
        "tgbot/store/sqlite/engine.sql tgbot/store/sqlite/store.py",
        f"{_CONFORMANCE} {_of('sqlite')}",
        "tests/integration/store/test_sqlite.py tests/integration/store/test_backup.py "
        "tests/unit/store/test_sealing.py "
        "tests/unit/service/test_questions.py tests/unit/service/test_housekeeping.py",
    ),
    Room(
        "sql",
        "tgbot/store/postgres/postgres.sql tgbot/store/postgres/pooled_store.py"
        " tgbot/store/postgres/several.sql",
        f"{_CONFORMANCE} {_of('postgresql', 'grouped')}",
        "tests/integration/store/test_postgres.py tests/integration/store/test_grouped_statements.py"
        " tests/unit/service/test_pace_sharing.py",
    ),
)


class Copy:
    """A copy of the tree in which one fault after the other is planted and pulled out again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
        for name in subprocess.run(listed, cwd=TREE, check=True, capture_output=True, text=True).stdout.split(
            "\n"
        ):
            if name and (TREE / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(TREE / name, folder / name)
        for learned in ("tgbot/_learned", ".pytest_cache/finder"):
            if (TREE / learned).is_dir():
                shutil.copytree(TREE / learned, folder / learned, dirs_exist_ok=True)

    def passes(self, tests: str, within: float | None = None) -> bool:
        """Whether the tests pass in the copy, within so many seconds."""
        given = {"PYTHONPATH": str(self._folder)}
        command = [sys.executable, "-m", "pytest", "-q", "-x", "--no-header", *shlex.split(tests)]
        with subprocess.Popen(  # a session of its own, so that what a test started ends with it
            command,
            cwd=self._folder,
            env=os.environ | given,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as running:
            try:
                return running.wait(within) == 0
            except subprocess.TimeoutExpired:
                os.killpg(running.pid, 15)
                return False

    def notices(self, fault: Fault, tests: Sequence[tuple[str, float]]) -> bool:
        """Whether some of the tests fail with it, each given so many seconds."""
        place = self._folder / fault.path
        sound, before = place.read_text("utf-8"), place.stat()
        place.write_text(fault.plant(sound), "utf-8")
        try:
            return not all(self.passes(chosen, within) for chosen, within in tests)
        finally:
            place.write_text(sound, "utf-8")
            os.utime(
                place, ns=(before.st_atime_ns, before.st_mtime_ns)
            )  # what was compiled of it is right again


def drawn(names: Sequence[str], seed: int) -> Iterator[tuple[Room, Fault]]:
    """Faults of all rooms by turns, at random, each once."""
    dice = random.Random(seed)  # noqa: S311 – the same faults again
    decks: dict[str, list[tuple[Room, Fault]]] = {}
    for room in (room for room in ROOMS if room.name in names):
        for file in (file for pattern in room.files.split() for file in sorted(TREE.glob(pattern))):
            text = file.read_text("utf-8")
            faults = faults_in(file.relative_to(TREE).as_posix(), text)
            decks.setdefault(room.name, []).extend((room, fault) for fault in faults)
    for deck in decks.values():
        dice.shuffle(deck)
    for turn in zip_longest(*decks.values()):
        yield from (drawing for drawing in turn if drawing is not None)


def harmless() -> dict[str, str]:
    """What is known to do no harm: why, by the fault's name."""
    lines = HARMLESS.read_text("utf-8").splitlines() if HARMLESS.exists() else []
    named = (line.rsplit("  # ", 1) for line in lines if "  # " in line and not line.startswith("#"))
    return {fault.strip(): why for fault, why in named}


def main() -> int:
    given = _arguments()
    every = drawn(given.room or [room.name for room in ROOMS], given.seed)
    again = _survivors(given.again) if given.again else None
    wanted = (
        (room, fault)
        for room, fault in every
        if given.only in str(fault)
        and (again is None or fault.name in again)
        and fault.matters((TREE / fault.path).read_text("utf-8"))
    )
    faults = list(islice(wanted, given.skip, given.skip + given.count))
    if given.list:
        print(*(f"{room.name:10} {fault}" for room, fault in faults), sep="\n")
        return 0
    with tempfile.TemporaryDirectory(prefix="backcheck-mutate-") as folder:
        copies: SimpleQueue[Copy] = SimpleQueue()
        for number in range(AT_ONCE):
            copies.put(Copy(Path(folder, str(number))))
        return _plant_all(faults, copies, given.minutes, given.sound)


def _survivors(said: Path) -> set[str]:
    lines = (line.split(maxsplit=2) for line in said.read_text("utf-8").splitlines())
    survived = (line[2] for line in lines if line[:1] == ["SURVIVED"])
    return {re.sub(r":\d+  ", "  ", fault, count=1) for fault in survived}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make mutate", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=60, help="how many faults (60)")
    parser.add_argument("--minutes", type=float, default=30, help="none is planted later than this (30)")
    parser.add_argument("--seed", type=int, default=1, help="other faults, or the same again (1)")
    parser.add_argument("--skip", type=int, default=0, help="go on after so many of this seed")
    names = sorted({room.name for room in ROOMS})
    parser.add_argument("--room", action="append", choices=names, help="only there; more than once")
    parser.add_argument("--only", default="", help="only faults that say this")
    parser.add_argument("--again", type=Path, help="only what an earlier run, written there, says survived")
    parser.add_argument("--sound", action="store_true", help="the tests pass, there is no need to look first")
    parser.add_argument("--list", action="store_true", help="say them, plant none")
    return parser.parse_args()


def _plant_all(
    faults: Sequence[tuple[Room, Fault]], copies: "SimpleQueue[Copy]", minutes: float, sound: bool
) -> int:
    """How many survived of which nobody says why."""
    until, known = time.monotonic() + 60 * minutes, harmless()
    chosen = {tests for room, _ in faults for tests in room.tests}
    usual = dict.fromkeys(chosen, ASSUMED) if sound else _usual_seconds(chosen, copies)

    def plant(drawing: tuple[Room, Fault]) -> tuple[str, str] | None:
        room, fault = drawing
        if time.monotonic() > until:
            return None
        copy = copies.get()
        try:
            noticed = copy.notices(fault, [(tests, PATIENCE * usual[tests] + 30) for tests in room.tests])
        finally:
            copies.put(copy)
        why = known.get(fault.name, "")
        became = "noticed" if noticed else "harmless" if why else "SURVIVED"
        print(f"{became:9} {room.name:10} {fault}{f'  # {why}' if became == 'harmless' else ''}", flush=True)
        return room.name, became

    with ThreadPoolExecutor(AT_ONCE) as pool:
        ended = [one for one in pool.map(plant, faults) if one]
    print(f"\n{'room':10} planted  noticed harmless survived")
    for name in dict.fromkeys(room.name for room in ROOMS):
        mine = [became for of, became in ended if of == name]
        counted = (mine.count(became) for became in ("noticed", "harmless", "SURVIVED"))
        print(f"{name:10} {len(mine):7}" + "".join(f" {count:8}" for count in counted))
    return sum(became == "SURVIVED" for _, became in ended)


def _usual_seconds(tests: Set[str], copies: "SimpleQueue[Copy]") -> dict[str, float]:
    """What the tests take without a fault, on both cores as later. Exits when they fail already."""

    def measure(chosen: str) -> tuple[str, float]:
        copy, since = copies.get(), time.monotonic()
        sound = copy.passes(chosen)
        copies.put(copy)
        if not sound:
            sys.exit(f"Without a fault these tests fail: pytest -x {chosen}")
        print(f"{time.monotonic() - since:4.0f} s without a fault: {chosen}", flush=True)
        return chosen, time.monotonic() - since

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(pool.map(measure, sorted(tests)))


if __name__ == "__main__":
    sys.exit(main() > 0)
