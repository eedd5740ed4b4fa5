"""When it started: the choices, what each means, and instants small enough for a button."""

from datetime import UTC, datetime, timedelta
from string import ascii_lowercase, digits

_DIGITS = digits + ascii_lowercase
OLDEST = timedelta(days=366)
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}

TODAY = ("h1", "h2", "h3", "h4", "h5", "h6", "h8", "h10", "h12")
LAST_NIGHT = ("h6", "h8", "h10", "h12", "h14", "h16")
YESTERDAY = (
    "h4",
    "h6",
    "h8",
    "h12",
    "h16",
    "h20",
    "h24",
    "h28",
    "h32",
    "h36",
    "h40",
    "h44",
)  # at any hour of today
LONGER = ("d4", "d5", "d6", "w1", "d10", "w2", "w3", "w4", "w6", "w8")


def onset_of(how: str, now: datetime) -> datetime | None:
    """The instant that a choice stands for when it is tapped; None for what is no choice."""
    if how == "n":
        return now.replace(microsecond=0)
    unit, count = _UNITS.get(how[:1]), how[1:]
    if unit is None or not (count.isascii() and count.isdecimal() and len(count) <= 3):
        return None
    return sane((now - unit * int(count)).replace(microsecond=0), now)


def sane(onset: datetime, now: datetime) -> datetime | None:
    """The onset, unless it is more than a year ago: then somebody mistyped or forged it."""
    return onset if now - onset <= OLDEST else None


def packed(instant: datetime) -> str:
    """An instant as seconds since 1970 in base 36: six characters."""
    number, text = int(instant.timestamp()), ""
    while number:
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
    return text or "0"


def unpacked(text: str) -> datetime | None:
    """The instant of a button, or None for what no button of ours held."""
    if not (0 < len(text) <= 7 and all(letter in _DIGITS for letter in text)):
        return None
    seconds = int(text, 36)
    return datetime.fromtimestamp(seconds, UTC) if seconds < 2**33 else None
