"""What the database keeps unreadable: what people said, without the operator's key, and who was erased.

Sealed are the values of entries (scores, answers, notes), outcomes with why an episode was closed, and the
country. Ids and times stay plain: the database has to find and order by them. A sealed value says so in its
first characters, so plain and sealed ones can lie side by side until `backcheck keys rotate` has sealed all.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from tgbot.errors import DatabaseError

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

SEALED = "\x01sealed:"  # no text of a person begins so: control characters never come into the store
_KEYS_SAY = "`backcheck keys new FILE` makes one."


class SealError(DatabaseError):
    """What is stored cannot be read with the keys that there are."""


class Seal(Protocol):
    """Turns what is said into what is stored, and back."""

    def close(self, text: str) -> str: ...
    def open(self, stored: str) -> str:
        """Raises SealError."""
        ...


class NoSeal:
    """Without a key: what is stored is what was said."""

    def close(self, text: str) -> str:
        return text

    def open(self, stored: str) -> str:
        if stored.startswith(SEALED):
            raise SealError("The database is encrypted, and BACKCHECK_KEY_FILE is not set.")
        return stored


PLAIN: Seal = NoSeal()


class FernetSeal:
    """AES-128 in CBC mode with an HMAC, by `cryptography`. The first key closes, all of them open."""

    def __init__(self, keys: "MultiFernet") -> None:
        self._keys = keys

    def close(self, text: str) -> str:
        return SEALED + self._keys.encrypt_at_time(text.encode(), 0).decode()  # the time stands beside it

    def open(self, stored: str) -> str:
        from cryptography.fernet import InvalidToken

        if not stored.startswith(SEALED):
            return stored
        try:
            return self._keys.decrypt(stored.removeprefix(SEALED)).decode()
        except InvalidToken:
            raise SealError(
                "The database cannot be read with the keys in BACKCHECK_KEY_FILE: the key that it was "
                "encrypted with is not among them."
            ) from None


def seal_of(keys: str | None) -> Seal:
    """The seal for keys, one a line, the newest first. Raises SealError."""
    if keys is None:
        return PLAIN
    from cryptography.fernet import Fernet, MultiFernet

    try:
        return FernetSeal(MultiFernet([Fernet(line) for line in keys.splitlines()]))
    except ValueError:
        raise SealError(
            f"BACKCHECK_KEY_FILE holds no key, or a line that is none: one a line. {_KEYS_SAY}"
        ) from None


def new_key() -> str:
    """A key for a key file."""
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode()


def joined(parts: Sequence[str | None]) -> str:
    """Several values sealed as one: none of our own words holds a line's end."""
    return "\n".join(part or "" for part in parts)


def parted(text: str) -> list[str | None]:
    return [part or None for part in text.split("\n")]


ErasureMark = Callable[[str, int], bytes]
"""The mark that an erasure leaves, so that a restored backup erases the same person again."""

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
