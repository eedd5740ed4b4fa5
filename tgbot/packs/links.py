"""Whatever names something must name something that is there: ids in the files, and in the bot's own
sentences (flat keys, Markdown or plain text) the `{names}` that are filled in.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from pathlib import Path
from string import Formatter
from typing import TypeVar

from pydantic import TypeAdapter

from tgbot.content import SERVICE, Answer, Card, Conversation, Country, RedFlag, Source, Tier, Topic, is_plain
from tgbot.packs.yaml_files import TEXTS, Document, Folder, Problem, Sheet, Where, read, validate
from tgbot.screens.talk_screens import KEYS

ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
ISO = re.compile(r"[A-Z]{2}")
LONGEST_ID = 40  # it stands in 64 bytes of button data, with the button's own letters
CARD_NAMES = frozenset({"emergency", "call", "signs", "advice"})


def unknown(
    document: Document, where: Where, ids: Sequence[str], known: Collection[str]
) -> Iterator[Problem]:
    """A problem for each of `ids`, listed at `where`, that is not `known`."""
    for index, name in enumerate(ids):
        if name not in known:
            yield document.problem((*where, index), f"`{name}` is not known")
        elif name in ids[:index]:
            yield document.problem((*where, index), f"`{name}` is here twice")


def answer_problems(
    sheet: Sheet[Answer],
    answers: Collection[str],
    topics: Sequence[Topic] | None,
    sources: Collection[str] | None,
) -> Iterator[Problem]:
    """What an answer names: itself, its topic, its relatives, its sources."""
    answer, document = sheet.value, sheet.document
    yield from no_id(document, ("id",), answer.id)
    if not document.file.endswith(f"/{answer.id}.yaml"):
        yield document.problem(("id",), f"`{answer.id}` must be the file's name")
    if topics is not None and not any(t.id == answer.topic and answer.id in t.answers for t in topics):
        yield document.problem(("topic",), f"topics.yaml does not list this answer under `{answer.topic}`")
    yield from unknown(document, ("related",), answer.related, answers)
    if sources is None:
        return
    yield from unknown(document, ("sources",), answer.sources, sources)
    yield from unknown(document, ("more_sources",), answer.more_sources, sources)
    for index, claim in enumerate(answer.claims):
        yield from unknown(document, ("claims", index, "sources"), claim.sources, sources)


def topic_problems(sheet: Sheet[tuple[Topic, ...]], answers: Collection[str]) -> Iterator[Problem]:
    """Every answer stands in exactly one topic, every topic once."""
    yield from twice(sheet.document, (), [topic.id for topic in sheet.value])
    placed: set[str] = set()
    for index, topic in enumerate(sheet.value):
        yield from no_id(sheet.document, (index, "id"), topic.id)
        where: Where = (index, "answers")
        yield from unknown(sheet.document, where, topic.answers, answers)
        for row, answer in enumerate(topic.answers):
            if answer in placed:
                yield sheet.document.problem((*where, row), f"`{answer}` already has a topic")
        placed |= set(topic.answers)
    for answer in sorted(set(answers) - placed):
        yield sheet.document.problem((), f"`{answer}` has no place in the menu")


def sign_problems(
    document: Document, signs: Sequence[RedFlag], cards: Sequence[Card], sources: Collection[str] | None
) -> Iterator[Problem]:
    """Every sign has a card of its own tier; cards use only the names there are."""
    yield from twice(document, ("signs",), [sign.id for sign in signs])
    yield from twice(document, ("cards",), [card.id for card in cards])
    for index, card in enumerate(cards):
        yield from _card_problems(document, ("cards", index, "body"), card)
    tiers = {card.id: card.tier for card in cards}
    for index, sign in enumerate(signs):
        if sign.card not in tiers:
            yield document.problem(("signs", index, "card"), f"`{sign.card}` is not a card")
        elif tiers[sign.card] != sign.tier:
            yield document.problem(
                ("signs", index, "card"), f"`{sign.card}` is of another tier than the sign"
            )
        if sources is not None:
            yield from unknown(document, ("signs", index, "sources"), sign.sources, sources)


def _card_problems(document: Document, where: Where, card: Card) -> Iterator[Problem]:
    names = names_in(card.body)
    if names is None or names - CARD_NAMES:
        said = ", ".join(f"{{{name}}}" for name in sorted(CARD_NAMES))
        yield document.problem(where, f"a card may use {said} and no other braces")
    elif card.tier is Tier.EMERGENCY and "emergency" not in names:
        yield document.problem(where, "a card of tier E must hold {emergency}, where the number goes")


def source_problems(
    sources: Sheet[dict[str, Source]] | None, countries: Sheet[dict[str, Country]] | None
) -> Iterator[Problem]:
    """Addresses are https; countries go by their two letters, and their sources are known."""
    if sources is not None:
        for key, source in sources.value.items():
            if not source.url.startswith("https://"):
                yield sources.document.problem((key, "url"), "a source's address starts with https://")
    if countries is None:
        return
    for iso, country in countries.value.items():
        if not ISO.fullmatch(country.iso):
            yield countries.document.problem((iso,), f"`{country.iso}` is not a country: two letters, A-Z")
        if sources is not None:
            yield from unknown(countries.document, (iso, "sources"), country.sources, sources.value)


def no_id(document: Document, where: Where, name: str, longest: int = LONGEST_ID) -> Iterator[Problem]:
    """A problem if `name` cannot stand in a button."""
    if not ID.fullmatch(name) or len(name) > longest:
        yield document.problem(where, f"`{name}` is not an id: a-z, 0-9 and -, at most {longest}")


def twice(document: Document, where: Where, ids: Sequence[str]) -> Iterator[Problem]:
    """A problem for each id that was there before."""
    for index, name in enumerate(ids):
        if name in ids[:index]:
            yield document.problem((*where, index), f"`{name}` is here twice")


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


T = TypeVar("T")
SERVICE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,29}")
_PACKAGE = Path(__file__).parent.parent


def measure_of(folder: Folder, sheet: Sheet[T], name: str, adapter: TypeAdapter[tuple[T]]) -> T:
    """The English file that ships with the package, which is the measure for every other pack and language:
    the sheet itself when that is it."""
    inside = _PACKAGE / "_content"
    shipped, file = inside if inside.is_dir() else _PACKAGE.parent / "content", f"en/{name}"
    if sheet.document.file == file and folder.root.samefile(shipped):
        return sheet.value
    return validate(read(shipped / file, file), adapter)


def sentence_problems(
    document: Document, where: Where, sentences: Mapping[str, str], measure: Mapping[str, str]
) -> Iterator[Problem]:
    """Where `sentences`, which stand at `where`, differ from `measure` in keys or in `{names}`."""
    for key in sorted(measure.keys() - sentences.keys()):
        if not key.startswith(SERVICE):
            yield document.problem(where, f"`{key}` is missing")
    for key, sentence in sentences.items():
        here = (*where, key)
        names = names_in(sentence)
        if key.startswith(SERVICE):
            yield from _service_problems(document, here, key, names)
        elif key not in measure:
            yield document.problem(here, f"`{key}` is not a sentence the bot uses")
        elif names is None:
            yield document.problem(here, "has a brace that is not part of a {name}")
        elif names != (expected := names_in(measure[key]) or frozenset()):
            said = ", ".join(f"{{{name}}}" for name in sorted(expected)) or "no {name}"
            yield document.problem(here, f"`{key}` must use {said}")


def _service_problems(
    document: Document, where: Where, key: str, names: frozenset[str] | None
) -> Iterator[Problem]:
    """A service message has a name that fits a button, and nothing to fill in: it is sent as it stands."""
    if not SERVICE_NAME.fullmatch(key.removeprefix(SERVICE)):
        yield document.problem(where, f"`{key}` must be named in up to 30 small letters, digits and hyphens")
    if names != frozenset():
        yield document.problem(where, f"`{key}` is sent as it stands, so it has no braces")


def names_in(sentence: str) -> frozenset[str] | None:
    """The `{names}` of a sentence, or None if its braces do not pair up or hold anything but a name."""
    try:
        parts = [(name, spec, how) for _, name, spec, how in Formatter().parse(sentence) if name is not None]
    except ValueError:
        return None
    if any(spec or how or not name.isidentifier() for name, spec, how in parts):
        return None
    return frozenset(name for name, _, _ in parts)


def ui_html(folder: Folder, sheet: Sheet[dict[str, str]]) -> dict[str, str]:
    """Every sentence as it is shown: Telegram HTML, or plain text where the key says so.

    Where ui.yaml differs from the shipped one in keys or in `{names}` is a problem: the code counts on both.
    """
    measure = measure_of(folder, sheet, "ui.yaml", TEXTS)
    folder.problems += sentence_problems(sheet.document, (), sheet.value, measure)
    return {
        key: sentence if is_plain(key) else folder.html(sheet.document, (key,), sentence)
        for key, sentence in sheet.value.items()
    }
