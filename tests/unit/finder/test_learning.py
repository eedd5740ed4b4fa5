"""The classifier learns from examples, the same on every machine."""

from tgbot.finder.features import Features, features
from tgbot.finder.learning import Example, learn


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


def test_reasons_name_the_words_that_counted() -> None:
    reasons = learn(EXAMPLES).look(words("drive spasm zebra")).reasons("drive", 6)
    assert reasons[0] == "drive"
    assert "zebra" not in reasons


def test_learning_twice_gives_the_same_scores() -> None:
    assert learn(EXAMPLES).scores(words("drive bed")) == learn(EXAMPLES).scores(words("drive bed"))


def test_the_strongest_word_counts_whatever_stands_beside_it() -> None:
    lessons = [*EXAMPLES, Example(words("passport drive"), ""), Example(words("passport queue"), "")]
    net = learn(lessons)
    alone = net.look(words("passport")).strongest_word("", "drive")

    assert alone > 0
    assert net.look(words("passport drive car journey")).strongest_word("", "drive") == alone
    assert net.look(words("umbrella")).strongest_word("", "drive") == 0.0
