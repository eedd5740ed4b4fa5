"""What the finder learned, kept between starts: a start that finds it need not learn the same again.

A file holds one net. It is named by the net and a digest of all that decides what is learned, and opens with
a digest of all that follows; what does not fit both is learned anew. It holds names and numbers only: nothing
in it can be run. The numbers are mapped into memory, and what no message asks for stays on the disk.
"""

import hashlib
import mmap
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.lib import format as npy

from tgbot.finder.learning import Checksums, Classifier, Floats, Weights

KEPT = 4  # files of each net; a folder that serves several packs or versions holds those that were used last
SHIPPED = Path(__file__).parents[1] / "_learned"  # of the package: the build writes there
_ALIGNED = 64  # bytes, at a multiple of which numbers begin
_CHUNK = 1 << 16  # bytes read at once


def folder(cache: str | None) -> Path | None:
    """Where it is kept: below `cache` ($XDG_CACHE_HOME), else below ~/.cache; None for those without one."""
    try:
        return Path(cache or Path("~/.cache").expanduser()) / "backcheck"
    except RuntimeError:  # an id without a name, as a container may give
        return None


def recall(place: Path | None, name: str) -> Classifier | None:
    """What `place` keeps under `name`, or None: not there, not readable, or not as it was written."""
    try:
        if place is None or not _ours(place):
            return None
    except OSError:
        return None
    learned = _read(place, name)
    with suppress(OSError):  # somebody else's, or on a read-only disk: then nothing is evicted there either
        os.utime(place / name)
    return learned


def _read(place: Path, name: str) -> Classifier | None:
    try:
        with (place / name).open("rb") as file:
            if file.readline() != _first_line(name, _digest(name, file)):
                return None
            return _mapped(file)
    except (OSError, ValueError):
        return None


def shipped(name: str) -> Classifier | None:
    """What the package brings under `name`, or None: it is trusted as its code is."""
    return _read(SHIPPED, name)


def ship(nets: Mapping[str, Classifier]) -> None:
    """Put them into the package, readable for whoever runs that, and nothing else beside them."""
    for name, net in nets.items():
        if _read(SHIPPED, name) is None:
            keep(SHIPPED, name, net)
    with suppress(OSError):  # a package that cannot be written to: each start looks into the cache
        SHIPPED.chmod(0o755)
        for path in SHIPPED.iterdir():
            if path.name in nets:
                path.chmod(0o644)
            else:
                path.unlink()


def keep(place: Path | None, name: str, net: Classifier) -> None:
    """Write it whole or not at all, and leave the last few of the same net.

    `name` is the net's and its key, with a hyphen between. Where nothing can be written the next start learns
    again.
    """
    if place is None:
        return
    new = place / f"{name}.{os.getpid()}"
    with suppress(OSError):  # a read-only or full disk costs some seconds at each start, and nothing else
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _ours(place):
            return
        try:
            with new.open("w+b") as file:
                file.write(_first_line(name, ""))
                _write(file, net)
                file.seek(_ALIGNED * 2)
                digest = _digest(name, file)
                file.seek(0)
                file.write(_first_line(name, digest))
            new.replace(place / name)
        finally:
            new.unlink(missing_ok=True)
        same = place.glob(f"{name.partition('-')[0]}-*")
        for old in sorted(same, key=lambda path: path.stat().st_mtime)[:-KEPT]:
            old.unlink(missing_ok=True)


def _ours(place: Path) -> bool:
    """Whether only we, or the machine's owner, can put anything there: what is learned decides which words
    are taken for a warning sign. Raises OSError."""
    if not hasattr(os, "getuid"):
        return True
    about = place.stat()
    return about.st_uid in (os.getuid(), 0) and not about.st_mode & 0o022


def _first_line(name: str, digest: str) -> bytes:
    return f"backcheck {digest}".ljust(_ALIGNED * 2 - 1).encode() + b"\n"


def _digest(name: str, file: BinaryIO) -> str:
    """Of the name and of all that follows in the file. It is read in pieces, so that it stays no memory."""
    digest = hashlib.sha256(name.encode())
    while piece := file.read(_CHUNK):
        digest.update(piece)
    return digest.hexdigest()


def _write(file: BinaryIO, net: Classifier) -> None:
    """The net's arrays one after the other, as numpy writes them: it aligns their numbers."""
    classes = np.array(net.classes, np.str_)
    for part in (classes, net.known, net.sizes, net.weights):
        npy.write_array(file, np.ascontiguousarray(part), allow_pickle=False)
        file.write(bytes(-file.tell() % _ALIGNED))


def _mapped(file: BinaryIO) -> Classifier:
    """The net of a file that is as it was written. Raises ValueError, OSError."""
    memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    memory.seek(_ALIGNED * 2)

    def array(kind: type[np.generic]) -> np.ndarray:
        npy.read_magic(memory)
        shape, _, dtype = npy.read_array_header_1_0(memory)
        if not np.issubdtype(dtype, kind):
            raise ValueError(f"{dtype} instead of {kind}")
        count, start = int(np.prod(shape)), memory.tell()
        memory.seek(start + count * dtype.itemsize)
        memory.seek(-memory.tell() % _ALIGNED, os.SEEK_CUR)
        return np.frombuffer(memory, dtype, count, start).reshape(shape)

    classes = array(np.str_).tolist()
    known: Checksums = array(np.uint32)
    sizes: Floats = array(np.float32)
    weights: Weights = array(np.float16)
    return Classifier(classes, known, sizes, weights)
