"""The texts of a pack: their language's rules, the limits of a screen, the letters of the fonts here."""

import unicodedata
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from tgbot.content import Tier, is_plain
from tgbot.packs.checks_answers import LONGEST_SCREEN, AnswerPage, check_answer
from tgbot.packs.english_rules import LanguageRules
from tgbot.packs.folder import Folder, Sheet
from tgbot.packs.links import unknown
from tgbot.packs.loader import Opened
from tgbot.packs.problems import CheckFinding, error, warning
from tgbot.packs.protocol_file import PLAN, PLAN_SHAPE, WORDS_SHAPE, FollowUpWords
from tgbot.packs.texts import text_of
from tgbot.packs.yamlfile import Where
from tgbot.screens.screen import shown_length
from tgbot.screens.warning_screens import card_text

LONGEST_PROFILE = {"profile.description": 512, "profile.short": 120}  # characters; Telegram's own
Letters = Callable[[], frozenset[int] | None]


def check_texts(
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


ALWAYS = frozenset((*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x2010, 0x2028)))  # in shipped fonts
_SHOWN = ("picture.", "page.", "label.")  # the keys of what stands on a chart or a card
_MOST = 20  # letters that are listed; more of them say no more
_UNSEEN = ("C", "Z")  # what joins, turns or separates has no picture of its own


def check_letters(
    sheet: Sheet[FollowUpWords], letters: Callable[[], frozenset[int] | None]
) -> Iterator[CheckFinding]:
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
