"""The fifteen wordings that the project began with, slips of grammar included, each find their one answer."""

import pytest

from tests.content.finder import ask
from tgbot.finder.finding import Found

SEED = {
    "What can cause spasms in the upper back?": "causes-upper-back",
    "What causes back spasms between the shoulder blades?": "causes-between-shoulder-blades",
    "What does a upper back spasm feel like?": "symptoms-feels-like",
    "What does an upper back spasm feel like?": "symptoms-feels-like",
    "What are the symptoms of muscular spasm in the upper back?": "symptoms-feels-like",
    "How long does a upper back spasm last?": "duration-upper-back",
    "How long do upper back spasms last?": "duration-upper-back",
    "How long does upper back muscle spasm take to heal?": "duration-upper-back",
    "How long does it take for muscle spasm to go away?": "duration-single-spasm",
    "How do you treat upper back spasms?": "treat-upper-back",
    "How to stop muscle spasms quickly?": "treat-stop-quickly",
    "What is the best treatment for back spasms?": "treat-best",
    "When should I be worried about back spasms?": "when-to-worry",
    "What to do when you experience a lower back spasm?": "lower-back-what-to-do",
    "How do you treat muscle spasms in lower back?": "lower-back-treat",
}


@pytest.mark.parametrize(("question", "answer"), SEED.items())
def test_a_seed_question_finds_its_answer(question: str, answer: str) -> None:
    finding = ask(question)
    assert isinstance(finding, Found)
    assert finding.answer == answer
