"""A folder of YAML → a ContentPack, or PackErrors with everything that is wrong, file and line.

Here is only what must hold for the bot to work at all: shapes, ids that exist, markup that Telegram shows.
What makes the words good is checked by `backcheck check` (checks.py).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

from pydantic import Field

from tgbot.content import (
    Answer,
    Card,
    ContentPack,
    Conversation,
    Country,
    ForeignWords,
    RedFlag,
    Source,
    Topic,
)
from tgbot.packs.foreign_files import check_phrases, read_words
from tgbot.packs.links import (
    answer_problems,
    meaning_problems,
    sign_problems,
    source_problems,
    topic_problems,
    ui_html,
    unknown,
)
from tgbot.packs.yaml_files import TEXTS, Folder, PackErrors, Problem, Sheet, shape


@dataclass(frozen=True, slots=True)
class About:
    """pack.yaml."""

    name: str
    version: str
    scope: str
    country: str | None = None  # the operator's own
    likely_countries: tuple[str, ...] = ()
    signatures_needed: Annotated[int, Field(ge=1, le=3)] = 1  # by different people, for each item


@dataclass(frozen=True, slots=True)
class RedFlagsFile:
    """redflags.yaml."""

    signs: tuple[RedFlag, ...]
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class PackFiles:
    """The files that could be read; None for the others. `ids` are those of all answers there are."""

    about: Sheet[About] | None
    sources: Sheet[dict[str, Source]] | None
    countries: Sheet[dict[str, Country]] | None
    topics: Sheet[tuple[Topic, ...]] | None
    red_flags: Sheet[RedFlagsFile] | None
    ui: Sheet[dict[str, str]] | None
    talk: Sheet[Conversation] | None
    answers: Mapping[str, Sheet[Answer]]
    ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class Opened:
    """The files as they were read, Markdown and lines still there, in the order of the menu."""

    about: Sheet[About]
    sources: Sheet[dict[str, Source]]
    countries: Sheet[dict[str, Country]]
    topics: Sheet[tuple[Topic, ...]]
    red_flags: Sheet[RedFlagsFile]
    ui: Sheet[dict[str, str]]
    talk: Sheet[Conversation]
    answers: tuple[Sheet[Answer], ...]
    pack: ContentPack


_ABOUT = shape(About)
_SOURCES = shape(dict[str, Source])
_COUNTRIES = shape(dict[str, Country])
_TOPICS = shape(tuple[Topic, ...])
RED_FLAGS = shape(RedFlagsFile)
_CONVERSATION = shape(Conversation)
_ANSWER = shape(Answer)


def load(root: Path, locale: str = "en") -> ContentPack:
    """The pack in `root`, in one language. Raises PackErrors with everything that is wrong."""
    return open_pack(root, locale).pack


def open_pack(root: Path, locale: str = "en") -> Opened:
    """The pack in `root` with its files and lines, for the checker. Raises PackErrors."""
    if not (root / locale).is_dir():
        raise PackErrors([Problem(locale, 1, _missing(root, locale))])
    folder = Folder(root)
    files = _read(folder, locale)
    folder.problems += _links(files)
    pages = _linked_back({id: _answer_html(folder, sheet) for id, sheet in files.answers.items()})
    cards = _cards_html(folder, files.red_flags) if files.red_flags else {}
    sentences = ui_html(folder, files.ui) if files.ui else {}
    foreign = read_words(folder)
    if files.red_flags:
        check_phrases(folder, {sign.id: sign for sign in files.red_flags.value.signs})
    folder.done()
    return _opened(files, locale, pages, cards, sentences, foreign)


def _read(folder: Folder, locale: str) -> PackFiles:
    paths = sorted((folder.root / locale / "answers").glob("*.yaml"))
    read = [folder.sheet(f"{locale}/answers/{path.name}", _ANSWER) for path in paths]
    return PackFiles(
        about=folder.sheet("pack.yaml", _ABOUT),
        sources=folder.sheet("sources.yaml", _SOURCES, key="id"),
        countries=folder.sheet("emergency.yaml", _COUNTRIES, key="iso"),
        topics=folder.sheet(f"{locale}/topics.yaml", _TOPICS),
        red_flags=folder.sheet(f"{locale}/redflags.yaml", RED_FLAGS),
        ui=folder.sheet(f"{locale}/ui.yaml", TEXTS),
        talk=folder.sheet(f"{locale}/conversation.yaml", _CONVERSATION),
        answers={sheet.value.id: sheet for sheet in read if sheet},
        ids=frozenset(path.stem for path in paths),
    )


def _opened(
    files: PackFiles,
    locale: str,
    pages: Mapping[str, Answer],
    cards: Mapping[str, Card],
    sentences: Mapping[str, str],
    foreign: Mapping[str, ForeignWords],
) -> Opened:
    """The pack of files with which nothing is wrong."""
    about, sources, countries, topics = files.about, files.sources, files.countries, files.topics
    red_flags, ui, talk = files.red_flags, files.ui, files.talk
    # Nothing is missing now; the conditions say so to the type checker.
    if not (about and sources and countries and topics and red_flags and ui and talk):
        raise AssertionError("a file is missing and no problem was kept")
    menu = [answer for topic in topics.value for answer in topic.answers]
    pack = ContentPack(
        name=about.value.name,
        version=about.value.version,
        locale=locale,
        topics=MappingProxyType({topic.id: topic for topic in topics.value}),
        answers=MappingProxyType({answer: pages[answer] for answer in menu}),
        red_flags=MappingProxyType({sign.id: sign for sign in red_flags.value.signs}),
        cards=MappingProxyType(dict(cards)),
        sources=MappingProxyType(sources.value),
        countries=MappingProxyType(countries.value),
        ui=MappingProxyType(dict(sentences)),
        foreign=MappingProxyType(dict(foreign)),
        country=about.value.country,
        likely=about.value.likely_countries,
        conversation=talk.value,
    )
    ordered = tuple(files.answers[answer] for answer in menu)
    return Opened(about, sources, countries, topics, red_flags, ui, talk, ordered, pack)


def _missing(root: Path, locale: str) -> str:
    if not root.is_dir():
        return f"the folder {root.absolute()} is not there, so there is no content pack (BACKCHECK_CONTENT)"
    found = ", ".join(sorted(path.name for path in root.iterdir() if path.is_dir())) or "none"
    return f"the folder {root.absolute() / locale} is missing; {root} has these folders: {found}"


def _links(files: PackFiles) -> Iterator[Problem]:
    """What names something that is not there. A file that could not be read is not held against others."""
    known = None if files.sources is None else files.sources.value
    if files.about and files.countries:
        about = files.about.value
        named = (*about.likely_countries, *filter(None, [about.country]))
        yield from unknown(files.about.document, (), named, files.countries.value)
    for sheet in files.answers.values():
        yield from answer_problems(sheet, files.ids, files.topics.value if files.topics else None, known)
    if files.topics:
        yield from topic_problems(files.topics, files.ids)
    if files.red_flags:
        signs, cards = files.red_flags.value.signs, files.red_flags.value.cards
        yield from sign_problems(files.red_flags.document, signs, cards, known)
    yield from source_problems(files.sources, files.countries)
    if files.talk:
        sentences = files.ui.value if files.ui else {}
        yield from meaning_problems(files.talk, files.ids, sentences, files.countries)


def _answer_html(folder: Folder, sheet: Sheet[Answer]) -> Answer:
    answer, document = sheet.value, sheet.document
    return replace(
        answer,
        short=folder.html(document, ("short",), answer.short),
        body=folder.html(document, ("body",), answer.body),
        more=folder.html(document, ("more",), answer.more) if answer.more else "",
    )


def _linked_back(answers: Mapping[str, Answer]) -> dict[str, Answer]:
    """Whoever goes to a related answer finds the way back: it follows that answer's own links."""
    linking: dict[str, list[str]] = {id: list(answer.related) for id, answer in answers.items()}
    for id, answer in answers.items():
        for other in answer.related:
            if other in linking and id not in linking[other]:
                linking[other].append(id)
    return {id: replace(answer, related=tuple(linking[id])) for id, answer in answers.items()}


def _cards_html(folder: Folder, sheet: Sheet[RedFlagsFile]) -> dict[str, Card]:
    return {
        card.id: replace(card, body=folder.html(sheet.document, ("cards", index, "body"), card.body))
        for index, card in enumerate(sheet.value.cards)
    }
