"""From "when did it start?" – the choices, and what each means – to "I will write on Thursday 26 November at
09:10"."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from tgbot.content import Country
from tgbot.followup.check_in_answers import URGENT, backgrounds, standing
from tgbot.followup.episode import Course, FollowUp, Person
from tgbot.followup.planning import is_extra
from tgbot.followup.protocol import Background, CountedFrom, Protocol
from tgbot.screens.buttons import (
    MORE,
    NONE,
    PRIVACY,
    SOME,
    Begin,
    Button,
    OnsetDay,
    PickOnset,
    PickZone,
    SetCountry,
    ShowEpisode,
    ShowSettings,
    ShowUrgent,
    StopEpisode,
)
from tgbot.screens.onsets import TOLD_LENGTH, onset_of, packed_onset
from tgbot.screens.screen import Html, Key, KeyRow, Screen, ScreenContext, joined, rows_of
from tgbot.screens.warning_screens import sign_list, which_sign
from tgbot.screens.zones import A_PAGE, page_of

TODAY = ("h1", "h2", "h3", "h4", "h5", "h6", "h8", "h10", "h12")
LAST_NIGHT = ("h6", "h8", "h10", "h12", "h14", "h16")
YESTERDAY = ("h4", "h6", "h8", *(f"h{hours}" for hours in range(12, 45, 4)))  # at any hour of today
LONGER = ("d4", "d5", "d6", "w1", "d10", "w2", "w3", "w4", "w6", "w8")

DAYS_BACK = 16
_AN_HOUR = timedelta(hours=1)
_ZONE_ASKED = {"x": "start.zone_first", "t": "start.zone_told"}  # by the first letter of where
_DAYS = {"today": 0, "yesterday": 1}  # how many days ago
_MENUS = {"today": TODAY, "night": LAST_NIGHT, "yesterday": YESTERDAY}
_COUNTED = {"h": "hours_ago", "d": "days_ago", "w": "weeks_ago"}


class StartScreens:
    """The form that starts an episode. What is filled in so far stands in the buttons."""

    def __init__(self, frame: ScreenContext) -> None:
        self._frame = frame

    def onset(self, whose: str = "", above: str = "") -> Screen:
        """When did it start?"""
        key = self._frame.key
        rows = (
            (key("now", PickOnset("n", whose)), key("today", PickOnset("today", whose))),
            (key("last_night", PickOnset("night", whose)), key("yesterday", PickOnset("yesterday", whose))),
            (key("two_days", PickOnset("d2", whose)), key("three_days", PickOnset("d3", whose))),
            (key("longer", PickOnset("longer", whose)), key("exact", PickOnset("exact", whose))),
            self._frame.last_row(ShowEpisode() if whose and not whose.startswith("+") else None),
        )
        return Screen(self._frame.text(above, self._frame.say("start.onset")), rows)

    def onset_menu(self, menu: str, whose: str, now: datetime, zone: str | None) -> Screen | None:
        """The second tap: an hour of that day if the zone is known, else so many hours ago; or longer."""
        back = PickOnset("", whose)
        if zone is not None and menu in _DAYS:
            day = now.astimezone(ZoneInfo(zone)).date() - timedelta(days=_DAYS[menu])
            return self.hours(zone, day, whose, now, back)
        choices: tuple[str, ...]
        if menu == "longer":
            choices, width, said = LONGER, 3, "start.longer"
        elif menu in _MENUS:
            choices, width, said = _MENUS[menu], 3 if zone is None else 2, "start.hours"
        else:
            return None
        keys = [Key(self._ago(how, now, zone), PickOnset(how, whose)) for how in choices]
        rows = joined(rows_of(keys, width), (self._frame.last_row(back),))
        return Screen(self._frame.say(said), rows)

    def _ago(self, how: str, now: datetime, zone: str | None) -> str:
        if how == LONGER[-1]:
            return self._frame.plain("button.weeks_more")
        if how == "w1":
            return self._frame.plain("button.week_ago")
        said = self._frame.plain(f"button.{_COUNTED[how[0]]}", count=how[1:])
        instant = onset_of(how, now)
        if zone is None or instant is None or how[0] != "h":
            return said
        return f"{said} ({self._frame.when.clock(instant, zone)})"

    def days(self, zone: str, whose: str, now: datetime) -> Screen:
        """The exact onset: which day, on the person's own calendar."""
        today = now.astimezone(ZoneInfo(zone)).date()
        dates = [today - timedelta(days=back) for back in range(DAYS_BACK)]
        keys = [
            Key(self._frame.when.weekday(day), OnsetDay(zone, str(day.toordinal()), whose)) for day in dates
        ]
        rows = joined(rows_of(keys, 4), (self._frame.last_row(PickOnset("", whose)),))
        return Screen(self._frame.say("start.day"), rows)

    def hours(self, zone: str, day: date, whose: str, now: datetime, back: Button | None = None) -> Screen:
        """The exact onset: the hours of that day that have passed, as the clocks there had them."""
        midnight = datetime.combine(day, time(), ZoneInfo(zone))
        after = [midnight.astimezone(now.tzinfo) + timedelta(hours=hour) for hour in range(26)]
        hours = [at for at in after if at <= now and at.astimezone(ZoneInfo(zone)).date() == day]
        keys = [
            Key(self._frame.when.clock(at, zone), PickOnset(f"s{packed_onset(at)}", whose)) for at in hours
        ]
        text = self._frame.say("start.hour", day=self._day(day, zone))
        width = 6 if len(keys) <= 24 else 7  # a day in autumn has 25 hours
        last = self._frame.last_row(back or OnsetDay(zone, "", whose))
        return Screen(text, joined(rows_of(keys, width), (last,)))

    def _day(self, day: date, zone: str) -> str:
        return self._frame.when.day(datetime.combine(day, time(12), ZoneInfo(zone)), zone)

    def safety(self, form: Begin) -> Screen:
        """Warning signs come before everything else."""
        frame = self._frame
        keys = (
            frame.key("none", Begin(form.onset, NONE, whose=form.whose)),
            frame.key("one_of_these", Begin(form.onset, SOME, whose=form.whose)),
        )
        text = frame.text(frame.say("start.safety"), sign_list(frame))
        return Screen(text, (keys, frame.last_row(PickOnset("", form.whose))))

    def which_sign(self, form: Begin, country: Country | None) -> Screen:
        """The number at once, and each sign as a key."""
        press = partial(Begin, form.onset, whose=form.whose)
        return which_sign(self._frame, country, press, more=form.sign == MORE)

    def background(self, form: Begin, person: Person | None) -> Screen:
        """Who needs another road than most: any number of taps, or none. A same-day sign stands above it."""
        frame, ticked = self._frame, form.background[1:]
        urgent = self.urgent(replace(form, background=""), person)
        keys = [self._tick(form, one, ticked) for one in frame.protocol.background.values()]
        done = (frame.key("go_on", replace(form, background=f"-{ticked}")),)
        last = frame.last_row(Begin(form.onset, whose=form.whose))
        return Screen(frame.text(urgent, frame.say("start.background")), (*rows_of(keys, 2), done, last))

    def _tick(self, form: Begin, one: Background, ticked: str) -> Key:
        """Adds its letter to those that are ticked; a second tap takes it away."""
        label = self._frame.plain(f"label.background.{one.id}")
        if one.letter in ticked:
            label = self._frame.plain("label.ticked", what=label)
            return Key(label, replace(form, background=f".{ticked.replace(one.letter, '')}"))
        return Key(label, replace(form, background=f".{ticked}{one.letter}"))

    def urgent(self, form: Begin, person: Person | None) -> str:
        """What to do about a same-day sign, or about who the person is; empty when there is neither."""
        frame, told = self._frame, told_background(self._frame.protocol, form.background)
        today = [one for one in told if frame.protocol.background[one].today]
        what = today[0] if form.sign == NONE and today else form.sign
        urgent = frame.advice(URGENT, what, person) if what != NONE else ""
        return frame.text(urgent, frame.backgrounds(told))

    def again(self) -> str:
        """For whoever was well: it is back."""
        return self._frame.say("start.again")

    def pain(self, form: Begin, person: Person | None) -> Screen:
        """How bad is it? After a same-day sign, what to do about that stands first."""
        keys = [Key(str(score), replace(form, pain=str(score), consent="")) for score in range(11)]
        text = self._frame.text(self.urgent(form, person), self._frame.say("start.pain"))
        last = self._frame.last_row(replace(form, pain="", background=f".{form.background[1:]}"))
        return Screen(text, joined(rows_of(keys, 6), (last,)))

    def consent(self, form: Begin) -> Screen:
        """Before anything is stored: what, for what, and how to take it back."""
        yes, no = replace(form, consent="y"), replace(form, consent="n")
        rows = (
            (self._frame.key("consent_yes", yes),),
            (self._frame.key("consent_no", no),),
            (self._frame.key("privacy", replace(form, consent=PRIVACY)),),
            self._frame.last_row(replace(form, pain="")),
        )
        return Screen(self._frame.say("start.consent"), rows)

    def privacy(self, form: Begin, privacy: Screen) -> Screen:
        """What is stored, with the way back to the question that it was asked from."""
        return replace(privacy, rows=(self._frame.last_row(replace(form, consent="")),))

    def future(self) -> str:
        return self._frame.say("start.future")

    def long_ago(self) -> str:
        return self._frame.say("start.long_ago")

    def understood(self, screen: Screen, onset: datetime, zone: str | None, now: datetime) -> Screen:
        """The screen that comes next, below what was made of a time that was typed."""
        ago, frame = now - onset, self._frame
        if zone is not None:
            said = frame.say("start.began", onset=frame.when.exact(onset, zone))
        elif ago < timedelta(hours=1):
            return screen
        elif ago < timedelta(days=2):
            said = frame.say("start.began_ago", ago=frame.plain("button.hours_ago", count=ago // _AN_HOUR))
        else:
            said = frame.say("start.began_ago", ago=frame.plain("button.days_ago", count=ago.days))
        return replace(screen, text=frame.text(said, screen.text))

    def below(self, key: str, screen: Screen) -> Screen:
        """A screen below a sentence."""
        return replace(screen, text=self._frame.text(self._frame.say(key), screen.text))

    def with_way_back(self, screen: Screen, form: Button) -> Screen:
        """A screen of something else, with the way back to the form's question."""
        return replace(screen, rows=((self._frame.key("to_form", form),), *screen.rows))

    def zone_first(self) -> str:
        return self._frame.say("start.zone_first")

    def no_consent(self, form: Begin, person: Person | None) -> Screen:
        """Nothing is stored; what was told a moment ago is not forgotten for that."""
        frame, urgent = self._frame, self.urgent(form, person)
        today = form.sign != NONE or any(
            frame.protocol.background[one].today for one in told_background(frame.protocol, form.background)
        )
        said = frame.say("start.no_consent_urgent")
        if not today:
            said = frame.say("start.no_consent", call=frame.call(person))
        return Screen(frame.text(urgent, said), (frame.last_row(),))

    def no_but_open(self, form: Begin, course: Course, person: Person | None, now: datetime) -> Screen:
        """A no to one form, while the episode of another is open: that one goes on, until it is stopped."""
        frame, episode = self._frame, course.episode
        said = frame.say(
            "start.no_but_open",
            onset=frame.when.exact(episode.onset, course.zone),
            state=Html(frame.state(course, now)),
            call=frame.call(person),
        )
        keys = (frame.key("episode_show", ShowEpisode()), frame.key("stop", StopEpisode(episode.id)))
        text = frame.text(self.urgent(form, person), said, frame.stands(course))
        return Screen(text, (keys, frame.last_row()))

    def has_open(self, course: Course) -> Screen:
        """A new episode, or the one that is open?"""
        began = self._frame.when.exact(course.episode.onset, course.zone)
        rows = (
            (
                self._frame.key("same_episode", ShowEpisode()),
                self._frame.key("new_episode", PickOnset("", f"+{course.episode.id}")),
            ),
            self._frame.last_row(),
        )
        return Screen(self._frame.say("start.has_open", onset=began), rows)

    def planned(self, course: Course, person: Person | None, now: datetime) -> Screen:
        """Exactly when the next message comes, and what not to wait for. Without a zone it is asked last."""
        frame = self._frame
        one = next(one for one in course.planned if not is_extra(frame.protocol, one))
        stands = standing(frame.protocol, course)
        said = "start.planned_net" if stands else "start.planned"
        words = frame.urgent_words(stands.told if stands else "", person)
        told = frame.backgrounds(backgrounds(course))
        if course.zone is None:
            text = frame.text(told, frame.say(f"{said}_zone", later=self._later(one), **words))
            return self.zones(now, 0, "e", text)
        moved = frame.plain("label.moved") if one.send_at > one.due_at else ""
        text = frame.text(frame.coming(said, course, one, now, quiet=moved, **words), told)
        country = () if frame.country(person) else ((frame.key("country_set", SetCountry()),),)
        keys = (frame.key("episode_show", ShowEpisode()), frame.key("settings", ShowSettings()))
        return Screen(text, (*country, keys, frame.last_row()))

    def _later(self, one: FollowUp) -> str:
        """When a contact comes, for somebody whose clock is not known."""
        step = self._frame.protocol.steps[one.step]
        label = "net" if step.counted_from is CountedFrom.ANSWER else "main"
        return self._frame.plain(f"label.later.{label}", hours=step.after // timedelta(hours=1))

    def zones(self, now: datetime, page: int, where: str, text: str = "") -> Screen:
        """My time is now …: a tap on what the clock shows. Cities tell apart who shares an hour."""
        frame = self._frame
        zones, more = page_of(page, now)
        keys = [
            Key(f"{frame.when.clock(now, zone)} · {frame.when.city(zone)}", PickZone(zone, str(page), where))
            for zone in zones
        ]
        turn = frame.key("zone_more", PickZone("", str(page + 1), where))
        if not more:
            turn = frame.key("zone_first", PickZone("", "0", where))
        asked = frame.say(_ZONE_ASKED.get(where[:1], "settings.zone"))
        return Screen(text or asked, joined(rows_of(keys, 2), (self._zone_last(where, turn),)))

    def some_zones(self, zones: Sequence[str], now: datetime, where: str, text: str) -> Screen:
        """The zones that a city, a country or an hour may stand for."""
        frame = self._frame
        keys = [
            Key(f"{frame.when.clock(now, zone)} · {frame.when.city(zone)}", PickZone(zone, "0", where))
            for zone in zones[:A_PAGE]
        ]
        turn = frame.key("zone_more", PickZone("", "0", where))
        return Screen(text, joined(rows_of(keys, 2), (self._zone_last(where, turn),)))

    def _zone_last(self, where: str, turn: Key) -> KeyRow:
        """The way back to where the time was asked for, and to other zones."""
        back: Button = ShowEpisode() if where == "e" else ShowSettings()
        if where[:1] in ("x", "t"):
            back = PickOnset("", where[1:] if where.startswith("x") else where[1 + TOLD_LENGTH :])
        return (self._frame.key("back", back), turn, self._frame.key("urgent", ShowUrgent()))


def told_background(protocol: Protocol, letters: str) -> tuple[str, ...]:
    """The ids of what was ticked."""
    return tuple(one.id for one in protocol.background.values() if one.letter in letters[1:])
