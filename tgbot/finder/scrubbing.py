"""Words of a message that was not understood, without what could name somebody. Kept only if asked to."""

import re
from dataclasses import dataclass

LONGEST = 120  # characters: enough to see what is missing from the pack
GONE = "…"

_ADDRESS_OR_NUMBER = re.compile(r"@|://|www\.|\d")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|…")


@dataclass(frozen=True, slots=True)
class NameWords:
    """How a language tells a name. It follows a word of `before`, with or without words of `between`; `never`
    are none though they begin with a capital."""

    before: frozenset[str] = frozenset()
    between: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()


NO_NAMES = NameWords()


def scrubbed(text: str, names: NameWords) -> str:
    """The words in lower case; numbers, addresses, handles and what looks like a name become an ellipsis.

    It goes by form: a capital letter inside a sentence, a word after "my name is". Without such a word a name
    stays where it begins a sentence, is shouted with everything else, or is typed in lower case, as
    docs/operating.md says where the setting is described.
    """
    cleaned = " ".join(GONE if _ADDRESS_OR_NUMBER.search(said) else said for said in text.split())
    shouted = cleaned.isupper()
    kept: list[str] = []
    name_comes = False
    for match in _WORD.finditer(cleaned):
        word, before = match.group(), cleaned[: match.start()].rstrip()
        plain = word.lower().removesuffix("'s").removesuffix("’s")
        inside = bool(before) and before[-1] not in ".!?"
        named = (name_comes and plain not in names.between) or (
            inside and not shouted and word[0].isupper() and word not in names.never
        )
        kept.append(GONE if named else word.lower())
        name_comes = plain in names.before or (name_comes and plain in names.between)
    return re.sub(rf"{GONE}(?: {GONE})+", GONE, " ".join(kept))[:LONGEST]
