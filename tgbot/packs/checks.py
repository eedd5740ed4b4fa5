"""`backcheck check`: everything a script can hold against the words of a pack, with file and line.

What keeps the bot from working at all is refused by the loader; this reads the words.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import assert_never

from tgbot.content import ContentPack, Tier, is_plain
from tgbot.finder.finding import Check, Finding, Foreign, Found, Suggest, Unknown, Urgent, find
from tgbot.packs import finder_index
from tgbot.packs.english_rules import LanguageRules, rules_of
from tgbot.packs.finder_files import DETECTION
from tgbot.packs.links import unknown
from tgbot.packs.loader import Opened
from tgbot.packs.protocol_file import PLAN, PLAN_SHAPE, WORDS_SHAPE, FollowUpWords
from tgbot.packs.signatures import SignatureState, ledger
from tgbot.packs.whole import survey, with_foreign
from tgbot.packs.word_rules import (
    LONGEST_SCREEN,
    AnswerPage,
    CheckFinding,
    Severity,
    check_answer,
    error,
    text_of,
    warning,
)
from tgbot.packs.yaml_files import TEXTS, Document, Folder, PackErrors, Problem, Sheet, Where, shape
from tgbot.screens.screen import shown_length
from tgbot.screens.warning_screens import card_text

LONGEST_BUTTON = 36  # characters; a phone cuts off what is longer
NUMBERS_HOLD = timedelta(days=183)
LONGEST_PROFILE = {"profile.description": 512, "profile.short": 120}  # characters; Telegram's own
QUESTIONS_FILE = "{locale}/questions.yaml"
ALWAYS = frozenset((*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x2010, 0x2028)))  # in shipped fonts
_SHOWN = ("picture.", "page.", "label.")  # the keys of what stands on a chart or a card
_MOST = 20  # letters that are listed; more of them say no more
_UNSEEN = ("C", "Z")  # what joins, turns or separates has no picture of its own

Letters = Callable[[], frozenset[int] | None]


def check(root: Path, today: date, locale: str = "en", letters: Letters | None = None) -> list[CheckFinding]:
    """Everything that is wrong with the words in `root`, by file and line; `letters` tells those that
    the chart and the card can show, or None if nothing can be drawn here."""
    opened, broken = survey(root, locale)
    found = [error("load", problem) for problem in broken]
    if opened:
        rules = rules_of(locale)
        found += [*_texts(root, opened, rules, today, letters), *_wordings(opened), *_buttons(opened)]
        found += [*_numbers(opened, today), *check_detection(root, opened)]
        found += [CheckFinding("pack.yaml", 1, Severity.NOTE, "words", rules.note)] if rules.note else []
    if opened and not broken:
        found += check_signatures(root, opened, today)
    found += _questions(root, locale, None if broken else opened)
    return sorted(found)


def failed(findings: Iterable[CheckFinding], *, strict: bool) -> bool:
    """Whether the findings fail the check: errors do, and warnings too when it is strict."""
    worst = Severity.WARNING if strict else Severity.ERROR
    return any(finding.severity <= worst for finding in findings)


def summary(findings: Sequence[CheckFinding]) -> str:
    """One line for the end."""
    counted = Counter(finding.severity for finding in findings)
    if not findings:
        return "nothing to mend"
    return ", ".join(
        f"{counted[kind]} {name}{'s' * (counted[kind] != 1)}"
        for kind, name in ((Severity.ERROR, "error"), (Severity.WARNING, "warning"))
    )


def _wordings(opened: Opened) -> Iterator[CheckFinding]:
    """Every question and alias belongs to one answer."""
    owner: dict[str, str] = {}
    for sheet in opened.answers:
        answer = sheet.value
        wordings: list[tuple[Where, str]] = [(("question",), answer.question)]
        wordings += [(("aliases", index), alias) for index, alias in enumerate(answer.aliases)]
        for where, wording in wordings:
            folded = " ".join(re.findall(r"\w+", wording.casefold()))
            other = owner.setdefault(folded, answer.id)
            if other != answer.id:
                said = f"“{wording}” is already a wording of {other}"
                yield error("wordings", sheet.document.problem(where, said))


def _buttons(opened: Opened) -> Iterator[CheckFinding]:
    for sheet in opened.answers:
        if len(sheet.value.on_button) > LONGEST_BUTTON:
            said = f"a `label` of at most {LONGEST_BUTTON} characters is needed for buttons"
            yield error("buttons", sheet.document.problem(("label",), said))
    for index, topic in enumerate(opened.topics.value):
        if len(topic.title) > LONGEST_BUTTON:
            said = f"the title is longer than {LONGEST_BUTTON} characters"
            yield error("buttons", opened.topics.document.problem((index, "title"), said))


def _numbers(opened: Opened, today: date) -> Iterator[CheckFinding]:
    """Emergency numbers are looked at again every six months."""
    document, countries = opened.countries.document, opened.countries.value
    for iso, country in countries.items():
        if country.verified_on and today - country.verified_on > NUMBERS_HOLD:
            said = f"{country.name}: last verified {country.verified_on}; check the number again"
            yield warning("numbers", document.problem((iso, "verified_on"), said))
    unverified = sum(country.verified_on is None for country in countries.values())
    if unverified:
        said = f"{unverified} of {len(countries)} emergency numbers come from lists; nobody has verified them"
        yield CheckFinding(document.file, 1, Severity.NOTE, "numbers", said)


def check_detection(root: Path, opened: Opened) -> Iterator[CheckFinding]:
    """A sign of tier E or U without a rule in detection.yaml or an example in alarms.yaml is an error."""
    folder, locale = Folder(root), opened.pack.locale
    detection = folder.sheet(f"{locale}/detection.yaml", DETECTION)
    alarms = folder.sheet(f"{locale}/alarms.yaml", TEXTS)
    if not (detection and alarms):
        return
    for index, sign in enumerate(opened.red_flags.value.signs):
        if sign.tier is Tier.SOON:
            continue
        for file, known in (("detection", detection.value.rules), ("alarms", alarms.value)):
            if not known.get(sign.id):
                said = f"`{sign.id}` is not recognised in what people type: {file}.yaml has nothing for it"
                yield error("undetectable", opened.red_flags.document.problem(("signs", index), said))


def check_signatures(root: Path, opened: Opened, today: date) -> Iterator[CheckFinding]:
    """Unsigned items are counted, not listed: a new pack has hundreds."""
    try:
        found = ledger(root, opened.pack.locale, today, opened)
    except PackErrors as errors:
        yield from (error("signatures", problem) for problem in errors.problems)
        return
    yield from (error("signatures", problem) for problem in found.problems)
    for key, standing in found.standings.items():
        if standing.state not in (SignatureState.SIGNED, SignatureState.UNREVIEWED):
            first = found.items[key].parts[0]
            yield warning("sign-off", Problem(first.file, first.line, f"{key}: {standing}"))
    if found.unsigned:
        said = f"not signed: {found.unsigned}; see `backcheck sign --verify`"
        yield warning("sign-off", opened.about.document.problem(("signatures_needed",), said))


def _texts(
    root: Path, opened: Opened, rules: LanguageRules, today: date, letters: Letters | None
) -> Iterator[CheckFinding]:
    """Every text that a person reads."""
    yield from _answers(opened, rules, today)
    yield from _cards(opened, rules)
    yield from _signs(opened, rules)
    yield from _sentences(opened, rules)
    yield from _follow_up(root, opened, rules, letters)


def _answers(opened: Opened, rules: LanguageRules, today: date) -> Iterator[CheckFinding]:
    for sheet in opened.answers:
        answer = sheet.value
        parts = [(("short",), answer.short), (("body",), answer.body)]
        parts += [(("more",), answer.more)] if answer.more else []
        related = opened.pack.answers[answer.id].related
        text = text_of(sheet.document, answer.id, parts, leads_to=related)
        yield from rules.words(text)
        yield from check_answer(AnswerPage(sheet, text, opened.pack, today), rules.answer)


def _cards(opened: Opened, rules: LanguageRules) -> Iterator[CheckFinding]:
    sheet, pack = opened.red_flags, opened.pack
    for index, card in enumerate(sheet.value.cards):
        where = ("cards", index, "body")
        emergency = card.tier is Tier.EMERGENCY
        text = text_of(sheet.document, card.id, [(where, card.body)], emergency=emergency)
        yield from rules.words(text)
        signs = [sign for sign in pack.red_flags.values() if sign.card == card.id]
        longest = sorted(signs, key=lambda sign: len(sign.wording))[-2:]
        length = max(
            shown_length(card_text(pack, pack.cards[card.id], longest, country))
            for country in (None, *pack.countries.values())
        )
        if length > LONGEST_SCREEN:
            said = f"{length} characters with its signs; {LONGEST_SCREEN} at most"
            yield error("screen-length", sheet.document.problem(where, said))


def _signs(opened: Opened, rules: LanguageRules) -> Iterator[CheckFinding]:
    """The signs of a tier are read together, so they are graded together."""
    sheet = opened.red_flags
    for tier in Tier:
        parts = [
            (("signs", index, "wording"), sign.wording)
            for index, sign in enumerate(sheet.value.signs)
            if sign.tier is tier
        ]
        name = f"the signs of tier {tier}"
        yield from rules.words(text_of(sheet.document, name, parts, emergency=tier is Tier.EMERGENCY))


def _sentences(opened: Opened, rules: LanguageRules) -> Iterator[CheckFinding]:
    for key, sentence in opened.ui.value.items():
        if key in LONGEST_PROFILE or not is_plain(key):
            yield from rules.words(text_of(opened.ui.document, key, [((key,), sentence)]))
        if len(sentence) > LONGEST_PROFILE.get(key, len(sentence)):
            said = f"{len(sentence)} characters; Telegram takes {LONGEST_PROFILE[key]}"
            yield error("profile-length", opened.ui.document.problem((key,), said))


def _follow_up(
    root: Path, opened: Opened, rules: LanguageRules, letters: Letters | None
) -> Iterator[CheckFinding]:
    """The plan's sources are there, its words keep the rules and can be shown."""
    folder = Folder(root)
    known = opened.pack.sources
    if plan := folder.sheet(PLAN, PLAN_SHAPE):
        for index, step in enumerate(plan.value.steps):
            cited = unknown(plan.document, ("steps", index, "sources"), step.sources, known)
            yield from (error("sources", problem) for problem in cited)
    if words := folder.sheet(f"{opened.pack.locale}/followup.yaml", WORDS_SHAPE):
        for name, advice in words.value.advice.items():
            cited = unknown(words.document, ("advice", name, "sources"), advice.sources, known)
            yield from (error("sources", problem) for problem in cited)
        for where, text in _told(words.value):
            yield from rules.words(text_of(words.document, str(where[1]), [(where, text)]))
        if letters:
            yield from check_letters(words, letters)


def _told(words: FollowUpWords) -> Iterator[tuple[Where, str]]:
    for name, advice in words.advice.items():
        yield ("advice", name, "text"), advice.text
    for key, text in words.words.items():
        if not is_plain(key):
            yield ("words", key), text


def check_letters(sheet: Sheet[FollowUpWords], letters: Letters) -> Iterator[CheckFinding]:
    """One warning, at the first sentence that needs a letter which is not among `letters`.

    Fonts take a second to open, so they are not where all letters are ALWAYS there.
    """
    lacking = _lacking(sheet, ALWAYS)
    there = letters() if lacking else None
    lacking = _lacking(sheet, there) if there is not None else []
    if not lacking:
        return
    every = sorted(set().union(*(missing for _, missing in lacking)))
    listed = "".join(every[:_MOST]) + ("…" if len(every) > _MOST else "")
    said = (
        f"no font here has {listed}, so boxes stand on the chart and the card (lines: {len(lacking)}); "
        "set BACKCHECK_FONT to a font that has them"
    )
    first = min((sheet.document.line(where), where) for where, _ in lacking)[1]
    yield warning("letters", sheet.document.problem(first, said))


def _lacking(sheet: Sheet[FollowUpWords], letters: frozenset[int]) -> list[tuple[Where, set[str]]]:
    return [(where, missing) for where, said in _shown(sheet.value) if (missing := _missing(said, letters))]


def _shown(told: FollowUpWords) -> Iterator[tuple[Where, str]]:
    for name, sign in told.signs.items():
        yield ("signs", name, "long"), sign.long
    for key, said in told.words.items():
        if key.startswith(_SHOWN):
            yield ("words", key), said


def _missing(said: str, letters: frozenset[int]) -> set[str]:
    return {one for one in said if ord(one) not in letters and unicodedata.category(one)[0] not in _UNSEEN}


@dataclass(frozen=True, slots=True)
class AcceptanceQuestion:
    """What somebody types. Exactly one of the others says what must come back.

    `answer` is shown at once, `offered` at least among "did you mean", `card` is the card of a warning sign,
    `unknown` says that the bot must not pretend to know, `checked` which sign it must ask about first.
    """

    ask: str
    answer: str | None = None
    offered: str | None = None
    card: str | None = None
    unknown: bool = False
    checked: str | None = None


_QUESTIONS = shape(tuple[AcceptanceQuestion, ...])


def _questions(root: Path, locale: str, opened: Opened | None) -> Iterator[CheckFinding]:
    """Every question of questions.yaml and of the answers' `asked`, if the pack is whole."""
    folder, file = Folder(root), QUESTIONS_FILE.format(locale=locale)
    sheet = folder.sheet(file, _QUESTIONS) if (root / file).exists() else None
    yield from (error("questions", problem) for problem in folder.problems)
    every: list[tuple[Document, Where, AcceptanceQuestion]] = []
    every += [(sheet.document, (row,), question) for row, question in enumerate(sheet.value)] if sheet else []
    for answer in opened.answers if opened else ():
        every += [
            (answer.document, ("asked", row), AcceptanceQuestion(text, answer=answer.value.id))
            for row, text in enumerate(answer.value.asked)
        ]
    if opened is None or not every:
        return
    index = with_foreign(root, opened.pack, finder_index.load(root, opened.pack))
    for document, where, question in every:
        found = _wrong_row(opened.pack, question)
        if wrong := found or _wrong(opened.pack, question, find(index, question.ask)):
            yield error("questions", document.problem(where, wrong))


def _wrong_row(pack: ContentPack, asked: AcceptanceQuestion) -> str | None:
    wanted = [asked.answer, asked.offered, asked.card, asked.checked, asked.unknown or None]
    if sum(want is not None for want in wanted) != 1:
        return "say one of `answer`, `offered`, `card`, `checked` and `unknown: true`"
    for answer in (asked.answer, asked.offered):
        if answer is not None and answer not in pack.answers:
            return f"`{answer}` is not an answer"
    if asked.card is not None and asked.card not in pack.cards:
        return f"`{asked.card}` is not a card"
    if asked.checked is not None and asked.checked not in pack.red_flags:
        return f"`{asked.checked}` is not a warning sign"
    return None


def _wrong(pack: ContentPack, asked: AcceptanceQuestion, found: Finding) -> str | None:
    """What came back instead, or None if it is what was wanted."""
    match found:
        case Urgent(signs=(worst, *_)):
            card = pack.red_flags[worst].card
            return None if asked.card == card else f"“{asked.ask}” shows the card {card}"
        case Check(signs=signs, answers=answers):
            right = asked.checked in signs or asked.offered in answers or asked.answer in answers[:1]
            return None if right else f"“{asked.ask}” asks about {', '.join(signs) or 'every sign'}"
        case Found(answer=answer):
            right = answer in (asked.answer, asked.offered)
            return None if right else f"“{asked.ask}” finds {answer}"
        case Suggest(answers=answers):
            right = asked.offered in answers
            return None if right else f"“{asked.ask}” only offers {', '.join(answers)}"
        case Foreign(language=language):
            return f"“{asked.ask}” is taken for {pack.foreign[language].name}"
        case Unknown() | Urgent():
            return None if asked.unknown else f"“{asked.ask}” finds nothing"
    assert_never(found)
