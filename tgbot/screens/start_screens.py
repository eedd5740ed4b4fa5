"""From "when did it start?" to "I will write on Thursday 26 November at 09:10"."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tgbot.followup.check_in_answers import URGENT
from tgbot.followup.course import Course
from tgbot.followup.episode import FollowUp, Person
from tgbot.followup.protocol import CountedFrom
from tgbot.followup.urgency import standing
from tgbot.screens import onset
from tgbot.screens.buttons import (
    NONE,
    Begin,
    OnsetDay,
    PickOnset,
    PickZone,
    SetCountry,
    ShowEpisode,
    ShowPrivacy,
    ShowSettings,
)
from tgbot.screens.screen import Key, Screen
from tgbot.screens.screen_context import ScreenContext, joined, rows_of
from tgbot.screens.zones import page_of

DAYS_BACK = 14
_MENUS = {"today": onset.TODAY, "night": onset.LAST_NIGHT, "yesterday": onset.YESTERDAY}
_COUNTED = {"h": "hours_ago", "d": "days_ago", "w": "weeks_ago"}


class StartScreens:
    """The form that starts an episode. What is filled in so far stands in the buttons."""

    def __init__(self, frame: ScreenContext) -> None:
        self._frame = frame

    def onset(self, whose: str = "", above: str = "") -> Screen:
        """When did it start?"""
        key = self._frame.key
        rows = (
            (key("now", PickOnset("n", whose)),),
            (key("today", PickOnset("today", whose)), key("last_night", PickOnset("night", whose))),
            (key("yesterday", PickOnset("yesterday", whose)),),
            (key("two_days", PickOnset("d2", whose)), key("three_days", PickOnset("d3", whose))),
            (key("longer", PickOnset("longer", whose)), key("exact", PickOnset("exact", whose))),
            self._frame.last_row(),
        )
        return Screen(self._frame.text(above, self._frame.say("start.onset")), rows)

    def onset_menu(self, menu: str, whose: str, now: datetime, zone: str | None) -> Screen | None:
        """The second tap: so many hours ago (with the hour on the clock, if the zone is known), or longer."""
        choices: tuple[str, ...]
        if menu == "longer":
            choices, width, said = onset.LONGER, 2, "start.longer"
        elif menu in _MENUS:
            choices, width, said = _MENUS[menu], 3 if zone is None else 2, "start.hours"
        else:
            return None
        keys = [Key(self._ago(how, now, zone), PickOnset(how, whose)) for how in choices]
        back = (self._frame.key("back", PickOnset("", whose)),)
        return Screen(self._frame.say(said), joined(rows_of(keys, width), (back, self._frame.last_row())))

    def _ago(self, how: str, now: datetime, zone: str | None) -> str:
        if how == onset.LONGER[-1]:
            return self._frame.plain("button.weeks_more")
        if how == "w1":
            return self._frame.plain("button.week_ago")
        said = self._frame.plain(f"button.{_COUNTED[how[0]]}", count=how[1:])
        instant = onset.onset_of(how, now)
        if zone is None or instant is None or how[0] != "h":
            return said
        return f"{said} ({self._frame.when.clock(instant, zone)})"

    def days(self, zone: str, whose: str, now: datetime) -> Screen:
        """The exact onset: which day, on the person's own calendar."""
        today = now.astimezone(ZoneInfo(zone)).date()
        dates = [today - timedelta(days=back) for back in range(DAYS_BACK)]
        keys = [Key(self._day(day, zone), OnsetDay(zone, str(day.toordinal()), whose)) for day in dates]
        back = (self._frame.key("back", PickOnset("", whose)),)
        return Screen(self._frame.say("start.day"), joined(rows_of(keys, 2), (back, self._frame.last_row())))

    def hours(self, zone: str, day: date, whose: str, now: datetime) -> Screen:
        """The exact onset: the hours of that day that have passed, as the clocks there had them."""
        midnight = datetime.combine(day, time(), ZoneInfo(zone))
        after = [midnight.astimezone(now.tzinfo) + timedelta(hours=hour) for hour in range(26)]
        hours = [at for at in after if at <= now and at.astimezone(ZoneInfo(zone)).date() == day]
        keys = [
            Key(self._frame.when.clock(at, zone), PickOnset(f"s{onset.packed(at)}", whose)) for at in hours
        ]
        back = (self._frame.key("back", OnsetDay(zone, "", whose)),)
        text = self._frame.say("start.hour", day=self._day(day, zone))
        return Screen(text, joined(rows_of(keys, 4), (back, self._frame.last_row())))

    def _day(self, day: date, zone: str) -> str:
        return self._frame.when.day(datetime.combine(day, time(12), ZoneInfo(zone)), zone)

    def safety(self, form: Begin) -> Screen:
        """Warning signs come before everything else."""
        signs = (
            self._frame.key(f"sign.{sign}", Begin(form.onset, sign, whose=form.whose))
            for sign in self._frame.protocol.signs
        )
        rows = (
            *((key,) for key in signs),
            (self._frame.key("none", Begin(form.onset, NONE, whose=form.whose)),),
            self._frame.last_row(),
        )
        return Screen(self._frame.say("start.safety"), rows)

    def pain(self, form: Begin, person: Person | None) -> Screen:
        """How bad is it? After a same-day sign, what to do about that stands first."""
        keys = [
            Key(str(score), Begin(form.onset, form.sign, str(score), whose=form.whose)) for score in range(11)
        ]
        urgent = "" if form.sign == NONE else self._frame.advice(URGENT, form.sign, person)
        text = self._frame.text(urgent, self._frame.say("start.pain"))
        return Screen(text, joined(rows_of(keys, 4), (self._frame.last_row(),)))

    def consent(self, form: Begin) -> Screen:
        """Before anything is stored: what, for what, and how to take it back."""
        yes = Begin(form.onset, form.sign, form.pain, "y", form.whose)
        no = Begin(form.onset, form.sign, form.pain, "n", form.whose)
        rows = (
            (self._frame.key("consent_yes", yes),),
            (self._frame.key("consent_no", no),),
            (self._frame.key("privacy", ShowPrivacy()),),
            self._frame.last_row(),
        )
        return Screen(self._frame.say("start.consent"), rows)

    def future(self) -> str:
        return self._frame.say("declined.future_onset")

    def zone_first(self) -> str:
        return self._frame.say("start.zone_first")

    def no_consent(self, form: Begin, person: Person | None) -> Screen:
        """Nothing is stored; what was told a moment ago is not forgotten for that."""
        frame = self._frame
        if form.sign == NONE:
            text = frame.say("start.no_consent", call=frame.call(person))
        else:
            text = frame.text(frame.advice(URGENT, form.sign, person), frame.say("start.no_consent_urgent"))
        return Screen(text, (frame.last_row(),))

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
        frame, one = self._frame, course.planned[0]
        stands = standing(frame.protocol, course)
        said = "start.planned_net" if stands else "start.planned"
        words = frame.urgent_words(stands.told if stands else "", person)
        if course.zone is None:
            return self.zones(now, 0, "e", frame.say(f"{said}_zone", later=self._later(one), **words))
        moved = frame.plain("label.moved") if one.send_at > one.due_at else ""
        text = frame.coming(said, course, one, now, quiet=moved, **words)
        rows = (
            (self._frame.key("country_set", SetCountry()),),
            (self._frame.key("episode_show", ShowEpisode()), self._frame.key("settings", ShowSettings())),
            self._frame.last_row(),
        )
        return Screen(text, rows)

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
        rows = joined(rows_of(keys, 2), ((turn,), frame.last_row()))
        return Screen(text or frame.say("settings.zone"), rows)
