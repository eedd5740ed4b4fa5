"""The mark that an erasure leaves, so that a restored backup erases the same person again."""

import hashlib
from collections.abc import Callable

ErasureMark = Callable[[str, int], bytes]

_MEMORY = 96 * 1024 * 1024  # scrypt's 64 MiB and its change


def mark_of(salt: str, person_id: int) -> bytes:
    """What the erasure log keeps of a person, on purpose slow: about 0.4 s on one core, in 64 MiB.

    Telegram's ids are few (some 2^33) and the salt lies beside the marks, so a fast hash could be reversed by
    trying every id. At this price trying all of them takes one core about a century, for each database anew.
    Trying one known id takes as long as /forget did: the mark hides who was erased from a search, not from
    somebody who already has an id to ask about. Let it run off the event loop; it releases the GIL.
    """
    return hashlib.scrypt(
        str(person_id).encode(), salt=salt.encode(), n=2**16, r=8, p=2, maxmem=_MEMORY, dklen=32
    )
