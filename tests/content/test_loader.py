"""The shipped pack loads; a broken copy of it says what is wrong, and on which line."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tgbot.content import Tier
from tgbot.packs.loader import load
from tgbot.packs.yaml_files import PackErrors

PACK = Path(__file__).parents[2] / "content"
Edit = Callable[[str, str, str], None]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return shutil.copytree(PACK, tmp_path / "content")


def planted(copy: Path, file: str, old: str, new: str) -> str:
    """Replace `old` by `new` in a file of the copy, and return what the loader says."""
    path = copy / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {file}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PackErrors) as errors:
        load(copy)
    return str(errors.value)


def line_of(copy: Path, file: str, text: str) -> int:
    lines = (copy / file).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_the_shipped_pack_loads() -> None:
    pack = load(PACK)
    assert {"treat-best", "when-to-worry", "lower-back-treat"} <= set(pack.answers)
    assert pack.red_flags["E1"].tier is Tier.EMERGENCY
    assert pack.countries["NO"].numbers == ("113",)
    assert pack.countries["AU"].numbers == ("000",)
    assert "<b>Not recommended for back pain</b>\n• " in pack.answers["treat-best"].body
    assert list(pack.answers) == [answer for topic in pack.topics.values() for answer in topic.answers]


def test_an_unknown_key_is_named_with_its_line(copy: Path) -> None:
    file = "en/answers/treat-best.yaml"
    said = planted(copy, file, "aliases:", "alias:")
    assert said == f"{file}:{line_of(copy, file, 'alias:')}: `alias` is not a key here"


def test_a_table_in_an_answer_is_named_with_its_line_in_the_file(copy: Path) -> None:
    file = "en/answers/treat-best.yaml"
    said = planted(
        copy, file, "  - Traction (pulling on the spine).\n", "  - Traction.\n\n  |a|b|\n  |-|-|\n  |1|2|\n"
    )
    assert (
        said
        == f"{file}:{line_of(copy, file, '|a|b|')}: this is a table; Telegram cannot show one, write a list"
    )


@pytest.mark.parametrize(
    ("file", "old", "new", "at", "sentence"),
    [
        ("pack.yaml", "version:", "name: x\nversion:", "name: x", "`name` is here twice, first on line 1"),
        (
            "sources.yaml",
            "\n  checked: read",
            "\n  checked: perhaps",
            "perhaps",
            "must be 'read' or 'memory'",
        ),
        ("sources.yaml", "url: https://www.nice", "url: http://www.nice", "http://www.nice", "https://"),
        ("emergency.yaml", 'numbers: ["113"]', "numbers: [113]", "numbers: [113]", "must be text"),
        (
            "emergency.yaml",
            "[LIBPHONENUMBER, ",
            "[LIBPHONENUMBE, ",
            "LIBPHONENUMBE,",
            "`LIBPHONENUMBE` is not known",
        ),
        ("emergency.yaml", "\nIE:", "\nIRELAND:", "IRELAND:", "`IRELAND` is not a country"),
        ("en/topics.yaml", "id: how-long", "id: 'how:long'", "how:long", "`how:long` is not an id"),
        ("en/topics.yaml", "- treat-best", "- treat-bets", "treat-bets", "`treat-bets` is not known"),
        ("en/answers/treat-best.yaml", "id: treat-best", "id: Treat", "id: Treat", "`Treat` is not an id"),
        (
            "en/answers/treat-best.yaml",
            "topic: treatment",
            "topic: causes",
            "topic:",
            "does not list this answer",
        ),
        (
            "en/answers/treat-best.yaml",
            "sources: [NICE-NG59]}",
            "sources: [NICE]}",
            "[NICE]",
            "`NICE` is not known",
        ),
        ("en/answers/treat-best.yaml", "verdict: mixed", "verdict: maybe", "maybe", "must be 'supported'"),
        ("en/redflags.yaml", "card: emergency", "card: ambulance", "ambulance", "`ambulance` is not a card"),
        ("en/redflags.yaml", "card: emergency", "card: soon", "card: soon", "another tier"),
        (
            "en/redflags.yaml",
            "\n      {emergency}\n",
            "\n      999\n",
            "    body: |",
            "must hold {emergency}",
        ),
        ("en/redflags.yaml", "**This can", "{sings} **This can", "    body: |", "no other braces"),
        ("en/redflags.yaml", "- id: E2", '- id: "E1"', '"E1"', "`E1` is here twice"),
        ("en/ui.yaml", "{number} now", "{nubmer} now", "call.known", "must use {country}, {number}"),
        ("en/ui.yaml", "call.known", "call.now", "call.now", "`call.now` is not a sentence the bot uses"),
        (
            "en/ui.yaml",
            "service.short-break",
            "service.Short_Break",
            "service.Short",
            "small letters, digits",
        ),
        ("en/ui.yaml", "**I will be", "**I {will} be", "service.short-break", "has no braces"),
        ("en/ui.yaml", "{number} now", "{number now", "call.known", "brace that is not part of"),
    ],
)
def test_a_planted_mistake_is_found(
    copy: Path, file: str, old: str, new: str, at: str, sentence: str
) -> None:
    said = planted(copy, file, old, new)
    assert sentence in said, said
    assert f"{file}:{line_of(copy, file, at)}: " in said, said


def test_every_problem_is_reported_at_once(copy: Path) -> None:
    (copy / "en/answers/treat-best.yaml").unlink()
    said = planted(copy, "en/topics.yaml", "title: Lower back", "tilte: Lower back")
    assert "`tilte` is not a key here" in said
    assert "`title` is missing" in said
    (copy / "pack.yaml").write_text("name: [\n", encoding="utf-8")
    with pytest.raises(PackErrors) as errors:
        load(copy)
    assert {"pack.yaml", "en/topics.yaml", "en/answers/q-scan.yaml"} <= {
        problem.file for problem in errors.value.problems
    }


def test_a_folder_without_a_pack_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(PackErrors, match=r"^en:1: the folder .*en is missing; .* has these folders: "):
        load(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("answers: [causes-upper-back, causes", "answers: []  # [causes", "`answers` must name at least one"),
        ("answers: [causes-upper-back,", "answers: [causes-nothing,", "causes-nothing"),
        ("command: cancel", "command: canel", "`canel` is not a command"),
        ("what_now: {lower-back: lower-back-what-to-do", "what_now: {lower-back: lower", "lower"),
    ],
)
def test_what_words_lead_to_exists(copy: Path, old: str, new: str, said: str) -> None:
    found = planted(copy, "en/conversation.yaml", old, new)
    at = line_of(copy, "en/conversation.yaml", new)

    assert said in found
    assert any(
        abs(int(line.split(":")[1]) - at) < 8
        for line in found.splitlines()
        if line.startswith("en/conversation.yaml:")
    ), found


def test_what_folds_two_letters_is_named_with_its_line(copy: Path) -> None:
    file = "foreign/folding.yaml"
    said = planted(copy, file, '"æ": "ae"', '"ij": "y"')
    assert said == f"{file}:{line_of(copy, file, 'ij')}: `ij` is not one letter"
