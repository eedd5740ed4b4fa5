"""A screen, and what all are made of: the pack's sentences, whom to call, dates and times, the last row."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from html import escape
from types import MappingProxyType
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton, format_time, get_timezone_location

from tgbot.content import ContentPack, Country
from tgbot.followup.check_in_answers import standing
from tgbot.followup.episode import Course, FollowUp, Person
from tgbot.followup.planning import is_extra
from tgbot.followup.protocol import Felt, Protocol
from tgbot.followup.times import QuietHours
from tgbot.screens.buttons import Button, ShowCard, ShowChart, ShowMenu, ShowUrgent
from tgbot.screens.markup import plain

LONGEST_TEXT = 4096  # of a message, as `shown_length` counts


@dataclass(frozen=True, slots=True)
class Key:
    """A button that comes back to us."""

    text: str
    press: Button


@dataclass(frozen=True, slots=True)
class Link:
    """A button that opens an address."""

    text: str
    url: str


KeyRow = tuple[Key | Link, ...]


@dataclass(frozen=True, slots=True)
class Screen:
    """`text` is Telegram HTML of at most 4096 characters after parsing.

    A `placeholder` asks for a typed answer, and shows where it is typed; such a screen is a new message
    without keys.
    """

    text: str
    rows: tuple[KeyRow, ...] = ()
    placeholder: str = ""


def shown_length(html: str) -> int:
    """How long Telegram finds a text: after its markup is read, in UTF-16 code units (most emoji are two)."""
    return len(plain(html).encode("utf-16-le")) // 2


class Html(str):
    """Text that is Telegram HTML already and is not escaped again."""

    __slots__ = ()


class Words:
    """`say` gives Telegram HTML; `plain` gives what buttons, alerts and command lists show."""

    def __init__(self, pack: ContentPack) -> None:
        self._ui = pack.ui

    def say(self, key: str, **values: object) -> str:
        """A sentence as HTML. A value that is HTML already is wrapped in `Html`."""
        shown = {
            name: value if isinstance(value, Html) else escape(str(value), quote=False)
            for name, value in values.items()
        }
        return self._ui[key].format_map(shown)

    def plain(self, key: str, **values: object) -> str:
        """A sentence for a place that shows no markup."""
        return self._ui[key].format_map(values)


def call_line(pack: ContentPack, country: Country | None) -> str:
    """The sentence that says to call now, as Telegram HTML.

    Without a country no number is presented as the right one. Where the sources disagree about a country's
    number, the sentence says to check it.
    """
    return _said(pack, "call.", country)


def conditional_call(pack: ContentPack, country: Country | None) -> str:
    """The same after "if that happens,": to be done only then."""
    return _said(pack, "call.if_", country)


def own_country(pack: ContentPack) -> Country | None:
    """The operator's country, whose number is shown as long as nobody chose another."""
    return pack.countries.get(pack.country or "")


def _said(pack: ContentPack, key: str, country: Country | None) -> str:
    shown = country or own_country(pack)
    if shown is None:
        return pack.ui[f"{key}unknown"].strip()
    known = "unsure" if shown.confidence == "C" else "known"
    words = {"number": escape(shown.shown), "country": escape(shown.name)}
    return pack.ui[f"{key}{known}"].format(**words).strip()


# The pack's English puts the day before the month and counts 24 hours, as most of its readers do.
_FORMATS = {"en": "en_GB"}


class When:
    """Dates and times of one language. `exact` joins a date and a time: `{date} at {time}`; `yours` says
    that it is the person's own time."""

    def __init__(self, locale: str, exact: str, yours: str) -> None:
        self._locale = _FORMATS.get(locale, locale)
        self._exact = exact
        self._yours = yours

    def day(self, instant: datetime, zone: str | None) -> str:
        """Thursday 26 November."""
        return format_skeleton("MMMMEEEEd", _there(instant, zone), locale=self._locale)

    def short_day(self, instant: datetime, zone: str | None) -> str:
        """26 Nov."""
        return format_skeleton("MMMd", _there(instant, zone), locale=self._locale)

    def weekday(self, day: date) -> str:
        """Thu 26."""
        return format_skeleton("Ed", datetime.combine(day, time()), locale=self._locale)

    def clock(self, instant: datetime, zone: str | None) -> str:
        """09:10."""
        return format_time(_there(instant, zone), "short", locale=self._locale)

    def exact(self, instant: datetime, zone: str | None) -> str:
        """Thursday 26 November at 09:10; the zone is said when it is not the person's own."""
        return self._joined(self._exact, instant, zone)

    def yours(self, instant: datetime, zone: str | None) -> str:
        """Thursday 26 November at 09:10, your time; as long as that is not known, UTC."""
        return self._joined(self._yours if zone else self._exact, instant, zone)

    def full(self, instant: datetime, zone: str | None) -> str:
        """26 Nov 2026, 09:10."""
        local = _there(instant, zone)
        return f"{format_date(local, 'medium', locale=self._locale)}, {self.clock(instant, zone)}"

    def hours(self, quiet: QuietHours) -> str:
        """21:00 – 08:00."""
        return f"{self._hour(quiet.start)} – {self._hour(quiet.end)}"

    def city(self, zone: str) -> str:
        """The city that a zone is named after."""
        return get_timezone_location(zone, locale=self._locale, return_city=True).rpartition("/")[2]

    def offset(self, instant: datetime, zone: str | None) -> str:
        """UTC+01:00: what a clinician needs to read the times elsewhere."""
        shift = _there(instant, zone).utcoffset() or timedelta()
        minutes = int(shift.total_seconds() // 60)
        return f"UTC{'+' if minutes >= 0 else '−'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"

    def _joined(self, how: str, instant: datetime, zone: str | None) -> str:
        said = how.format(date=self.day(instant, zone), time=self.clock(instant, zone))
        return said if zone else f"{said} UTC"

    def _hour(self, hour: time) -> str:
        return format_time(hour, "short", locale=self._locale)


@lru_cache(maxsize=64)  # a hundred answers were written on a few days
def long_date(day: date, locale: str) -> str:
    """23 November 2026."""
    return format_date(day, "long", locale=_FORMATS.get(locale, locale))


def _there(instant: datetime, zone: str | None) -> datetime:
    return instant.astimezone(ZoneInfo(zone or "UTC"))


NO_DAYS: Mapping[str, str] = MappingProxyType({"by": "", "main": ""})
TOLD = (Felt.WORSE.value, Felt.LITTLE.value)  # what `standing` names beside the signs


class ScreenContext(Words):
    """One language's sentences, times and keys.

    `charts` and `cards` say what this installation can draw: no button leads nowhere.
    """

    def __init__(
        self, pack: ContentPack, protocol: Protocol, *, charts: bool = True, cards: bool = True
    ) -> None:
        super().__init__(pack)
        self.pack = pack
        self.protocol = protocol
        self._charts, self._cards = charts, cards
        self.when = When(pack.locale, pack.ui["time.exact"], pack.ui["time.yours"])

    def text(self, *parts: str) -> str:
        """Paragraphs, without the empty ones."""
        return "\n\n".join(part for part in parts if part)

    def country(self, person: Person | None) -> Country | None:
        """The country that the person chose."""
        return self.pack.countries.get(person.country or "") if person else None

    def call(self, person: Person | None) -> Html:
        """Whom to call, after "in an emergency:"."""
        return Html(conditional_call(self.pack, self.country(person)))

    def advice(self, advice: str, told: str, person: Person | None, days: Mapping[str, str] = NO_DAYS) -> str:
        """The words for an answer, with whom to call and the country's line for what is urgent.

        `told` is a sign's id, worse or little; `days` are those that the words may name.
        """
        return self.say(f"advice.{advice}", **self.urgent_words(told, person), **days)

    def urgent_words(self, told: str, person: Person | None) -> dict[str, object]:
        """What every sentence about something urgent may name: what was told, and whom to call."""
        country = self.country(person)
        line = self.say("call.advice", advice=country.advice) if country and country.advice else ""
        now = Html(call_line(self.pack, country))
        return {"sign": self.told(told), "call": self.call(person), "call_now": now, "advice": Html(line)}

    def told(self, told: str) -> str:
        """A warning sign or "worse" in the words that the person tapped."""
        if told in self.protocol.signs:
            return self.plain(f"label.sign.{told}")
        if told in self.protocol.background:
            return self.plain(f"label.background.{told}")
        return self.plain(f"label.told.{told}" if told in TOLD else "label.safety.other")

    def backgrounds(self, told: Iterable[str]) -> str:
        """What is said to whoever needs another road than most, a paragraph each."""
        return self.text(*(self.say(f"background.{one}") for one in told if one in self.protocol.background))

    def stands(self, course: Course) -> str:
        """That something still has to be looked at today; empty when nothing has."""
        stands = standing(self.protocol, course)
        return self.say("check.stands", sign=self.told(stands.told)) if stands else ""

    def fixed(self, person: Person | None, above: str = "") -> str:
        """Nobody reads this chat, and whom to call, unless that is said `above`: on every check-in."""
        nobody, call = self.say("fixed"), self.call(person)
        return nobody if call in above else f"{nobody} {self.say('fixed.call', call=call)}"

    def key(self, label: str, press: Button, **values: object) -> Key:
        return Key(self.plain(f"button.{label}", **values), press)

    def picture_rows(self, episode: str) -> tuple[KeyRow, ...]:
        """Chart and card, as far as this installation can make them."""
        keys = [self.key("chart", ShowChart(episode))] if self._charts else []
        keys += [self.key("card", ShowCard(episode))] if self._cards else []
        return (tuple(keys),) if keys else ()

    def last_row(self, back: Button | None = None) -> KeyRow:
        """What stands on every screen: the warning signs, and the way back or all topics."""
        urgent = Key(self.plain("button.urgent"), ShowUrgent())
        if back is not None:
            return (self.key("back", back), urgent)
        return (urgent, Key(self.plain("button.menu"), ShowMenu()))

    def coming(self, key: str, course: Course, one: FollowUp, now: datetime, **values: object) -> str:
        """`key` with the exact hour of a contact. What an outage held up comes as soon as possible: an hour
        that has passed is no promise."""
        if one.send_at < now:
            return self.say("episode.overdue")
        return self.say(key, when=self.when.yours(one.send_at, course.zone), **values)

    def state(self, course: Course, now: datetime) -> str:
        """What comes next, with its exact hour; or that a check-in waits; or that nothing is planned. Beside
        it stands what the person asked for."""
        extra = [one for one in course.planned if is_extra(self.protocol, one)]
        ahead = [one for one in course.planned if one not in extra]
        asked = [self.coming("extra.next", course, one, now) for one in extra]
        if ahead:
            return self.text(self.coming("episode.next", course, ahead[0], now), *asked)
        if course.waiting or not extra:
            return self.text(
                self.say("episode.waiting" if course.waiting else "episode.none_planned"), *asked
            )
        return self.text(*asked)


def rows_of(keys: Sequence[Key], width: int) -> tuple[KeyRow, ...]:
    """Keys, so many a row."""
    return tuple(tuple(keys[at : at + width]) for at in range(0, len(keys), width))


def joined(*groups: Iterable[KeyRow]) -> tuple[KeyRow, ...]:
    return tuple(row for group in groups for row in group)
