"""What the finder learned, kept between starts: a start that finds it need not learn the same again.

A file is named by a digest of all that decides what is learned, and opens with a digest of all that follows;
what does not fit both is learned anew. It holds names and numbers only: nothing in it can be run.
"""

import hashlib
import os
from base64 import b64encode
from contextlib import suppress
from pathlib import Path

import numpy as np
from pydantic import Base64Bytes, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from tgbot.domain.finding import Learned
from tgbot.domain.learning import Classifier

KEPT = 4  # files; a folder that serves several packs or versions holds the latest


@dataclass(frozen=True, slots=True)
class _Numbers:
    """A Classifier, its numbers as four bytes each."""

    classes: tuple[str, ...]
    features: tuple[str, ...]
    sizes: Base64Bytes
    weights: Base64Bytes


@dataclass(frozen=True, slots=True)
class _Kept:
    """A file's content below its first line."""

    alarms: _Numbers
    answers: _Numbers


_KEPT = TypeAdapter(_Kept)


def folder() -> Path:
    """Where it is kept: below $XDG_CACHE_HOME, else below ~/.cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / "backcheck"


def recall(place: Path, key: str) -> Learned | None:
    """What `place` keeps under `key`, or None: not there, not readable, or not as it was written."""
    try:
        digest, _, body = (place / key).read_bytes().partition(b"\n")
        if digest != _digest(key, body):
            return None
        kept = _KEPT.validate_json(body)
        return Learned(_classifier(kept.alarms), _classifier(kept.answers))
    except (OSError, ValidationError, ValueError):
        return None


def keep(place: Path, key: str, learned: Learned) -> None:
    """Write it whole or not at all. Where nothing can be written the next start learns again."""
    kept = _Kept(_numbers(learned.alarms), _numbers(learned.answers))
    body, new = _KEPT.dump_json(kept), place / f"{key}.{os.getpid()}"
    with suppress(OSError):  # a read-only or full disk costs a second at each start, and nothing else
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            new.write_bytes(_digest(key, body) + b"\n" + body)
            new.replace(place / key)
        finally:
            new.unlink(missing_ok=True)
        for old in sorted(place.iterdir(), key=lambda path: path.stat().st_mtime)[:-KEPT]:
            old.unlink(missing_ok=True)


def _digest(key: str, body: bytes) -> bytes:
    return hashlib.sha256(key.encode() + body).hexdigest().encode()


def _numbers(learned: Classifier) -> _Numbers:
    sizes, weights = learned.sizes.tobytes(), learned.weights.tobytes()
    return _Numbers(learned.classes, learned.features, b64encode(sizes), b64encode(weights))


def _classifier(kept: _Numbers) -> Classifier:
    weights = np.frombuffer(kept.weights, np.float32).reshape(-1, len(kept.classes))
    return Classifier(kept.classes, kept.features, np.frombuffer(kept.sizes, np.float32), weights)
