"""What the pack holds, checked: the words, the signs, the plan. Frozen, and free of any file format."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal

# What comes of a meaning; all but the first three are code of their own.
Does = Literal[
    "command",
    "drop",
    "resume",
    "restart",
    "say",
    "answers",
    "sources",
    "more",
    "why",
    "number",
    "yes",
    "no",
    "correct",
    "remind",
    "purpose",
    "unsure",
    "sign",
]


class Tier(StrEnum):
    """How soon a warning sign must be seen (clinical brief, section 2)."""

    EMERGENCY = "E"  # call the emergency number now
    SAME_DAY = "U"  # be seen today
    SOON = "S"  # book a visit within days to two weeks


class Verdict(StrEnum):
    """What the evidence says of a claim."""

    SUPPORTED = "supported"
    UNSUPPORTED = "unsupported"
    CONTRADICTED = "contradicted"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a claim comes from, and how it was checked. `label` is what a person sees, `note` is for us."""

    id: str
    label: str
    title: str
    organisation: str
    year: int | None
    url: str
    checked: Literal["read", "memory"]
    depth: Literal["direct", "mirror", "secondary", "partial", "memory"]
    note: str | None = None
    low_back: bool = False  # it studied lower-back pain; an answer that cites it says so


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim that an answer addresses, in the sense of its verdict. `sources` are ids."""

    id: str
    verdict: Verdict
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Review:
    """Who signed words off, and from when until when; they are exactly the words of the pack."""

    by: str
    on: date
    until: date

    def holds(self, today: date) -> bool:
        return self.on <= today <= self.until


@dataclass(frozen=True, slots=True)
class Answer:
    """One question and what is said. `short`, `body` and `more` are Telegram HTML, once loaded; ids are
    permanent.

    `more` stands under "More about this", for a treatment how it works and what is gained; `more_sources`
    are those that only this page rests on.

    `label` is the question in few words, for a button; `aliases` are its other wordings. `written` is the day
    the text was last changed in earnest.
    """

    id: str
    topic: str
    question: str
    short: str
    body: str
    label: str = ""
    aliases: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()  # messages that must find it; `backcheck check` asks them
    related: tuple[str, ...] = ()
    claims: tuple[Claim, ...] = ()
    sources: tuple[str, ...] = ()
    written: date | None = None
    more: str = ""
    more_sources: tuple[str, ...] = ()

    @property
    def on_button(self) -> str:
        return self.label or self.question


@dataclass(frozen=True, slots=True)
class Topic:
    """A heading of the menu and its answers' ids, in menu order."""

    id: str
    title: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RedFlag:
    """A sign that is answered before anything else. `card` names the card shown for it.

    `wording` and `label` are plain text, and so is `why`, which is for whoever reviews the pack. A `lenient`
    one costs most when it is missed: few words bring its card. One that is not `asked` is shown or not, and
    never asked about on a hunch.
    """

    id: str
    tier: Tier
    wording: str
    why: str
    card: str
    sources: tuple[str, ...] = ()
    label: str = ""  # a few words
    short: str = ""  # fewer, for a narrow button
    lenient: bool = False
    asked: bool = True

    @property
    def on_button(self) -> str:
        return self.short or self.label


@dataclass(frozen=True, slots=True)
class Card:
    """What is shown for a warning sign: Telegram HTML, once loaded.

    `{emergency}` is where the number goes, `{call}` the same after "if that happens,", `{signs}` the signs'
    wording, `{advice}` the advice line. One that is not `quoted` never repeats what somebody wrote: their own
    words may read as a reproach.
    """

    id: str
    tier: Tier
    body: str
    quoted: bool = True


@dataclass(frozen=True, slots=True)
class Country:
    """Whom to call. `shown` is what a person reads; `confidence` C adds "check your local number".

    `advice` is the line for what is urgent but no emergency, shown as it stands; `note` is for us; `label` is
    the name in few letters, for a button.
    """

    iso: str
    name: str
    numbers: tuple[str, ...]
    shown: str
    confidence: Literal["A", "B", "C"]
    note: str | None = None
    advice: str | None = None
    verified_on: date | None = None
    sources: tuple[str, ...] = ()
    label: str = ""

    @property
    def on_button(self) -> str:
        return self.label or self.name


@dataclass(frozen=True, slots=True)
class Meaning:
    """Something people write to the bot itself, or about its last answer; conversation.yaml says how."""

    id: str
    does: Does
    whole: tuple[str, ...] = ()
    clause: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    signs: str = ""
    command: str = ""
    answers: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TimeWords:
    """How people name a time, to come or past; conversation.yaml says what each is for.

    `units`, `parts_of_hour` and `spans_ago` are in minutes, `fractions` in sixtieths, `days` from today,
    `days_ago` before it, `nights_ago` before this night, `weekdays` from Monday, `parts` at an hour.
    """

    units: Mapping[str, int] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    rough_counts: Mapping[str, int] = field(default_factory=dict)
    fractions: Mapping[str, int] = field(default_factory=dict)
    days: Mapping[str, int] = field(default_factory=dict)
    weekdays: Mapping[str, int] = field(default_factory=dict)
    parts: Mapping[str, int] = field(default_factory=dict)
    ahead: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    at: tuple[str, ...] = ()
    around: tuple[str, ...] = ()
    before_noon: tuple[str, ...] = ()
    after_noon: tuple[str, ...] = ()
    repeats: tuple[str, ...] = ()
    single_units: tuple[str, ...] = ()
    together: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    past: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    parts_of_hour: Mapping[str, int] = field(default_factory=dict)
    half_hours: tuple[str, ...] = ()
    oclock: tuple[str, ...] = ()
    at_night: tuple[str, ...] = ()
    short_weekdays: tuple[str, ...] = ()
    before_days: tuple[str, ...] = ()
    denying: tuple[str, ...] = ()
    other_lengths: tuple[str, ...] = ()
    beside_hour: tuple[str, ...] = ()
    ago: tuple[str, ...] = ()
    moments: tuple[str, ...] = ()
    spans_ago: Mapping[str, int] = field(default_factory=dict)
    days_ago: Mapping[str, int] = field(default_factory=dict)
    nights: tuple[str, ...] = ()
    night_units: tuple[str, ...] = ()
    nights_ago: Mapping[str, int] = field(default_factory=dict)
    ordinals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conversation:
    """How people talk with the bot; conversation.yaml says what each is for. `countries` are further names of
    countries, by their codes; each `around_` are words with spaces between."""

    short_forms: Mapping[str, str] = field(default_factory=dict)
    polite: tuple[str, ...] = ()
    meanings: tuple[Meaning, ...] = ()
    numbers: tuple[str, ...] = ()
    around_score: str = ""
    around_place: str = ""
    around_label: str = ""
    times: TimeWords = TimeWords()
    what_now: Mapping[str, str] = field(default_factory=dict)  # topic, or any → answer
    question_words: tuple[str, ...] = ()
    further: tuple[str, ...] = ()
    hesitating: tuple[str, ...] = ()
    joining: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    ordinals: tuple[str, ...] = ()
    near_country: tuple[str, ...] = ()
    costs: tuple[str, ...] = ()
    pointing: tuple[str, ...] = ()
    narrowing: tuple[str, ...] = ()
    around_clock: str = ""
    began: str = ""
    around_onset: str = ""
    countries: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ForeignWords:
    """What is said in another language. Plain text; `{number}` is whom to call, or `any_number`.

    `card` is for whatever was written, `urgent` for an emergency, `crisis` for thoughts of suicide.
    """

    name: str
    direction: Literal["ltr", "rtl"]
    card: str
    any_number: str
    urgent: str
    crisis: str
    button_menu: str
    button_signs: str


@dataclass(frozen=True, slots=True)
class ContentPack:
    """Everything the bot says in one language, checked. Mappings keep menu order.

    `ui` is Telegram HTML with `{names}` to fill in, or plain text where a key says so (`is_plain`).
    `country` is the operator's own, whose number is shown until somebody picks another; `likely` are offered
    first.
    `reviews` holds those of items, such as answer/treat-best, that are signed as they stand here.
    """

    name: str
    version: str
    locale: str
    topics: Mapping[str, Topic]
    answers: Mapping[str, Answer]
    red_flags: Mapping[str, RedFlag]
    cards: Mapping[str, Card]
    sources: Mapping[str, Source]
    countries: Mapping[str, Country]
    ui: Mapping[str, str]
    foreign: Mapping[str, ForeignWords]  # by language; the pack's own is none of them
    country: str | None = None
    likely: tuple[str, ...] = ()
    reviews: Mapping[str, Review] = field(default_factory=dict)
    conversation: Conversation = Conversation()


def first_lapse(pack: ContentPack, today: date) -> date | None:
    """The day on which the first review that still holds ends; None when nothing is reviewed."""
    return min((review.until for review in pack.reviews.values() if review.until >= today), default=None)


SERVICE = "service."  # begins the keys of service messages, of which a pack has as many as it likes


def service_messages(pack: ContentPack) -> dict[str, str]:
    """What the operator can say to everybody who has an open episode, by name: Telegram HTML."""
    return {key.removeprefix(SERVICE): text for key, text in pack.ui.items() if key.startswith(SERVICE)}


PLAIN_PARTS = frozenset({"button", "command", "alert", "inline", "label", "picture", "profile", "typed"})


def is_plain(key: str) -> bool:
    """Whether a sentence of `ui` is plain text: its key begins or ends with one of PLAIN_PARTS."""
    parts = key.split(".")
    return parts[0] in PLAIN_PARTS or parts[-1] in PLAIN_PARTS
