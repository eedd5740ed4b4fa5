"""`backcheck check`: everything a script can hold against the words of a pack, with file and line.

What keeps the bot from working at all is refused by the loader; this reads the words.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

from tgbot.content import Tier, is_plain
from tgbot.packs.check_findings import Finding, Severity, error, warning
from tgbot.packs.checks_answers import LONGEST_SCREEN, Page, check_answer
from tgbot.packs.checks_pictures import check_letters
from tgbot.packs.checks_questions import check_questions
from tgbot.packs.checks_words import check_words
from tgbot.packs.folder import Folder
from tgbot.packs.links import unknown
from tgbot.packs.loader import Opened
from tgbot.packs.protocol_file import PLAN, PLAN_SHAPE, WORDS_SHAPE, FollowUpWords
from tgbot.packs.reading_grade import NoDictionaryError, grade
from tgbot.packs.texts import text_of
from tgbot.packs.whole import survey
from tgbot.packs.yamlfile import Where
from tgbot.screens.emergency import card_text
from tgbot.screens.screen import shown_length

LONGEST_BUTTON = 36  # characters; a phone cuts off what is longer
LONGEST_PROFILE = {"profile.description": 512, "profile.short": 120}  # characters; Telegram's own
NUMBERS_HOLD = timedelta(days=183)


def check(
    root: Path, today: date, locale: str = "en", letters: frozenset[int] | None = None
) -> list[Finding]:
    """Everything that is wrong with the words in `root`, by file and line; `letters` are those that the chart
    and the card can show, if they can be drawn here."""
    opened, broken = survey(root, locale)
    found = [error("load", problem) for problem in broken]
    if opened:
        found += [*_answers(opened, today), *_cards(opened), *_signs(opened), *_sentences(opened)]
        found += [*_follow_up(root, opened, letters), *_wordings(opened), *_buttons(opened)]
        found += [*_numbers(opened, today), *_sign_off(opened), *_unchecked()]
    found += check_questions(root, locale, None if broken else opened)
    return sorted(found)


def failed(findings: Iterable[Finding], *, strict: bool) -> bool:
    """Whether the findings fail the check: errors do, and warnings too when it is strict."""
    worst = Severity.WARNING if strict else Severity.ERROR
    return any(finding.severity <= worst for finding in findings)


def summary(findings: Sequence[Finding]) -> str:
    """One line for the end."""
    counted = Counter(finding.severity for finding in findings)
    if not findings:
        return "nothing to mend"
    return ", ".join(
        f"{counted[kind]} {name}{'s' * (counted[kind] != 1)}"
        for kind, name in ((Severity.ERROR, "error"), (Severity.WARNING, "warning"))
    )


def _answers(opened: Opened, today: date) -> Iterator[Finding]:
    for sheet in opened.answers:
        answer = sheet.value
        parts = [(("short",), answer.short), (("body",), answer.body)]
        text = text_of(sheet.document, answer.id, parts)
        yield from check_words(text)
        yield from check_answer(Page(sheet, text, opened.pack, today))


def _cards(opened: Opened) -> Iterator[Finding]:
    sheet, pack = opened.red_flags, opened.pack
    for index, card in enumerate(sheet.value.cards):
        where = ("cards", index, "body")
        emergency = card.tier is Tier.EMERGENCY
        text = text_of(sheet.document, card.id, [(where, card.body)], emergency=emergency)
        yield from check_words(text)
        signs = [sign for sign in pack.red_flags.values() if sign.card == card.id]
        longest = sorted(signs, key=lambda sign: len(sign.wording))[-2:]
        length = max(
            shown_length(card_text(pack, pack.cards[card.id], longest, country))
            for country in (None, *pack.countries.values())
        )
        if length > LONGEST_SCREEN:
            said = f"{length} characters with its signs; {LONGEST_SCREEN} at most"
            yield error("screen-length", sheet.document.problem(where, said))


def _signs(opened: Opened) -> Iterator[Finding]:
    """The signs of a tier are read together, so they are graded together."""
    sheet = opened.red_flags
    for tier in Tier:
        parts = [
            (("signs", index, "wording"), sign.wording)
            for index, sign in enumerate(sheet.value.signs)
            if sign.tier is tier
        ]
        name = f"the signs of tier {tier}"
        yield from check_words(text_of(sheet.document, name, parts, emergency=tier is Tier.EMERGENCY))


def _sentences(opened: Opened) -> Iterator[Finding]:
    for key, sentence in opened.ui.value.items():
        if key in LONGEST_PROFILE or not is_plain(key):
            yield from check_words(text_of(opened.ui.document, key, [((key,), sentence)]))
        if len(sentence) > LONGEST_PROFILE.get(key, len(sentence)):
            said = f"{len(sentence)} characters; Telegram takes {LONGEST_PROFILE[key]}"
            yield error("profile-length", opened.ui.document.problem((key,), said))


def _follow_up(root: Path, opened: Opened, letters: frozenset[int] | None) -> Iterator[Finding]:
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
            yield from check_words(text_of(words.document, str(where[1]), [(where, text)]))
        yield from check_letters(words, letters) if letters else ()


def _told(words: FollowUpWords) -> Iterator[tuple[Where, str]]:
    for name, advice in words.advice.items():
        yield ("advice", name, "text"), advice.text
    for key, text in words.words.items():
        if not is_plain(key):
            yield ("words", key), text


def _wordings(opened: Opened) -> Iterator[Finding]:
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


def _buttons(opened: Opened) -> Iterator[Finding]:
    for sheet in opened.answers:
        if len(sheet.value.on_button) > LONGEST_BUTTON:
            said = f"a `label` of at most {LONGEST_BUTTON} characters is needed for buttons"
            yield error("buttons", sheet.document.problem(("label",), said))
    for index, topic in enumerate(opened.topics.value):
        if len(topic.title) > LONGEST_BUTTON:
            said = f"the title is longer than {LONGEST_BUTTON} characters"
            yield error("buttons", opened.topics.document.problem((index, "title"), said))


def _numbers(opened: Opened, today: date) -> Iterator[Finding]:
    """Emergency numbers are looked at again every six months."""
    document, countries = opened.countries.document, opened.countries.value
    for iso, country in countries.items():
        if country.verified_on and today - country.verified_on > NUMBERS_HOLD:
            said = f"{country.name}: last verified {country.verified_on}; check the number again"
            yield warning("numbers", document.problem((iso, "verified_on"), said))
    unverified = sum(country.verified_on is None for country in countries.values())
    if unverified:
        said = f"{unverified} of {len(countries)} emergency numbers come from lists; nobody has verified them"
        yield Finding(document.file, 1, Severity.NOTE, "numbers", said)


def _sign_off(opened: Opened) -> Iterator[Finding]:
    unsigned = [sheet.value.id for sheet in opened.answers if not sheet.value.review.signed]
    document = opened.about.document
    if unsigned:
        said = f"not signed off: {len(unsigned)} of {len(opened.answers)} answers, and the bot says so"
        yield warning("sign-off", document.problem(("signed_off_by",), said))
    elif opened.about.value.signed_off_by is None:
        said = "not signed off: the warning signs, the cards and the pack as a whole"
        yield warning("sign-off", document.problem(("signed_off_by",), said))


def _unchecked() -> Iterator[Finding]:
    try:
        grade(["Is it there?"])
    except NoDictionaryError:
        said = "reading grades were not checked; `make setup` installs what that needs"
        yield Finding("pack.yaml", 1, Severity.NOTE, "reading-grade", said)
