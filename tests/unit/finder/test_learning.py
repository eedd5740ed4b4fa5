"""The classifier learns from examples, the same on every machine."""

import subprocess
import sys

import pytest

from tgbot.finder.learning import (
    Example,
    Features,
    PlacedFeatures,
    _Lessons,
    checksum,
    features,
    features_of_parts,
    learn,
    placed_letters,
    with_ideas,
)


def words(text: str) -> Features:
    return features(text.split())


EXAMPLES = [
    Example(words("drive car spasm"), "drive"),
    Example(words("drive home"), "drive"),
    Example(words("car journey drive"), "drive"),
    Example(words("sleep pillow spasm"), "sleep"),
    Example(words("sleep bed"), "sleep"),
    Example(words("bed pillow night"), "sleep"),
    Example(words("zebra quantum"), ""),
    Example(words("teapot lighthouse"), ""),
]


def best(text: str) -> str:
    scores = learn(EXAMPLES).scores(words(text))
    return max(scores, key=lambda label: scores[label])


def test_what_was_learned_is_told_apart() -> None:
    assert best("drive car") == "drive"
    assert best("pillow bed") == "sleep"


def test_words_that_nobody_knows_speak_for_nothing_of_ours() -> None:
    assert best("umbrella xylophone") == ""


def test_a_class_leads_in_the_part_of_a_message_where_it_leads_most() -> None:
    said = ["drive", "car", "umbrella", "xylophone", "pillow", "bed"]
    parts = [(0, 3), (2, 5), (4, 6)]
    standing = PlacedFeatures.of((checksum(word), at, at + 1) for at, word in enumerate(said))
    table = features_of_parts(parts, standing, placed_letters(said), own=[(2, checksum("#whole"))])
    net = learn(EXAMPLES)

    def lead(part: tuple[int, int], label: str) -> float:
        words_of_it = said[slice(*part)]
        whole = ["#whole"] if part == (4, 6) else []
        scores = net.scores(features(words_of_it, whole, letters_of=words_of_it))
        return scores[label] - scores[""]

    for label in ("drive", "sleep"):
        best_lead = max(lead(part, label) for part in parts)
        assert net.best_leads(table)[label] == pytest.approx(best_lead, abs=1e-4)


def test_the_sums_of_a_message_are_made_in_one_thread() -> None:
    code = "import tgbot.packs.learned, os; print(len(os.listdir('/proc/self/task')))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "1"


def test_reasons_name_the_words_that_counted() -> None:
    reasons = learn(EXAMPLES).look(words("drive spasm zebra")).reasons("drive", 6)
    assert reasons[0] == "drive"
    assert "zebra" not in reasons


def test_learning_twice_gives_the_same_scores() -> None:
    assert learn(EXAMPLES).scores(words("drive bed")) == learn(EXAMPLES).scores(words("drive bed"))


def test_where_an_example_stands_changes_nothing() -> None:
    forwards, backwards = learn(EXAMPLES), learn(reversed(EXAMPLES))
    assert forwards.weights.tobytes() == backwards.weights.tobytes()


def test_the_order_in_which_ideas_are_named_changes_nothing() -> None:
    def learned(ideas: list[str]) -> bytes:
        shown = [Example(with_ideas(example.features, ideas), example.label) for example in EXAMPLES[:4]]
        return learn([*shown, *EXAMPLES[4:]]).weights.tobytes()

    assert learned(["@chest", "@pain"]) == learned(["@pain", "@chest"])


def test_an_example_more_is_slipped_in_and_moves_no_other() -> None:
    features = [example.features for example in EXAMPLES]
    before = _Lessons(EXAMPLES).order(1)
    after = _Lessons([Example(words("stairs"), ""), *EXAMPLES]).order(1)
    assert [features[at] for at in before] == [features[at - 1] for at in after if at > 0]


def test_each_pass_goes_through_all_in_another_order() -> None:
    lessons = _Lessons(EXAMPLES)
    orders = [lessons.order(number) for number in range(3)]
    assert len(set(map(tuple, orders))) == 3
    assert all(sorted(order) == list(range(len(EXAMPLES))) for order in orders)


def test_the_strongest_word_counts_whatever_stands_beside_it() -> None:
    lessons = [*EXAMPLES, Example(words("passport drive"), ""), Example(words("passport queue"), "")]
    net = learn(lessons)
    alone = net.look(words("passport")).strongest_word("", "drive")

    assert alone > 0
    assert net.look(words("passport drive car journey")).strongest_word("", "drive") == alone
    assert net.look(words("umbrella")).strongest_word("", "drive") == 0.0
