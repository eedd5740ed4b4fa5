"""The rules that hold for one language's words. Only English has some."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tgbot.packs.check_findings import CheckFinding
from tgbot.packs.checks_answers import PageCheck
from tgbot.packs.english.answer_rules import ENGLISH_CHECKS
from tgbot.packs.english.reading_grade import NoDictionaryError, grade
from tgbot.packs.english.word_rules import check_words
from tgbot.packs.texts import Text


@dataclass(frozen=True, slots=True)
class LanguageRules:
    """`words` looks at any text, `answer` at a whole answer; `note` says what was not looked at."""

    words: Callable[[Text], Iterator[CheckFinding]]
    answer: tuple[PageCheck, ...]
    note: str | None


def rules_of(locale: str) -> LanguageRules:
    """The rules for the words of `locale`, such as en-GB."""
    if locale.partition("-")[0] == "en":
        return LanguageRules(check_words, ENGLISH_CHECKS, _without_dictionary())
    said = f"doses, promises, diagnoses and reading ease in {locale}: the rules know English only"
    return LanguageRules(lambda text: iter(()), (), f"not checked: {said}")


def _without_dictionary() -> str | None:
    try:
        grade(["Is it there?"])
    except NoDictionaryError:
        return "reading grades were not checked; `make setup` installs what that needs"
    return None
