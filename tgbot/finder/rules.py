"""The rules that make a warning sign, as detection.yaml writes them: `chest & pain|pressure /8`."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import inf

from tgbot.errors import BackcheckError

USUAL_WINDOW = 10  # words
_OPTIONS = ("past", "asked", "sure", "maybe", "broad", "own", "fact")


class RuleError(BackcheckError):
    """A rule cannot be read."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to tell of a sign. `terms` holds alternatives; all terms must stand within `window` words of
    one sentence, or anywhere in the message if it has no bounds."""

    sign: str
    text: str
    terms: tuple[frozenset[str], ...]
    ordered: bool
    window: float
    unless: frozenset[str]
    past: bool
    asked: bool
    sure: bool
    maybe: bool
    broad: bool
    own: bool
    fact: bool

    @property
    def unbounded(self) -> bool:
        """Its ideas may stand anywhere in the message."""
        return self.window == inf

    @property
    def names(self) -> frozenset[str]:
        """Every idea the rule speaks of."""
        return frozenset().union(*self.terms, self.unless)


class RuleBook:
    """Rules in their order, found by an idea that they cannot do without.

    A message holds few of all ideas, and so few rules are looked at.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = tuple(rules)
        self._by_idea: dict[str, list[int]] = {}
        for place, rule in enumerate(self._rules):
            for idea in min(rule.terms, key=len):
                self._by_idea.setdefault(idea, []).append(place)

    def among(self, ideas: Iterable[str]) -> Iterator[Rule]:
        """The rules that may be met by these ideas; no other is."""
        places = {place for idea in ideas for place in self._by_idea.get(idea, ())}
        return (self._rules[place] for place in sorted(places))


def parse(sign: str, text: str) -> Rule:
    """`terms [/window] [unless a|b] [past] [asked] [sure] [maybe] [broad] [own] [fact]`. Raises RuleError."""
    words = text.split()
    options = [word for word in words if word in _OPTIONS]
    words = [word for word in words if word not in _OPTIONS]
    body, unless = words, frozenset[str]()
    if "unless" in words:
        place = words.index("unless")
        body, named = words[:place], words[place + 1 :]
        if len(named) != 1:
            raise RuleError(f"`{text}`: after `unless` comes one word, as in a|b")
        unless = frozenset(named[0].split("|"))
    window: float = USUAL_WINDOW
    if body and body[-1].startswith("/"):
        window = _window(body.pop()[1:], text)
    joints = set(body[1::2])
    if len(body) % 2 == 0 or not joints <= {"&", ">"} or len(joints) == 2:
        raise RuleError(f"`{text}`: ideas are joined by & (any order) or > (this order), not by both")
    terms = tuple(frozenset(term.split("|")) for term in body[::2])
    flags = {option: option in options for option in _OPTIONS}
    return Rule(sign, text, terms, ">" in joints, window, unless, **flags)


def _window(size: str, text: str) -> float:
    if size == "*":
        return inf
    if not size.isdigit():
        raise RuleError(f"`{text}`: after / comes a number of words, or *")
    return int(size)
