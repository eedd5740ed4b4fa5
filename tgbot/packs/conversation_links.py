"""What conversation.yaml names exists: commands, sentences, answers, countries, keys."""

from collections.abc import Iterator, Mapping, Set

from tgbot.content import Conversation, Country
from tgbot.packs.folder import Sheet
from tgbot.packs.links import twice, unknown
from tgbot.packs.pack_errors import Problem
from tgbot.screens.talk_screens import KEYS


def meaning_problems(
    sheet: Sheet[Conversation],
    answers: Set[str],
    ui: Mapping[str, str],
    countries: Sheet[dict[str, Country]] | None,
) -> Iterator[Problem]:
    """Every name in it that leads nowhere."""
    document, meanings = sheet.document, sheet.value.meanings
    yield from twice(document, ("meanings",), [meaning.id for meaning in meanings])
    for place, meaning in enumerate(meanings):
        where = ("meanings", place)
        yield from unknown(document, (*where, "answers"), meaning.answers, answers)
        yield from unknown(document, (*where, "after"), meaning.after, answers)
        yield from unknown(document, (*where, "keys"), meaning.keys, answers | set(KEYS))
        if ui and meaning.does == "command" and f"command.{meaning.command}" not in ui:
            yield document.problem(where, f"`{meaning.command}` is not a command")
        if ui and meaning.does == "say" and f"talk.{meaning.id}.text" not in ui:
            yield document.problem(where, f"`talk.{meaning.id}.text` is not in ui.yaml")
        if meaning.does in ("answers", "why") and not meaning.answers:
            yield document.problem(where, "`answers` must name at least one")
    yield from unknown(document, ("what_now",), list(sheet.value.what_now.values()), answers)
    if countries is not None:
        yield from unknown(document, ("countries",), list(sheet.value.countries), countries.value)
