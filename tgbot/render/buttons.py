"""One frozen class per button: packed into Telegram's 64 bytes, unpacked from whatever comes back.

Callback data comes from outside and may be forged or years old: what does not unpack is a value
(`UnknownButton`), never an exception. Prefixes are permanent, as old messages keep their buttons.
"""

import re
from dataclasses import dataclass, fields

from tgbot.render.episode_buttons import EPISODE_PREFIXES, EpisodeButton

LONGEST = 64  # bytes of callback_data, Bot API
_SEPARATOR = ":"


@dataclass(frozen=True, slots=True)
class ShowMenu:
    """The topics."""


@dataclass(frozen=True, slots=True)
class ShowTopic:
    topic: str


@dataclass(frozen=True, slots=True)
class ShowAnswer:
    answer: str


@dataclass(frozen=True, slots=True)
class ShowUrgent:
    """The warning signs; `back` names the answer to go back to, or nothing for the menu."""

    back: str = ""


@dataclass(frozen=True, slots=True)
class ShowHelp:
    pass


@dataclass(frozen=True, slots=True)
class ShowPrivacy:
    pass


@dataclass(frozen=True, slots=True)
class Vote:
    """Was this helpful? `value` is y or n."""

    answer: str
    value: str


@dataclass(frozen=True, slots=True)
class Forget:
    """Erase everything, asked for twice: `sure` is y on the second button."""

    sure: str = ""


@dataclass(frozen=True, slots=True)
class ShowCountries:
    """Countries by page, to pick the emergency number of; `back` as in ShowUrgent."""

    page: str = "0"
    back: str = ""


@dataclass(frozen=True, slots=True)
class PickCountry:
    iso: str
    back: str = ""


@dataclass(frozen=True, slots=True)
class StartEpisode:
    """Note an episode and be checked on."""


@dataclass(frozen=True, slots=True)
class UnknownButton:
    """Data that is none of ours, or from a version long gone."""

    data: str


Button = (
    ShowMenu
    | ShowTopic
    | ShowAnswer
    | ShowUrgent
    | ShowHelp
    | ShowPrivacy
    | Vote
    | Forget
    | ShowCountries
    | PickCountry
    | StartEpisode
    | EpisodeButton
)

PREFIXES: dict[str, type[Button]] = {
    "m": ShowMenu,
    "t": ShowTopic,
    "a": ShowAnswer,
    "u": ShowUrgent,
    "h": ShowHelp,
    "p": ShowPrivacy,
    "v": Vote,
    "x": Forget,
    "cs": ShowCountries,
    "c": PickCountry,
    "e": StartEpisode,
    **EPISODE_PREFIXES,
}
# Fields that are carried on into the next screen's buttons, and what a button of ours can hold in them: with
# more in it, the next button would not fit. Any other field is looked up, and leads nowhere if it is unknown.
SHAPES = {
    "whose": re.compile(r"\+?[\w-]{0,16}", re.ASCII),
    "where": re.compile(r"[se]|x\+?[\w-]{0,16}", re.ASCII),
    "page": re.compile(r"\d{1,4}", re.ASCII),
}
_FIELDS = {kind: tuple(field.name for field in fields(kind)) for kind in PREFIXES.values()}
_PREFIX_OF = {kind: prefix for prefix, kind in PREFIXES.items()}


def pack(button: Button) -> str:
    """The button as callback data. Raises ValueError over 64 bytes or with a separator in a field."""
    values = [str(getattr(button, name)) for name in _FIELDS[type(button)]]
    if any(_SEPARATOR in value for value in values):
        raise ValueError(f"{button} holds a {_SEPARATOR!r}")
    data = _SEPARATOR.join([_PREFIX_OF[type(button)], *values])
    if len(data.encode()) > LONGEST:
        raise ValueError(f"{button} does not fit in {LONGEST} bytes")
    return data


def unpack(data: str) -> Button | UnknownButton:
    """The button that `data` stands for, or `UnknownButton`."""
    prefix, *values = data.split(_SEPARATOR)
    kind = PREFIXES.get(prefix)
    if kind is None or len(values) != len(_FIELDS[kind]):
        return UnknownButton(data)
    for name, value in zip(_FIELDS[kind], values, strict=True):
        if name in SHAPES and not SHAPES[name].fullmatch(value):
            return UnknownButton(data)
    return kind(*values)
