"""Whom each word of a message is about: whoever writes, or somebody else who was named last."""

from collections.abc import Iterable, Sequence

from tgbot.finder.phrases import Occurrence

WRITER, OTHER = "writer", "other"


def people(length: int, writer: Iterable[int], others: Iterable[int]) -> list[str]:
    """For each word, who was named last before it; a new sentence goes on with whom the last one ended.

    `writer` are the places of "I" and "my", `others` those of "my mum" and "he". Unnamed, it is the writer.
    """
    named = dict.fromkeys(writer, WRITER) | dict.fromkeys(others, OTHER)
    who, every = WRITER, []
    for place in range(length):
        who = named.get(place, who)
        every.append(who)
    return every


def is_one_person(ideas: Sequence[Occurrence], who: Sequence[str]) -> bool:
    """Whether all the ideas are about the same person, or the same people that are not the writer."""
    return len({who[idea.start] for idea in ideas}) <= 1
