"""What this process remembers of people, as hints: what was just asked and answered, for some minutes, and
whose check-in could not be sent in time.

Losing one costs a suggestion instead of an answer, never data: nothing here is written anywhere.
"""

from collections import OrderedDict
from dataclasses import dataclass, replace
from enum import StrEnum

from tgbot.followup.planning import LATEST
from tgbot.screens.buttons import Button, PickZone
from tgbot.service.ports import Clock
from tgbot.service.store_port import Store

LASTS = 30 * 60.0  # seconds after somebody's last message
_SETTINGS = "s"  # as in PickZone
MOST_PEOPLE = 10_000  # of about 500 bytes; the longest silent are forgotten first


class AskedFor(StrEnum):
    """What the bot's last message asked to be typed."""

    NOTHING = ""
    PLACE = "place"
    SCORE = "score"
    NOTE = "note"
    COUNTRY = "country"
    SAFETY = "safety"  # do you have any of these?
    CHOICE = "choice"  # which answer?
    SURE_OF_SCORE = "sure_of_score"  # shall it be noted?
    ERASE = "erase"  # erase everything?
    STOPPED = "stopped"  # nothing: it was stopped a moment ago, and may go on
    CHECK_IN = "check_in"  # how is it now?
    CONSENT = "consent"  # may this be kept?
    # The other questions of the form that starts an episode:
    SAME_OR_NEW = "same_or_new"
    ONSET = "onset"
    SIGNS = "signs"  # any of them?
    WHICH_SIGN = "which_sign"
    BACKGROUND = "background"
    FIRST_PAIN = "first_pain"


@dataclass(frozen=True, slots=True)
class RememberedTurn:
    """One person's last turn. `answer` is the id of the answer shown, `signs` are those of the card shown or
    of the safety question, `answers` what was offered; `where` says for what a place was asked (PickZone).
    `form` is the button that brings the last question of the form that starts an episode; `waits` is the turn
    with that question, while something else is asked beside it.

    The rest holds for the conversation: `country`, `zone` and `score` are not stored yet; `open` is whether
    an episode was open when last looked, None when nobody looked.
    """

    asked_for: AskedFor = AskedFor.NOTHING
    answer: str = ""
    signs: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    where: str = ""
    form: Button | None = None
    waits: "RememberedTurn | None" = None
    score: str = ""
    country: str = ""
    zone: str = ""
    open: bool | None = None

    @property
    def form_button(self) -> Button | None:
        """The same; also of the form's question for a place. None when something else was asked."""
        if self.asked_for is AskedFor.PLACE and self.where not in ("", _SETTINGS):
            return PickZone("", "0", self.where)
        return self.form

    @property
    def waiting_form(self) -> "RememberedTurn | None":
        """The turn with the form's question that is still to be answered: this one, or the one that waits."""
        return self if self.form_button is not None else self.waits


SavedTurn = tuple[float, RememberedTurn]  # when it was kept, by the monotonic clock
_NOTHING_YET = RememberedTurn()


class Recent:
    """Everybody's last turns."""

    def __init__(self, clock: Clock, most: int = MOST_PEOPLE) -> None:
        self._clock = clock
        self._most = most
        self._turns: OrderedDict[int, SavedTurn] = OrderedDict()

    def of(self, person_id: int) -> RememberedTurn:
        """The last turn; an empty one when it was too long ago."""
        kept = self._turns.get(person_id)
        if kept is None or self._clock.monotonic() - kept[0] >= LASTS:
            return _NOTHING_YET
        return kept[1]

    def turned(
        self,
        person_id: int,
        asked_for: AskedFor = AskedFor.NOTHING,
        *,
        answer: str = "",
        signs: tuple[str, ...] = (),
        answers: tuple[str, ...] = (),
        where: str = "",
        form: Button | None = None,
    ) -> None:
        """A new turn takes the place of the last one; what was picked stays."""
        last = self.of(person_id)
        turn = RememberedTurn(asked_for, answer, signs, answers, where, form)
        self._keep(person_id, _with_picks_of(last, turn))

    def heard(self, person_id: int) -> None:
        """Something else came: what was asked for is not waited for any more."""
        turn = self.of(person_id)
        if turn.asked_for is not AskedFor.NOTHING:
            self._keep(person_id, replace(turn, asked_for=AskedFor.NOTHING, form=None, waits=None))

    def still_asked(self, person_id: int, question: RememberedTurn) -> None:
        """Something was said beside a question of the form, which is still to be answered: at once, or after
        what is asked now."""
        turn = self.of(person_id)
        if turn.asked_for is AskedFor.SAFETY or (turn.asked_for is not AskedFor.NOTHING and not turn.signs):
            self._keep(person_id, replace(turn, waits=replace(question, waits=None)))
        elif not turn.signs:
            asked = replace(turn, asked_for=question.asked_for, where=question.where, form=question.form)
            self._keep(person_id, asked)

    def untouched(self, person_id: int, before: RememberedTurn) -> None:
        """What was said elsewhere, as in a group, is no turn here: only what was picked there stays."""
        self._keep(person_id, _with_picks_of(self.of(person_id), before))

    def picked(self, person_id: int, *, country: str = "", zone: str = "", score: str = "") -> None:
        """A country, a zone or a score that is not stored."""
        turn = self.of(person_id)
        self._keep(
            person_id,
            replace(
                turn,
                country=country or turn.country,
                zone=zone or turn.zone,
                score=score or turn.score,
            ),
        )

    def take_score(self, person_id: int) -> str:
        """The score that was said before there was an episode, once."""
        turn = self.of(person_id)
        if turn.score:
            self._keep(person_id, replace(turn, score=""))
        return turn.score

    def looked(self, person_id: int, *, has_open: bool) -> None:
        """Whether this person has an open episode."""
        if has_open or self.of(person_id).open:
            self._keep(person_id, replace(self.of(person_id), open=has_open))

    def has_open(self, person_id: int) -> bool:
        return bool(self.of(person_id).open)

    def saved(self, person_id: int) -> SavedTurn | None:
        """What `put_back` takes: as much as there is of the last turn."""
        return self._turns.get(person_id)

    def put_back(self, person_id: int, saved: SavedTurn | None) -> None:
        """What failed is tried again: then it must mean the same, so the last turn is as it was."""
        self._turns.pop(person_id, None)
        if saved is not None:
            self._turns[person_id] = saved

    def forget(self, person_id: int) -> None:
        self._turns.pop(person_id, None)

    def _keep(self, person_id: int, turn: RememberedTurn) -> None:
        self._turns[person_id] = (self._clock.monotonic(), turn)
        self._turns.move_to_end(person_id)
        if len(self._turns) > self._most:
            self._turns.popitem(last=False)


def _with_picks_of(last: RememberedTurn, turn: RememberedTurn) -> RememberedTurn:
    """The turn with what holds for the conversation."""
    return replace(turn, score=last.score, country=last.country, zone=last.zone, open=last.open)


EVERY = 600.0  # seconds: on a shared database another process may have let one expire


class MissedCheckIns:
    """Who is asked at their next visit about a check-in that could not be sent in time.

    Kept so that a visit costs no reading; whether there is something to ask is decided on what is stored.
    """

    def __init__(self) -> None:
        self._people: set[int] = set()
        self._recalled_at: float | None = None

    def add(self, person_id: int) -> None:
        self._people.add(person_id)

    def __contains__(self, person_id: int) -> bool:
        return person_id in self._people

    def asked(self, person_id: int) -> None:
        """Nothing more is to be asked of them."""
        self._people.discard(person_id)

    async def recall(self, store: Store, clock: Clock) -> None:
        """Read whose they are, now and then. Raises StoreError."""
        steady = clock.monotonic()
        if self._recalled_at is not None and steady - self._recalled_at < EVERY:
            return
        since = clock.now() - LATEST
        self._people |= set(await store.operate(lambda tx: tx.queue.missed(since)))
        self._recalled_at = steady
