"""What every episode screen shares: the pack's sentences, whom to call, local times, the last row."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import escape
from types import MappingProxyType

from tgbot.content import ContentPack, Country
from tgbot.followup.course import Course
from tgbot.followup.episode import FollowUp, Person
from tgbot.followup.planning import is_extra
from tgbot.followup.protocol import Felt, Protocol
from tgbot.followup.urgency import standing
from tgbot.screens.buttons import Button, ShowCard, ShowChart, ShowMenu, ShowUrgent
from tgbot.screens.emergency import call_line, conditional_call
from tgbot.screens.screen import Key, KeyRow
from tgbot.screens.when import When

NO_DAYS: Mapping[str, str] = MappingProxyType({"by": "", "main": ""})
TOLD = (Felt.WORSE.value, Felt.LITTLE.value)  # what `standing` names beside the signs


class Html(str):
    """Text that is Telegram HTML already and is not escaped again."""

    __slots__ = ()


class Words:
    """`say` gives Telegram HTML; `plain` gives what buttons, alerts and command lists show."""

    def __init__(self, pack: ContentPack) -> None:
        self._ui = pack.ui

    def say(self, key: str, **values: object) -> str:
        """A sentence as HTML. A value that is HTML already is wrapped in `Html`."""
        return self._ui[key].format_map({name: _escaped(value) for name, value in values.items()})

    def plain(self, key: str, **values: object) -> str:
        """A sentence for a place that shows no markup."""
        return self._ui[key].format_map(values)


def _escaped(value: object) -> str:
    return value if isinstance(value, Html) else escape(str(value), quote=False)


class ScreenContext:
    """One language's sentences, times and keys. `say` gives HTML; `plain` what shows no markup.

    `charts` and `cards` say what this installation can draw: no button leads nowhere.
    """

    def __init__(
        self, pack: ContentPack, protocol: Protocol, *, charts: bool = True, cards: bool = True
    ) -> None:
        self.pack = pack
        self.protocol = protocol
        self._words = Words(pack)
        self._charts, self._cards = charts, cards
        self.when = When(pack.locale, pack.ui["time.exact"], pack.ui["time.yours"])

    def say(self, key: str, **values: object) -> str:
        return self._words.say(key, **values)

    def plain(self, key: str, **values: object) -> str:
        return self._words.plain(key, **values)

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
