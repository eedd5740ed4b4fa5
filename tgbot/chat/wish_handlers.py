""" "Check on me in 2 days": a check-in at a time of the person's own, beside the plan, and how such a time is
named: "on friday at 9".
"""

import re
from datetime import datetime, time, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from tgbot.chat.asked_words import any_of
from tgbot.chat.request import Reply, Request
from tgbot.content import Conversation, TimeWords
from tgbot.finder.normalising import fold
from tgbot.followup.episode import EpisodeState
from tgbot.followup.events import Declined, ExtraCheckInDropped, ExtraCheckInWanted
from tgbot.followup.planning import is_extra
from tgbot.screens.buttons import DropExtra
from tgbot.screens.episode_screens import ExtraScreens
from tgbot.screens.start_screens import StartScreens
from tgbot.service.episodes import Episodes
from tgbot.service.hints import AskedFor, Recent
from tgbot.service.ports import Clock

MORNING = time(9)  # for a day that is named without an hour
_NOON = 12
_WAKING = 8  # o'clock: "at 5" is in the afternoon
_WEEK = 7


class NoTime(Enum):
    """Why there is no instant."""

    NOT_NAMED = "not named"
    NEEDS_ZONE = "needs a zone"  # an hour or a day is named, and nobody knows the person's clock


class WishedTimes:
    def __init__(self, words: TimeWords) -> None:
        self._words = words
        number = rf"\d+(?:\.\d)?|{any_of(words.counts)}"
        unit = rf"(?P<unit>{any_of(words.units)})\b"
        count = rf"(?:(?P<count>{number})\s*(?:(?:-|–|to|or)\s*(?P<most>{number})\s*)?(?:of )?)?\s*"
        around = rf"(?:{any_of(words.around)}\s+)*"
        self._durations = (
            re.compile(rf"\b{any_of(words.ahead)}\s+{around}{count}{unit}"),
            re.compile(rf"\b{count}{unit}\s+{any_of(words.later)}\b"),
        )
        half = rf"(?P<half>{any_of((*words.before_noon, *words.after_noon))})(?![^\W_])"
        hour = rf"(?P<hour>\d{{1,2}}|{any_of(words.counts)})(?:[:.h](?P<minute>[0-5]\d))?"
        self._clocks = (
            re.compile(rf"\b{any_of(words.at)}\s+{around}{hour}\b(?:\s*{half})?"),
            re.compile(rf"\b{hour}\s*{half}"),
            re.compile(r"\b(?P<hour>\d{1,2})[:.h](?P<minute>[0-5]\d)\b(?P<half>)"),
        )
        self._day = re.compile(rf"\b({any_of((*words.days, *words.weekdays))})\b")
        self._part = re.compile(rf"\b({any_of(words.parts)})\b")
        self._repeats = re.compile(rf"\b{any_of(words.repeats)}\b")

    def of(self, text: str, now: datetime, zone: str | None) -> datetime | NoTime:
        """The instant that is meant. A length of time needs no zone; a day without an hour is its morning."""
        said = fold(text)
        if self._repeats.search(said):
            return NoTime.NOT_NAMED
        after, clock, part = self._duration(said), self._clock(said), self._part.search(said)
        day = self._day.search(said)
        if after is not None and clock is None and part is None:
            return now + after
        if after is None and clock is None and part is None and day is None:
            return NoTime.NOT_NAMED
        if zone is None:
            return NoTime.NEEDS_ZONE
        local = now.astimezone(ZoneInfo(zone))
        days = after.days if after is not None else self._days(day[1] if day else "", local)
        hour = self._hour(clock, part[1] if part else "")
        wished = datetime.combine(local.date() + timedelta(days=days or 0), hour, ZoneInfo(zone))
        if days is None and wished <= now:
            wished = datetime.combine(local.date() + timedelta(days=1), hour, ZoneInfo(zone))
        return wished.astimezone(now.tzinfo)

    def _duration(self, said: str) -> timedelta | None:
        found = next((found for shape in self._durations if (found := shape.search(said))), None)
        if found is None:
            return None
        count = self._number(found["most"] or found["count"] or "1")
        return timedelta(minutes=min(count, 10_000) * self._words.units[found["unit"]])

    def _number(self, said: str) -> float:
        return float(self._words.counts.get(said, 0) or said)

    def _clock(self, said: str) -> tuple[time, bool] | None:
        """The hour on the clock, and whether it was said which half of the day it is in."""
        for found in (found for shape in self._clocks if (found := shape.search(said))):
            hour, minute = int(self._number(found["hour"])), int(found["minute"] or 0)
            half = found["half"] or ""
            if half:
                hour = hour % _NOON + _NOON * (half in self._words.after_noon)
            if hour < 24:
                return time(hour, minute), bool(half) or hour > _NOON
        return None

    def _days(self, day: str, local: datetime) -> int | None:
        """How many days from today; None for no day, which is today or tomorrow."""
        if day in self._words.days:
            return self._words.days[day]
        if day in self._words.weekdays:
            return (self._words.weekdays[day] - local.weekday() - 1) % _WEEK + 1
        return None

    def _hour(self, clock: tuple[time, bool] | None, part: str) -> time:
        """The hour of the day. "At 7 in the evening" and "at 5" are after noon."""
        of_part = self._words.parts.get(part)
        if clock is None:
            return MORNING if of_part is None else time(of_part)
        hour, sure = clock
        late = of_part is not None and of_part >= _NOON
        early = of_part is not None and of_part < _NOON
        if not sure and hour.hour < _NOON and (late or (hour.hour < _WAKING and not early)):
            return hour.replace(hour=hour.hour + _NOON)
        return hour


class WishHandlers:
    def __init__(
        self,
        episodes: Episodes,
        screens: ExtraScreens,
        start: StartScreens,
        clock: Clock,
        recent: Recent,
        words: Conversation,
    ) -> None:
        self._episodes = episodes
        self._screens = screens
        self._start = start
        self._clock = clock
        self._recent = recent
        self._times = WishedTimes(words.times)

    async def wish(self, request: Request) -> Reply | None:
        """Plans it at the time that is named; None without an open episode."""
        seen, now = await self._episodes.look(request.person_id), self._clock.now()
        if seen.course is None or seen.course.episode.state is not EpisodeState.OPEN:
            return None
        wished = self._times.of(request.typed.text, now, seen.course.zone)
        match wished:
            case NoTime.NOT_NAMED:
                return Reply(self._screens.how(seen.course, now))
            case NoTime.NEEDS_ZONE:
                self._recent.turned(request.person_id, AskedFor.PLACE, where="s")
                return Reply(self._start.zones(now, 0, "s", self._screens.zone_first()))
        event = ExtraCheckInWanted(wished)
        seen = await self._episodes.act(request.update_id, request.person_id, event, seen.course.episode.id)
        if seen.course is None:
            return None  # erased meanwhile
        extra = [one for one in seen.course.planned if is_extra(self._episodes.protocol, one)]
        if seen.declined is not None or not extra:
            return Reply(self._screens.declined(seen.declined or Declined.NOT_THEN, seen.course, now))
        this = min(extra, key=lambda one: abs(one.due_at - wished))
        return Reply(self._screens.planned(seen.course, this, seen.person, now))

    async def drop(self, request: Request, button: DropExtra) -> Reply:
        """Not then, after all."""
        seen = await self._episodes.act_on(
            *(request.update_id, request.person_id), ExtraCheckInDropped(button.follow_up), button.follow_up
        )
        now = self._clock.now()
        if seen.course is None:
            return Reply(self._start.onset())
        if seen.declined is not None:
            return Reply(self._screens.declined(seen.declined, seen.course, now))
        return Reply(self._screens.dropped(seen.course, now))
