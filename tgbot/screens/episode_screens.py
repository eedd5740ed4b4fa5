"""An episode as it stands, and what can be done with it, check-ins at a time of the person's own included."""

from datetime import datetime

from tgbot.followup.episode import Course, EpisodeState, FollowUp, Person
from tgbot.followup.events import Declined
from tgbot.screens.buttons import (
    AnswerCheckIn,
    CheckNow,
    DropExtra,
    HowToNote,
    NoteHelped,
    NotePain,
    PickOnset,
    Reopen,
    ShowEpisode,
    ShowHistory,
    ShowSettings,
    StartEpisode,
    StopEpisode,
)
from tgbot.screens.diary_screens import state_words
from tgbot.screens.screen import Html, KeyRow, Screen, ScreenContext


class EpisodeScreens:
    def __init__(self, frame: ScreenContext) -> None:
        self._frame = frame

    def words(self, key: str) -> str:
        return self._frame.say(key)

    def episode(self, course: Course, now: datetime) -> Screen:
        """One episode: when it began, what comes next, and everything that can be done."""
        frame, episode = self._frame, course.episode
        began = frame.when.exact(episode.onset, course.zone)
        text = frame.say("episode.open", onset=began, state=Html(frame.state(course, now)))
        pictures = [key for row in frame.picture_rows(episode.id) for key in row]
        notes: tuple[KeyRow, ...] = (
            (
                frame.key("note_pain", NotePain()),
                frame.key("note_helped", NoteHelped()),
                frame.key("note", HowToNote()),
            ),
            (frame.key("history", ShowHistory()), *pictures),
        )
        acts: tuple[KeyRow, ...]
        if episode.state is EpisodeState.OPEN:
            text = frame.text(text, frame.stands(course))
            waiting = course.waiting
            ask = frame.key("open_waiting", AnswerCheckIn(waiting.id)) if waiting else None
            another = frame.key("new_episode", PickOnset("", f"+{episode.id}"))
            acts = (
                (ask or frame.key("check_now", CheckNow(episode.id)), another),
                *notes,
                (
                    frame.key("change_onset", PickOnset("", episode.id)),
                    frame.key("settings", ShowSettings()),
                    frame.key("stop", StopEpisode(episode.id)),
                ),
            )
        else:
            ahead = frame.state(course, now) if course.planned else ""
            text = frame.text(
                frame.say("history.episode", onset=began, state=state_words(frame, course)), ahead
            )
            again = (frame.key("reopen", Reopen(episode.id)), frame.key("new_episode", StartEpisode()))
            acts = (*notes, again)
        return Screen(text, (*acts, frame.last_row()))

    def nothing(self) -> Screen:
        frame = self._frame
        return Screen(
            frame.say("episode.nothing"), ((frame.key("episode", StartEpisode()),), frame.last_row())
        )

    def stopped(self, course: Course) -> Screen:
        frame = self._frame
        rows = (
            (frame.key("reopen", Reopen(course.episode.id)), frame.key("history", ShowHistory())),
            frame.last_row(),
        )
        return Screen(frame.text(frame.stands(course), frame.say("episode.stopped")), rows)

    def changed(self, key: str, course: Course, now: datetime) -> Screen:
        """A sentence about the episode with what comes next."""
        frame = self._frame
        began = frame.when.exact(course.episode.onset, course.zone)
        text = frame.say(key, onset=began, state=Html(frame.state(course, now)))
        text = frame.text(text, frame.stands(course))
        again = (
            (frame.key("change_onset", PickOnset("", course.episode.id)),) if key == "onset.changed" else ()
        )
        return Screen(text, ((frame.key("episode_show", ShowEpisode()), *again), frame.last_row()))


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
