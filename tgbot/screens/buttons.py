"""Every button: its prefix, and typed fields that are packed into Telegram's 64 bytes.

Callback data comes from outside and may be forged or years old: what does not unpack is a value
(`UnknownButton`), never an exception. Prefixes are permanent, as old messages keep their buttons.
A half-filled form stands in its own buttons: nothing of it is remembered anywhere until it is whole.
Instants are seconds since 1970 in base 36.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar, dataclass_transform

LONGEST_DATA = 64  # bytes of callback_data, Bot API
_SEPARATOR = ":"
NONE = "-"  # the safety question, answered with "none of these"
MORE = "*"  # … with "more signs", from there
SOME = "+"  # … with "one of these": which, is asked next
PRIVACY = "p"  # the question for consent, answered with "what is stored?"


class Button:
    """What a key of an inline keyboard asks for."""

    __slots__ = ()


AnyButton = TypeVar("AnyButton", bound=Button)
KINDS: dict[str, type[Button]] = {}  # by prefix
_PREFIXES: dict[type[Button], str] = {}
_FIELDS: dict[type[Button], tuple[str, ...]] = {}


@dataclass_transform(frozen_default=True)
def button(prefix: str) -> Callable[[type[AnyButton]], type[AnyButton]]:
    """Make a class a button under `prefix`, which no other has. Its fields are short words, in this order in
    the data."""

    def register(kind: type[AnyButton]) -> type[AnyButton]:
        if prefix in KINDS:
            raise ValueError(f"{KINDS[prefix].__name__} has the prefix {prefix!r} already")
        made = dataclass(frozen=True, slots=True)(kind)
        KINDS[prefix], _PREFIXES[made] = made, prefix
        _FIELDS[made] = tuple(made.__match_args__)  # type: ignore[attr-defined]  # dataclass made it
        return made

    return register


@button("m")
class ShowMenu(Button):
    """The topics."""


@button("t")
class ShowTopic(Button):
    topic: str


@button("tp")
class ShowTopicPage(Button):
    """A further page of a topic's questions."""

    topic: str
    page: str


@button("a")
class ShowAnswer(Button):
    answer: str


@button("mo")
class ShowMore(Button):
    """The answer with the questions that are related to it as its keys."""

    answer: str


@button("u")
class ShowUrgent(Button):
    """The warning signs; `back` names the answer to go back to, or nothing for the menu."""

    back: str = ""


@button("us")
class ShowSign(Button):
    """One of the signs of the safety question: its card."""

    sign: str


@button("un")
class NoneOfThese(Button):
    """None of the safety question's signs. `answers` are the ids that were found, comma-separated."""

    answers: str = ""


@button("uw")
class OneOfThese(Button):
    """One of the safety question's signs: the number, and each as a key.

    `signs` are the suspected ones, apart by dots; `answers` as in NoneOfThese.
    """

    signs: str
    answers: str = ""


@button("ud")
class ShowSameDay(Button):
    """The signs to be seen for today, after the emergency ones; `back` as in ShowUrgent."""

    back: str = ""


@button("h")
class ShowHelp(Button):
    pass


@button("p")
class ShowPrivacy(Button):
    pass


@button("v")
class Vote(Button):
    """Was this helpful? `value` is y or n."""

    answer: str
    value: str


@button("xp")
class Export(Button):
    """Hand over everything that is stored."""


@button("x")
class Forget(Button):
    """Erase everything, asked for twice: `sure` is y on the second button."""

    sure: str = ""


@button("cs")
class ShowCountries(Button):
    """Countries by page, to pick the emergency number of; `back` as in ShowUrgent."""

    page: str = "0"
    back: str = ""


@button("c")
class PickCountry(Button):
    iso: str
    back: str = ""


@button("cn")
class CardCountry(Button):
    """Under an emergency card: the country whose number it shows, or a `page` to pick it from.

    `signs` are what the card is shown for, apart by dots.
    """

    signs: str
    iso: str = ""
    page: str = ""


@button("kc")
class CheckCountry(Button):
    """The same under the card for a sign of the safety question; `follow_up` names its check-in, if any."""

    sign: str
    follow_up: str = ""
    iso: str = ""
    page: str = ""


@button("e")
class StartEpisode(Button):
    """Note an episode and be checked on."""


@button("eo")
class PickOnset(Button):
    """When it started. `how` is empty (the first choice), a menu, or so long ago: n, h3, d2, w4.

    `whose` is empty for a first episode, `+` and an id for one that takes that open one's place (a second tap
    finds another one open), else the id of the episode whose onset is edited.
    """

    how: str = ""
    whose: str = ""


@button("ed")
class OnsetDay(Button):
    """The exact onset: first a day (its ordinal, or nothing), in a zone; then its hours are shown."""

    zone: str
    day: str = ""
    whose: str = ""


@button("eb")
class Begin(Button):
    """The form that starts an episode, as far as it is filled in. `consent` is y, n or PRIVACY.

    `background` holds the letters of what was ticked: after a dot while it is asked, after a dash when done.
    """

    onset: str
    sign: str = ""
    pain: str = ""
    consent: str = ""
    whose: str = ""
    background: str = ""


@button("z")
class PickZone(Button):
    """A zone, empty for the choice; `page` of it, and where it was asked: s settings, e a new episode,
    x and a `whose` for its exact onset, t and a told onset before the `whose` for one that was typed."""

    zone: str = ""
    page: str = "0"
    where: str = "s"


@button("k")
class AnswerCheckIn(Button):
    """A check-in, as far as it is answered."""

    follow_up: str
    sign: str = ""
    seen: str = ""
    change: str = ""
    function: str = ""


@button("kp")
class SayPain(Button):
    """How bad it is, with the answer to a check-in: 0 to 10."""

    follow_up: str
    score: str


@button("kz")
class Snooze(Button):
    """Later: `how` is empty for the choice, else h (an hour), e (this evening) or t (tomorrow)."""

    follow_up: str
    how: str = ""


@button("ku")
class Undo(Button):
    """The last answer to this check-in was a wrong tap."""

    follow_up: str


@button("kw")
class WantSafety(Button):
    """After an emergency: ask me once tomorrow whether I am safe."""

    episode: str


@button("km")
class SayOneMore(Button):
    """After "gone": ask me once more."""

    episode: str


@button("ko")
class DropExtra(Button):
    """Not then, after all: a check-in that the person asked for."""

    follow_up: str


@button("ks")
class SaySafe(Button):
    """Are you safe? `value` is y or n."""

    follow_up: str
    value: str


@button("es")
class ShowEpisode(Button):
    pass


@button("en")
class CheckNow(Button):
    episode: str


@button("ex")
class StopEpisode(Button):
    episode: str


@button("er")
class Reopen(Button):
    episode: str


@button("dp")
class NotePain(Button):
    """A score; empty for the choice."""

    score: str = ""


@button("dh")
class NoteHelped(Button):
    """What helped; empty for the choice."""

    what: str = ""


@button("dn")
class HowToNote(Button):
    pass


@button("hs")
class ShowHistory(Button):
    page: str = "0"


@button("hc")
class ShowChart(Button):
    episode: str


@button("hp")
class ShowCard(Button):
    episode: str


@button("s")
class ShowSettings(Button):
    pass


@button("sq")
class SetQuiet(Button):
    """Quiet hours as 2100-0800, off, or empty for the choice."""

    hours: str = ""


@button("sc")
class SetCountry(Button):
    """A country's code, or empty for the choice; `page` of it."""

    iso: str = ""
    page: str = "0"


@button("sw")
class WithdrawConsent(Button):
    """Withdraw consent."""


@button("sm")
class ShowServiceMessages(Button):
    """For admins, like the three below: which there are, and what became of the last one."""


@button("sp")
class ShowServiceMessage(Button):
    """One of the pack's service messages before it is sent; `number` is the one it would have."""

    name: str
    number: str


@button("sy")
class SendServiceMessage(Button):
    """Send it. `mark` is of the words that were seen."""

    name: str
    number: str
    mark: str


@button("sx")
class StopServiceMessage(Button):
    number: str


@dataclass(frozen=True, slots=True)
class UnknownButton:
    """Data that is none of ours, or from a version long gone."""

    data: str


# Fields that are carried on into the next screen's buttons, and what a button of ours can hold in them: with
# more in it, the next button would not fit. Any other field is looked up, and leads nowhere if it is unknown.
SHAPES = {
    "signs": re.compile(r"[A-Za-z0-9.-]{1,40}", re.ASCII),
    "follow_up": re.compile(r"[\w-]{0,20}", re.ASCII),
    "iso": re.compile(r"[A-Z]{0,2}", re.ASCII),
    "whose": re.compile(r"\+?[\w-]{0,16}", re.ASCII),
    "where": re.compile(r"[se]|(?:x|t[0-9a-z]{7})\+?[\w-]{0,16}", re.ASCII),
    "background": re.compile(r"(?:[.-][a-z]{0,6})?", re.ASCII),
    "number": re.compile(r"\d{1,9}", re.ASCII),
    "page": re.compile(r"\d{0,4}", re.ASCII),
}


def pack(button: Button) -> str:
    """The button as callback data. Raises ValueError over 64 bytes or with a separator in a field."""
    kind = type(button)
    values = [str(getattr(button, name)) for name in _FIELDS[kind]]
    if any(_SEPARATOR in value for value in values):
        raise ValueError(f"{button} holds a {_SEPARATOR!r}")
    data = _SEPARATOR.join([_PREFIXES[kind], *values])
    if len(data.encode()) > LONGEST_DATA:
        raise ValueError(f"{button} does not fit in {LONGEST_DATA} bytes")
    return data


@lru_cache(maxsize=1_000)  # many tap the same ones
def unpack(data: str) -> Button | UnknownButton:
    """The button that `data` stands for, or `UnknownButton`."""
    prefix, *values = data.split(_SEPARATOR)
    kind = KINDS.get(prefix)
    if kind is Begin and len(values) == len(_FIELDS[kind]) - 1:
        values.append("")  # a message of before `background` was asked
    if kind is None or len(values) != len(_FIELDS[kind]):
        return UnknownButton(data)
    for name, value in zip(_FIELDS[kind], values, strict=True):
        if name in SHAPES and not SHAPES[name].fullmatch(value):
            return UnknownButton(data)
    return kind(*values)
