"""One rule for 72 hours, wherever it is said: not eased after 3 days, be seen this week."""

import re
from pathlib import Path

import pytest

from tests.content.finder import CONTENT
from tests.fakes.languages import english
from tgbot.asking import Asker
from tgbot.finder.finding import Check, Found, Suggest
from tgbot.screens.markup import plain

WORDINGS = (
    "no better after 3 days",
    "three days and it still hurts",
    "its been 72 hours",
    "72 hours and no better",
    "not improving after three days",
    "day 4 and still sore",
    "should i see a doctor if it isnt better in 3 days",
    "still hurts after 72 hrs",
    "pain not gone after 3 days",
    "been 3 days no change",
    "3 days in and it hasnt eased",
    "how long before i see a doctor",
)
SAYING_IT = (
    "duration-upper-back",
    "duration-single-spasm",
    "when-to-worry",
    "causes-upper-back",
    "q-who-to-see",
)
RULE = re.compile(
    r"(?:this week[^.]{0,40}not eased after 3 days|not eased after 3 days[^.]{0,60}this week)", re.I
)
OTHER_DAYS = re.compile(
    r"(?:in the next few days|after (?:a few|several) days|72 hours later|within 3 days)", re.I
)
ASKER = Asker.open(CONTENT)


def shown(answer: str) -> str:
    this = ASKER.pack.answers[answer]
    return " ".join(plain(f"{this.short} {this.body}").replace("?", "").split())


@pytest.mark.parametrize("typed", WORDINGS)
def test_whoever_types_that_three_days_have_passed_finds_the_rule_first(typed: str) -> None:
    finding = ASKER.ask(typed)
    match finding:
        case Found(answer=answer):
            first = answer
        case Suggest(answers=answers) | Check(answers=answers):
            first = answers[0]
        case _:
            pytest.fail(f"{finding}")
    assert RULE.search(shown(first)), shown(first)


@pytest.mark.parametrize("answer", SAYING_IT)
def test_the_answers_about_time_and_worry_say_it(answer: str) -> None:
    assert RULE.search(shown(answer))


@pytest.mark.parametrize("answer", ["duration-upper-back", "duration-single-spasm", "causes-upper-back"])
def test_and_without_a_clear_cause_or_worse_it_is_today(answer: str) -> None:
    assert "No clear cause, or worse: today." in shown(answer)


def test_no_word_of_the_pack_has_a_second_rule() -> None:
    """Of the days about the third; slow easing at two and four weeks is another matter."""
    found = [
        f"{path.name}: {line.strip()}"
        for path in sorted((Path(CONTENT) / "en").rglob("*.yaml"))
        if path.name not in ("wordings.yaml", "alarms.yaml", "detection.yaml", "questions.yaml")
        for line in path.read_text(encoding="utf-8").splitlines()
        if OTHER_DAYS.search(line)
    ]
    assert not found


def test_the_check_in_says_the_same_rule() -> None:
    said = plain(english().say("advice.same", sign="", call="", advice="", by="", main=""))
    assert "Have a doctor or a physio look at it this week." in said
    assert "If nothing clear set it off, be seen today." in said
    assert "If it gets worse" in said
