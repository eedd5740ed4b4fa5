"""Rules as detection.yaml writes them, and the scopes that take an idea back."""

import pytest

from tgbot.finder.normalising import split, stemmer
from tgbot.finder.reading import Reading
from tgbot.finder.rules import Detection, RuleBook, RuleError, RuleMatcher, parse

STEM = stemmer("english")
LEXICON = {
    "chest": ["chest"],
    "pain": ["pain", "hurts"],
    "furniture": ["chest of drawers"],
    "cannot": ["cant"],
    "breathe": ["breathe"],
    "feeling": ["no feeling"],
    "legs": ["=legs"],
    "cancer": ["cancer"],
    "back": ["back"],
}
SCOPES = {
    "negators": ["no", "not", "never"],
    "lists": ["or"],
    "subjects": ["i", "he"],
    "owners": ["my"],
    "prepositions": ["in"],
    "inert": ["no idea"],
    "breakers": ["but"],
    "contrasts": ["but"],
    "briefly": ["no history of"],
    "firsts": ["never"],
    "novelties": ["until now"],
    "rather": ["more like"],
    "returned": ["got it again"],
    "not_asking": ["if you can"],
    "disclaiming": ["have none of them"],
    "resolving": ["turned out to be"],
    "lasting": ["still"],
    "general": ["just curious"],
    "pastimes": ["watching"],
    "turns": ["suddenly", "my"],
    "past": ["years ago"],
    "present": ["today"],
    "asking": ["what is", "can a", "if you"],
    "fiction": ["song", "film"],
    "personal": ["my", "i"],
    "owned": ["i have"],
}


def seen(text: str, *rules: str) -> bool:
    """Whether any rule holds in the text, its context counted in."""
    detection = Detection(LEXICON, {}, [parse("X", rule) for rule in rules], SCOPES)
    words = tuple(split(text))
    matcher = RuleMatcher(detection, split, STEM)
    ended = [number for number, sentence in enumerate(text.split(".")) for _ in split(sentence)]
    reading = Reading(text, words, tuple(map(STEM, words)), sentences=tuple(ended))
    return bool(matcher.warnings(matcher.signals(reading)).live)


@pytest.mark.parametrize(
    ("text", "rule", "holds"),
    [
        ("pain in my chest", "chest & pain /5", True),
        ("my chest really hurts", "chest & pain /5", True),
        ("chest and some six other words pain", "chest & pain /5", False),
        ("chest and some six other words pain", "chest & pain /*", True),
        ("cant quite breathe", "cannot > breathe", True),
        ("breathe cant", "cannot > breathe", False),
        ("moved a chest of drawers and it hurts", "chest & pain unless furniture", False),
        ("my leg hurts", "legs & pain", False),
        ("my legs hurt", "legs & pain", True),
    ],
)
def test_a_rule_holds_when_its_ideas_stand_as_it_says(text: str, rule: str, holds: bool) -> None:
    assert seen(text, rule) is holds


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("no chest pain", False),
        ("not in my chest this pain", False),
        ("no chest or arm or jaw pain", False),
        ("never had chest pain", False),
        ("no fever but chest pain", True),
        ("no idea why my chest hurts", True),
        ("not sleeping my chest hurts", True),
        ("chest pain years ago", False),
        ("had bad backs years ago and chest pain today", True),
        ("what is chest pain", False),
        ("can a spasm give chest pain", False),
        ("what is this my chest hurts", True),
        ("can a spasm give chest pain because i have it", True),
        ("chest pain is a great song", False),
        ("a film about chest pain", False),
        ("saw a film and suddenly chest pain", True),
        ("watching a film with chest pain", True),
        ("no but chest pain", True),
        ("no history of heart trouble chest pain", True),
        ("no history of chest pain", False),
        ("never had chest pain until now", True),
        ("no chest pain more like pressure", True),
        ("chest pain years ago got it again", True),
        ("if you have chest pain", False),
        ("if you can chest pain", True),
        ("chest pain just curious", False),
        ("chest pain i have none of them", False),
        ("chest pain. i have none of them", False),
        ("chest pain. rashes. i have none of them", True),
        ("i have none of them. but chest pain", True),
        ("chest pain. turned out to be wind", False),
        ("chest pain. rashes. turned out to be wind", False),
        ("chest pain. turned out to be wind. still there", True),
        ("turned out to be wind. chest pain", True),
    ],
)
def test_denied_past_and_merely_asked_about_is_no_sign(text: str, holds: bool) -> None:
    assert seen(text, "chest & pain /6") is holds


def test_a_negator_inside_a_phrase_belongs_to_the_phrase() -> None:
    assert seen("no feeling legs", "feeling & legs")


def test_the_past_counts_for_a_rule_that_says_so() -> None:
    assert not seen("cancer years ago and my back hurts", "cancer & back")
    assert seen("cancer years ago and my back hurts", "cancer & back past")


def test_a_question_counts_for_a_rule_that_says_so() -> None:
    assert not seen("what is chest pain", "chest & pain")
    assert seen("what is chest pain", "chest & pain asked")
    assert not seen("a film about chest pain", "chest & pain asked")
    assert seen("chest pain. turned out to be wind", "chest & pain asked")


@pytest.mark.parametrize(
    "rule",
    [
        "chest &",
        "chest & pain > back",
        "chest pain",
        "chest & pain /x",
        "chest & pain /²",
        "chest unless a b",
    ],
)
def test_a_rule_that_cannot_be_read_says_so(rule: str) -> None:
    with pytest.raises(RuleError, match="`"):
        parse("E1", rule)


def test_only_rules_whose_ideas_are_there_are_looked_at_and_in_their_order() -> None:
    rules = [parse("X", text) for text in ("legs & pain", "chest|back & pain", "breathe & cannot", "pain")]

    among = list(RuleBook(rules).among(["pain", "chest", "back"]))

    assert among == [rules[1], rules[3]]
    assert list(RuleBook(rules).among([])) == []


def test_a_rule_is_looked_at_once_though_two_of_its_ideas_are_there() -> None:
    rule = parse("X", "chest|back")

    assert list(RuleBook([rule]).among(["back", "chest"])) == [rule]
