"""Property tests draw the same examples every time, so that a red run is a change's doing.

What the finder learns is kept with pytest's own cache, also by the bots that tests start. Everything else
that tests write goes to memory where there is some: no test cuts the power, and a disk that is busy with
somebody else's work makes each of ten thousand commits wait.
"""

import gc
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

from tests.fakes.read_once import read_once
from tgbot.supervision import prepare_to_load

settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")

MEMORY = Path("/dev/shm")  # noqa: S108 – a folder of our own is made in it
ENOUGH = 1 << 30  # bytes; a container often has less, and then the disk has to do
written = pytest.StashKey[Path]()


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Half of the time tests wait, so that four keep two cores busy. Unit tests wait for nothing, and another
    process takes longer to begin than it saves."""
    unit = config.rootpath / "tests" / "unit"
    asked = [config.invocation_params.dir / argument.partition("::")[0] for argument in config.args]
    return 0 if all(path.is_relative_to(unit) for path in asked) else min(4, 2 * (os.cpu_count() or 1))


def pytest_configure(config: pytest.Config) -> None:
    os.environ["XDG_CACHE_HOME"] = str(config.rootpath / ".pytest_cache" / "finder")
    in_memory = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH
    if not in_memory or config.option.basetemp:
        return
    folder = Path(tempfile.mkdtemp(prefix="backcheck-tests-", dir=MEMORY))
    config.stash[written] = folder
    config.option.basetemp = folder / "pytest"
    temporary = folder / "others"
    temporary.mkdir()
    os.environ["TMPDIR"] = tempfile.tempdir = str(temporary)


def pytest_collection(session: pytest.Session) -> None:
    patch = pytest.MonkeyPatch()
    session.config.add_cleanup(patch.undo)
    read_once(patch)  # test modules read the pack while they are collected
    # Nobody has it here, and httpcore looks for it in every folder several times a request.
    patch.setitem(sys.modules, "sniffio", None)
    prepare_to_load()
    gc.disable()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Modules and tests stay to the end: the garbage collector need not walk through them again and again."""
    gc.enable()
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    if written in config.stash:
        shutil.rmtree(config.stash[written])
