"""Over a hundred courses, event by event, as the plan goes: recorded_courses.txt has each in letters.

Whoever changes the plan changes that file, and its difference is what a reviewer reads: it is written anew
with BACKCHECK_WRITE_COURSES=1. Hours are counted from the first onset. A line says what happened, what was
said, how the episode is, and after a dash which contacts and entries are new or other ones.
"""

import os
import random  # noqa: TID251 – seeded: the same courses every time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path

from tests.fakes.courses import ONSET, PROTOCOL, Told
from tgbot.followup.episode import FollowUp, FollowUpState
from tgbot.followup.events import (
    Answered,
    CheckAsked,
    CheckInAnswer,
    CheckInDelivered,
    Doubted,
    ExtraCheckInDropped,
    ExtraCheckInWanted,
    FollowUpEvent,
    FoundSafe,
    HoursChanged,
    MissedAsked,
    OneMoreWanted,
    OnsetChanged,
    PainSaid,
    PlanChanged,
    Reopened,
    SafetyCheckWanted,
    Snoozed,
    Started,
    Stopped,
    Superseded,
    Undone,
)
from tgbot.followup.protocol import Change, Function, Seen
from tgbot.followup.times import QuietHours

RECORD = Path(__file__).with_name("recorded_courses.txt")
COURSES, EVENTS = 120, 11
HOUR = timedelta(hours=1)
SIGNS = (None, None, None, "fever", "night", "chest")
CHANGES = (Change.GONE, Change.BETTER, Change.SAME, Change.SAME, Change.WORSE)
HOURS = (
    (None, None),
    ("Europe/London", QuietHours()),
    ("Asia/Kathmandu", QuietHours(time(22, 30), time(6, 15))),
    ("America/New_York", QuietHours(time(13, 0), time(16, 0))),
)


def hours(at: datetime) -> str:
    return f"{(at - ONSET) / HOUR:+.6g}"


def shown(one: FollowUp) -> str:
    """A contact: its step, r for a reminder, when it was due, and when it is sent or was."""
    at = [hours(one.due_at)] + ([hours(one.send_at)] if one.send_at != one.due_at else [])
    sent = f" sent {hours(one.sent_at)}" if one.sent_at else ""
    return f"{one.step}{'r' if one.reminder else ''}@{'/'.join(at)} {one.state.value}{sent}"


class Walk:
    """One course: each step is drawn from what may happen, and most often from what fits."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.told = Told(now=ONSET + self.dice.choice((0, 0, 5, 30, 80, 400)) * HOUR)
        zone, quiet = self.dice.choice(HOURS)
        self.told.course = replace(self.told.course, zone=zone, quiet=quiet)
        background = self.dice.choice(((), (), ("cancer",), ("young", "forged")))
        self.rows: dict[str, str] = {}
        self.lines = [f"{seed}: {zone}, {quiet and quiet.start}, {' '.join(background) or 'no background'}"]
        self._happens(Started(self.dice.choice(SIGNS), self.dice.choice((None, 7)), background))

    def goes_on(self) -> None:
        self.told.passes(self.dice.choice((0, 0, 1, 1, 7, 23, 24, 25, 60, 200)) * HOUR)
        choice: Sequence[Callable[[], None]] = (self._contact,) * 5 + (self._answer,) * 7 + (self._else,) * 5
        self.dice.choice(choice)()

    def _contact(self) -> None:
        """The next contact reaches the chat, or may have, or never will."""
        if not self.told.course.planned:
            return self._else()
        one = self.told.next_contact()
        became = self.dice.choice(("sent", "sent", "sent", "unconfirmed", "expired"))
        if became == "sent":
            self.told.delivered()
            return self._noted(f"delivered {one.step}")
        if became == "expired":
            self.told.loses(one.id)
            return self._noted(f"lost {one.step}")
        doubted = replace(one, state=FollowUpState.UNCONFIRMED, ambiguous=2)
        self.told.now = max(self.told.now, one.send_at)
        rows = tuple(doubted if other.id == one.id else other for other in self.told.course.follow_ups)
        self.told.course = replace(self.told.course, follow_ups=rows)
        return self._happens(Doubted(one.id))

    def _answer(self) -> None:
        """Of the newest that came; sometimes of any."""
        rows = self.told.course.follow_ups
        came = [one for one in rows if one.sent_at or one.state is FollowUpState.UNCONFIRMED] or rows
        if not came:
            return self._else()
        one = self.dice.choice(rows) if self.dice.random() < 0.15 else came[-1]
        if one.step == PROTOCOL.safe and self.dice.random() < 0.7:
            return self._happens(FoundSafe(one.id))
        sign, change = self.dice.choice(SIGNS), self.dice.choice(CHANGES)
        seen = self.dice.choice((None, *Seen))
        function = self.dice.choice((None, *Function))
        report = (
            CheckInAnswer(sign, seen, None, None) if sign else CheckInAnswer(None, seen, change, function)
        )
        return self._happens(Answered(one.id, report))

    def _else(self) -> None:
        dice, now = self.dice, self.told.now
        rows = self.told.course.follow_ups
        any_id = dice.choice(rows).id if rows and dice.random() < 0.95 else "forged"
        last = next((one.id for one in reversed(rows) if one.state is FollowUpState.ANSWERED), any_id)
        zone, quiet = dice.choice(HOURS)
        event = dice.choice(
            (
                CheckAsked(),
                CheckAsked(),
                CheckInDelivered(any_id),
                ExtraCheckInDropped(last if dice.random() < 0.2 else self._extra()),
                ExtraCheckInWanted(now + dice.choice((-1, 0, 2, 9, 30, 71, 200, 1_440, 1_441)) * HOUR),
                ExtraCheckInWanted(now + dice.choice((5, 20, 50)) * HOUR),
                FoundSafe(any_id),
                HoursChanged(),
                MissedAsked(),
                OneMoreWanted(dice.choice(("", "d14", "h24", "forged"))),
                PlanChanged(),
                OnsetChanged(now - dice.choice((-1, 0, 2, 30, 80, 200, 400, 900, 1_500)) * HOUR),
                OnsetChanged(self.told.course.episode.onset + dice.choice((-200, -72, -24, 5, 30)) * HOUR),
                PainSaid(last, dice.choice((-1, 0, 5, 10, 11))),
                Reopened(),
                Reopened(),
                SafetyCheckWanted(),
                Snoozed(any_id, now + dice.choice((-3, 2, 12, 100)) * HOUR),
                Started("skin", 3),
                Stopped(),
                Superseded() if dice.random() < 0.3 else Stopped(),
                Undone(last),
                Undone(last),
                Undone(any_id),
            )
        )
        if isinstance(event, HoursChanged):
            self.told.course = replace(self.told.course, zone=zone, quiet=quiet)
        self._happens(event)

    def _extra(self) -> str:
        """One of the check-ins that were wished for, if there is one."""
        extra = [one.id for one in self.told.course.follow_ups if one.step == PROTOCOL.asked]
        return self.dice.choice(extra) if extra else "forged"

    def _happens(self, event: FollowUpEvent) -> None:
        self.told.happens(event)
        fields = (getattr(event, name) for name in event.__dataclass_fields__)
        said = " ".join(_letters(value) for value in fields if value not in (None, ()))
        self._noted(f"{type(event).__name__} {said}".strip())

    def _noted(self, what: str) -> None:
        last, episode = self.told.last, self.told.course.episode
        said = " ".join(word for word in (last.advice, last.declined and last.declined.upper()) if word)
        how = f"{episode.closed_because or 'open'} {episode.outcome or '-'} {hours(episode.onset)}"
        rows = {one.id: shown(one) for one in self.told.course.follow_ups}
        rows |= {one.id: f"{one.kind}={one.value}@{one.step}" for one in self.told.course.entries}
        changed = [row for name, row in rows.items() if self.rows.get(name) != row]
        changed += [f"{row} removed" for name, row in self.rows.items() if name not in rows]
        self.rows = rows
        self.lines.append(
            f"  {hours(self.told.now)} {what} → {said or 'nothing'} | {how} – {'; '.join(changed)}"
        )


def _letters(value: object) -> str:
    if isinstance(value, datetime):
        return hours(value)
    if isinstance(value, CheckInAnswer):
        said = (value.sign, value.seen, value.change, value.function)
        return "/".join(str(one) if one else "-" for one in said)
    return " ".join(value) if isinstance(value, tuple) else str(value)


def recorded() -> list[str]:
    lines: list[str] = []
    for seed in range(COURSES):
        walk = Walk(seed)
        for _ in range(EVENTS):
            walk.goes_on()
        lines += walk.lines
    return lines


def test_over_a_hundred_courses_go_as_they_are_written_down() -> None:
    lines = recorded()
    if os.environ.get("BACKCHECK_WRITE_COURSES"):
        RECORD.write_text("\n".join(lines) + "\n", "utf-8")
    assert lines == RECORD.read_text("utf-8").splitlines()
