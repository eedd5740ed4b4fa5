"""find(index, text): warning signs are looked for first; then the answer whose wording it is."""

from dataclasses import dataclass

from tgbot.domain.content import ContentPack, Tier


@dataclass(frozen=True, slots=True)
class Urgent:
    signs: tuple[str, ...]
    tier: Tier


@dataclass(frozen=True, slots=True)
class Found:
    answer: str


@dataclass(frozen=True, slots=True)
class Suggest:
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing in the pack is about it."""


Finding = Urgent | Found | Suggest | Unknown


@dataclass(frozen=True, slots=True)
class Index:
    """Every wording of the pack, folded."""

    wordings: dict[str, str]
    signs: dict[str, Tier]


def build(pack: ContentPack) -> Index:
    """The index of a pack's questions, aliases and signs' labels."""
    wordings = {
        _folded(text): answer.id
        for answer in pack.answers.values()
        for text in (answer.question, *answer.aliases)
    }
    return Index(wordings, {_folded(flag.label): flag.tier for flag in pack.red_flags.values()})


def find(index: Index, text: str) -> Finding:
    """What the text is about."""
    folded = _folded(text)
    answer = index.wordings.get(folded)
    return Found(answer) if answer else Unknown()


def _folded(text: str) -> str:
    return " ".join(text.casefold().replace("?", " ").split())
