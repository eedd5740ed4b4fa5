"""The buttons of episodes, check-ins, the diary and the settings. `buttons.py` packs and unpacks them.

Fields are short words, as Telegram gives a button 64 bytes. A half-filled form stands in its own buttons:
nothing of it is remembered anywhere until it is whole. Instants are seconds since 1970 in base 36.
"""

from dataclasses import dataclass

NONE = "-"  # the safety question, answered with "none of these"


@dataclass(frozen=True, slots=True)
class PickOnset:
    """When it started. `how` is empty (the first choice), a menu, or so long ago: n, h3, d2, w4.

    `whose` is empty for a first episode, `+` and an id for one that takes that open one's place (a second tap
    finds another one open), else the id of the episode whose onset is edited.
    """

    how: str = ""
    whose: str = ""


@dataclass(frozen=True, slots=True)
class OnsetDay:
    """The exact onset: first a day (its ordinal, or nothing), in a zone; then its hours are shown."""

    zone: str
    day: str = ""
    whose: str = ""


@dataclass(frozen=True, slots=True)
class Begin:
    """The form that starts an episode, as far as it is filled in."""

    onset: str
    sign: str = ""
    pain: str = ""
    consent: str = ""
    whose: str = ""


@dataclass(frozen=True, slots=True)
class PickZone:
    """A zone, empty for the choice; `page` of it, and where it was asked: s settings, e a new episode,
    x and a `whose` for its exact onset."""

    zone: str = ""
    page: str = "0"
    where: str = "s"


@dataclass(frozen=True, slots=True)
class Check:
    """A check-in, as far as it is answered."""

    follow_up: str
    sign: str = ""
    seen: str = ""
    change: str = ""
    function: str = ""


@dataclass(frozen=True, slots=True)
class Snooze:
    """Later: `how` is empty for the choice, else h (an hour), e (this evening) or t (tomorrow)."""

    follow_up: str
    how: str = ""


@dataclass(frozen=True, slots=True)
class Undo:
    """The last answer to this check-in was a wrong tap."""

    follow_up: str


@dataclass(frozen=True, slots=True)
class WantSafety:
    """After an emergency: ask me once tomorrow whether I am safe."""

    episode: str


@dataclass(frozen=True, slots=True)
class SayOneMore:
    """After "gone": ask me once more."""

    episode: str


@dataclass(frozen=True, slots=True)
class SaySafe:
    """Are you safe? `value` is y or n."""

    follow_up: str
    value: str


@dataclass(frozen=True, slots=True)
class ShowEpisode:
    pass


@dataclass(frozen=True, slots=True)
class CheckNow:
    episode: str


@dataclass(frozen=True, slots=True)
class StopEpisode:
    episode: str


@dataclass(frozen=True, slots=True)
class Reopen:
    episode: str


@dataclass(frozen=True, slots=True)
class NotePain:
    """A score; empty for the choice."""

    score: str = ""


@dataclass(frozen=True, slots=True)
class NoteHelped:
    """What helped; empty for the choice."""

    what: str = ""


@dataclass(frozen=True, slots=True)
class HowToNote:
    pass


@dataclass(frozen=True, slots=True)
class ShowHistory:
    page: str = "0"


@dataclass(frozen=True, slots=True)
class ShowChart:
    episode: str


@dataclass(frozen=True, slots=True)
class ShowCard:
    episode: str


@dataclass(frozen=True, slots=True)
class ShowSettings:
    pass


@dataclass(frozen=True, slots=True)
class SetQuiet:
    """Quiet hours as 2100-0800, off, or empty for the choice."""

    hours: str = ""


@dataclass(frozen=True, slots=True)
class SetCountry:
    """A country's code, or empty for the choice; `page` of it."""

    iso: str = ""
    page: str = "0"


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Withdraw consent."""


EpisodeButton = (
    PickOnset
    | OnsetDay
    | Begin
    | PickZone
    | Check
    | Snooze
    | Undo
    | WantSafety
    | SayOneMore
    | SaySafe
    | ShowEpisode
    | CheckNow
    | StopEpisode
    | Reopen
    | NotePain
    | NoteHelped
    | HowToNote
    | ShowHistory
    | ShowChart
    | ShowCard
    | ShowSettings
    | SetQuiet
    | SetCountry
    | Withdraw
)

EPISODE_PREFIXES: dict[str, type[EpisodeButton]] = {
    "eo": PickOnset,
    "ed": OnsetDay,
    "eb": Begin,
    "z": PickZone,
    "k": Check,
    "kz": Snooze,
    "ku": Undo,
    "kw": WantSafety,
    "km": SayOneMore,
    "ks": SaySafe,
    "es": ShowEpisode,
    "en": CheckNow,
    "ex": StopEpisode,
    "er": Reopen,
    "dp": NotePain,
    "dh": NoteHelped,
    "dn": HowToNote,
    "hs": ShowHistory,
    "hc": ShowChart,
    "hp": ShowCard,
    "s": ShowSettings,
    "sq": SetQuiet,
    "sc": SetCountry,
    "sw": Withdraw,
}
