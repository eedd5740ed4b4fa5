"""What is said to somebody who wishes to be checked on at a time of their own."""

from datetime import datetime

from tgbot.followup.course import Course, Declined
from tgbot.followup.episode import FollowUp, Person
from tgbot.screens.buttons import DropExtra, ShowEpisode
from tgbot.screens.screen import Screen
from tgbot.screens.screen_context import ScreenContext


class ExtraScreens:
    def __init__(self, frame: ScreenContext) -> None:
        self._frame = frame

    def planned(self, course: Course, one: FollowUp, person: Person | None, now: datetime) -> Screen:
        """Exactly when it comes, that the plan stays, and what not to wait for."""
        frame = self._frame
        moved = frame.plain("label.moved") if one.send_at > one.due_at else ""
        said = frame.coming("extra.planned", course, one, now, quiet=moved)
        text = frame.text(frame.stands(course), said, frame.say("extra.do_not_wait", call=frame.call(person)))
        keys = (frame.key("not_then", DropExtra(one.id)), frame.key("episode_show", ShowEpisode()))
        return Screen(text, (keys, frame.last_row()))

    def dropped(self, course: Course, now: datetime) -> Screen:
        return self._with_state("extra.dropped", course, now)

    def declined(self, why: Declined, course: Course, now: datetime) -> Screen:
        """Why none was planned, and what is."""
        return self._with_state(f"declined.{why.value}", course, now)

    def how(self, course: Course, now: datetime) -> Screen:
        """No time was named: how to name one."""
        return self._with_state("extra.how", course, now)

    def zone_first(self) -> str:
        return self._frame.say("extra.zone_first")

    def _with_state(self, key: str, course: Course, now: datetime) -> Screen:
        frame = self._frame
        text = frame.text(frame.say(key), frame.state(course, now), frame.stands(course))
        return Screen(text, ((frame.key("episode_show", ShowEpisode()),), frame.last_row()))
