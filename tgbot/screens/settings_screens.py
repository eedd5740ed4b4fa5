"""/settings: everything about how the bot writes, shown and changed in one place."""

from datetime import datetime, time

from tgbot.followup.episode import Course, EpisodeState, Person
from tgbot.followup.times import QuietHours
from tgbot.screens.buttons import (
    Forget,
    PickZone,
    SetCountry,
    SetQuiet,
    ShowSettings,
    StartEpisode,
    StopEpisode,
    WithdrawConsent,
)
from tgbot.screens.screen import Key, KeyRow, Screen, ScreenContext, joined, rows_of
from tgbot.screens.warning_screens import country_rows

QUIET_CHOICES = ("2000-0700", "2100-0800", "2200-0700", "2200-0800", "2300-0900", "0800-1600")
FROM = "from"  # in a SetQuiet: choose the first hour; "2200-" chooses the last


class SettingsScreens:
    def __init__(self, frame: ScreenContext) -> None:
        self._frame = frame

    def settings(self, person: Person, course: Course | None, now: datetime) -> Screen:
        frame = self._frame
        country = frame.country(person)
        text = frame.say(
            "settings.text",
            zone=frame.when.city(person.zone) if person.zone else frame.plain("label.no_zone"),
            quiet=frame.when.hours(person.quiet) if person.quiet else frame.plain("label.no_quiet"),
            country=f"{country.name}: {country.shown}" if country else frame.plain("label.no_country"),
        )
        rows: list[KeyRow] = [
            (frame.key("zone", PickZone()), frame.key("quiet", SetQuiet())),
            (frame.key("country_set", SetCountry()),),
        ]
        state = ""
        if course is not None and (course.planned or course.episode.state is EpisodeState.OPEN):
            state = frame.state(course, now)
            rows.append((frame.key("stop", StopEpisode(course.episode.id)),))
        rows.append((frame.key("withdraw", WithdrawConsent()), frame.key("forget", Forget())))
        return Screen(frame.text(text, state), (*rows, frame.last_row()))

    def need_consent(self, kept: bool) -> Screen:
        """Nothing to set without consent; what was `kept` from before can be erased."""
        frame = self._frame
        start, erase = (frame.key("episode", StartEpisode()),), (frame.key("forget", Forget()),)
        if kept:
            return Screen(frame.say("settings.kept"), (start, erase, frame.last_row()))
        return Screen(frame.say("settings.need_consent"), (start, frame.last_row()))

    def no_such_place(self) -> str:
        return self._frame.say("no_zone")

    def which_place(self) -> str:
        return self._frame.say("which_zone")

    def quiet(self) -> Screen:
        frame = self._frame
        keys = [
            Key(frame.when.hours(hours), SetQuiet(choice))
            for choice in QUIET_CHOICES
            if (hours := quiet_of(choice))
        ]
        other = (frame.key("quiet_hours", SetQuiet(FROM)), frame.key("quiet_off", SetQuiet("off")))
        rows = joined(rows_of(keys, 2), (other, frame.last_row(ShowSettings())))
        return Screen(frame.say("settings.quiet"), rows)

    def quiet_hour(self, start: str) -> Screen:
        """Any hours, for whoever sleeps by day: the first (without a `start`), then the last."""
        frame = self._frame
        hours = [f"{hour:02}00" for hour in range(24)]
        keys = [
            Key(f"{hour[:2]}:{hour[2:]}", SetQuiet(f"{start}-{hour}" if start else f"{hour}-"))
            for hour in hours
            if hour != start
        ]
        said = "settings.quiet_until" if start else "settings.quiet_from"
        text = frame.say(said, **({"start": f"{start[:2]}:{start[2:]}"} if start else {}))
        back = SetQuiet(FROM) if start else SetQuiet()
        return Screen(text, joined(rows_of(keys, 6), (frame.last_row(back),)))

    def is_country(self, iso: str) -> bool:
        return iso in self._frame.pack.countries

    def countries(self, page: int) -> Screen:
        frame = self._frame
        rows = country_rows(
            frame.pack, page, SetCountry, lambda other: SetCountry("", other), frame.last_row(ShowSettings())
        )
        return Screen(frame.say("settings.country"), rows)

    def withdrawn(self) -> Screen:
        frame = self._frame
        return Screen(frame.say("settings.withdrawn"), ((frame.key("forget", Forget()),), frame.last_row()))


def quiet_from(hours: str) -> str | None:
    """The first hour that was chosen, empty when it is to be chosen; None for what is no such button."""
    if hours == FROM:
        return ""
    start, dash, end = hours.partition("-")
    return start if dash and not end and _hour(start) is not None else None


def quiet_of(hours: str) -> QuietHours | None:
    """The quiet hours of a button (2100-0800), or None for what no button of ours held."""
    start, _, end = hours.partition("-")
    first, last = _hour(start), _hour(end)
    return QuietHours(first, last) if first is not None and last is not None and first != last else None


def _hour(text: str) -> time | None:
    if not (len(text) == 4 and text.isascii() and text.isdecimal()):
        return None
    hour, minute = int(text[:2]), int(text[2:])
    return time(hour, minute) if hour < 24 and minute < 60 else None
