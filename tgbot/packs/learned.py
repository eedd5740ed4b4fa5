"""What the finder learned, kept between starts: a start that finds it need not learn the same again.

A file is named by a digest of all that decides what is learned, and opens with a digest of all that follows;
what does not fit both is learned anew. It holds names and numbers only: nothing in it can be run.
"""

import hashlib
import os
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from tgbot.finder.features import Checksums
from tgbot.finder.finding import Learned
from tgbot.finder.learning import Classifier, Floats

KEPT = 4  # files; a folder that serves several packs or versions holds those that were used last
SHIPPED = Path(__file__).parents[1] / "_learned"  # of the package: the build writes there
Labels = NDArray[np.str_]
_NETS = ("alarms", "answers", "complaints")  # of what was learned
_PARTS = ("classes", "known", "sizes", "weights")  # of a Classifier


def folder(cache: str | None) -> Path | None:
    """Where it is kept: below `cache` ($XDG_CACHE_HOME), else below ~/.cache; None for who has no home."""
    try:
        return Path(cache or Path("~/.cache").expanduser()) / "backcheck"
    except RuntimeError:  # an id without a name, as a container may give
        return None


def recall(place: Path | None, key: str) -> Learned | None:
    """What `place` keeps under `key`, or None: not there, not readable, or not as it was written."""
    try:
        if place is None or not _ours(place):
            return None
    except OSError:
        return None
    learned = _read(place, key)
    with suppress(OSError):  # somebody else's, or on a read-only disk: then nothing is evicted there either
        os.utime(place / key)
    return learned


def _read(place: Path, key: str) -> Learned | None:
    try:
        digest, _, body = (place / key).read_bytes().partition(b"\n")
        if digest != _digest(key, body):
            return None
        with np.load(BytesIO(body), allow_pickle=False) as kept:
            nets = ([kept[f"{net} {part}"] for part in _PARTS] for net in _NETS)
            return Learned(*(_classifier(*net) for net in nets))
    except (OSError, ValueError, KeyError, BadZipFile):
        return None


def shipped(key: str) -> Learned | None:
    """What the package brings under `key`, or None: it is trusted as its code is."""
    return _read(SHIPPED, key)


def ship(key: str, learned: Learned) -> None:
    """Put it into the package, readable for whoever runs that, and nothing else beside it."""
    keep(SHIPPED, key, learned, at_most=1)
    with suppress(OSError):  # a package that cannot be written to: each start looks into the cache
        SHIPPED.chmod(0o755)
        (SHIPPED / key).chmod(0o644)


def keep(place: Path | None, key: str, learned: Learned, at_most: int = KEPT) -> None:
    """Write it whole or not at all, and leave at most so many files.

    Where nothing can be written the next start learns again.
    """
    if place is None:
        return
    nets = {name: getattr(learned, name) for name in _NETS}
    kept = {f"{name} {part}": np.array(getattr(net, part)) for name, net in nets.items() for part in _PARTS}
    file, new = BytesIO(), place / f"{key}.{os.getpid()}"
    np.savez(file, allow_pickle=False, **kept)
    body = file.getvalue()
    with suppress(OSError):  # a read-only or full disk costs a second at each start, and nothing else
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _ours(place):
            return
        try:
            new.write_bytes(_digest(key, body) + b"\n" + body)
            new.replace(place / key)
        finally:
            new.unlink(missing_ok=True)
        for old in sorted(place.iterdir(), key=lambda path: path.stat().st_mtime)[:-at_most]:
            old.unlink(missing_ok=True)


def _ours(place: Path) -> bool:
    """Whether only we, or the machine's owner, can put anything there: what is learned decides which words
    are taken for a warning sign. Raises OSError."""
    if not hasattr(os, "getuid"):
        return True
    about = place.stat()
    return about.st_uid in (os.getuid(), 0) and not about.st_mode & 0o022


def _digest(key: str, body: bytes) -> bytes:
    return hashlib.sha256(key.encode() + body).hexdigest().encode()


def _classifier(classes: Labels, known: Checksums, sizes: Floats, weights: Floats) -> Classifier:
    return Classifier(classes.tolist(), known, sizes, weights)
