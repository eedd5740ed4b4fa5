"""What the operator may know: counts, kept in memory on the tap path, flushed by a task. No ids, no texts."""

from collections import Counter
from collections.abc import Awaitable, Callable

from tgbot.domain.finding import Finding, Found, Suggest, Unknown, Urgent
from tgbot.service.ports import Event


class Tally:
    """Counts since the last flush, and since the start for what is asked most."""

    def __init__(self) -> None:
        self._since_flush: Counter[Event] = Counter()
        self._shown: Counter[str] = Counter()

    def shown(self, answer: str) -> None:
        self._shown[answer] += 1
        self._since_flush["shown", answer] += 1

    def voted(self, answer: str, value: str) -> None:
        """`value` is y or n; anything else was forged and counts for nothing."""
        if value in ("y", "n"):
            self._since_flush["helpful" if value == "y" else "not_helpful", answer] += 1

    def found(self, finding: Finding, text: str) -> None:
        """What became of a typed message. Of one not understood only the shape is counted."""
        match finding:
            case Urgent(signs=signs):
                self._since_flush.update(("urgent", sign) for sign in signs)
            case Found(answer=answer):
                self.shown(answer)
            case Suggest(answers=answers):
                self._since_flush.update(("suggested", answer) for answer in answers)
            case Unknown():
                self._since_flush["unknown", shape(text)] += 1

    def most_asked(self, at_most: int) -> tuple[str, ...]:
        return tuple(answer for answer, _ in self._shown.most_common(at_most))

    async def flush(self, save: Callable[[dict[Event, int]], Awaitable[object]]) -> None:
        """Hand what was counted since the last time to `save`; kept for the next time when that fails."""
        counted, self._since_flush = self._since_flush, Counter()
        try:
            if counted:
                await save(dict(counted))
        except BaseException:
            self._since_flush.update(counted)
            raise


def shape(text: str) -> str:
    """How long a message is and whether it asks: all that is kept of one that was not understood."""
    words = len(text.split())
    length = next(name for most, name in _LENGTHS if words <= most)
    return f"{length}, {'a question' if '?' in text else 'no question mark'}"


_LENGTHS = ((2, "1-2 words"), (7, "3-7 words"), (20, "8-20 words"), (10**9, "over 20 words"))
