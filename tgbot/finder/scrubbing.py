"""Words of a message that was not understood, without what could name somebody. Kept only if asked to."""

import re

LONGEST = 120  # characters: enough to see what is missing from the pack
GONE = "…"

_ADDRESS = re.compile(r"\S*(?:@|://|www\.)\S*")
_NUMBER = re.compile(r"\S*\d\S*")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|…")
_I = frozenset({"I", "I'm", "I’m", "I've", "I’ve", "I'd", "I’d"})
# A name follows these, however it is spelled; "im" and "i'm" are left out, as "im sore" is what we look for.
_BEFORE_A_NAME = frozenset(
    {"called", "named", "name", "mr", "mrs", "ms", "miss", "dr", "doctor", "nurse", "dear"}
)
_BETWEEN = frozenset({"is", "a", "the"})


def scrubbed(text: str) -> str:
    """The words in lower case; numbers, addresses, handles and what looks like a name become an ellipsis.

    It goes by form: a capital letter inside a sentence, a word after "my name is". A name typed in lower
    case without such a sign stays; docs/operating.md says so where the setting is described.
    """
    cleaned = _NUMBER.sub(GONE, _ADDRESS.sub(GONE, text))
    shouted = cleaned.isupper()
    kept: list[str] = []
    name_comes = False
    for match in _WORD.finditer(cleaned):
        word, before = match.group(), cleaned[: match.start()].rstrip()
        plain = word.lower().removesuffix("'s").removesuffix("’s")
        inside = bool(before) and before[-1] not in ".!?"
        named = (name_comes and plain not in _BETWEEN) or (
            inside and not shouted and word[0].isupper() and word not in _I
        )
        kept.append(GONE if named else word.lower())
        name_comes = plain in _BEFORE_A_NAME or (name_comes and plain in _BETWEEN)
    return re.sub(rf"{GONE}(?: {GONE})+", GONE, " ".join(kept))[:LONGEST]
