"""`backcheck ask` and `backcheck eval`, and what the finder's files say when they are wrong."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.content.finder import CONTENT, pack, thinned
from tgbot.cli import main
from tgbot.packs import finder_index as finder
from tgbot.packs.yaml_files import PackErrors


def test_ask_says_what_was_found_and_why() -> None:
    said = CliRunner().invoke(main, ["ask", "numb between my legs since my back went"]).output
    assert said.startswith("urgent, tier E\n  E4  ")
    assert "because: “numb between my legs”" in said


def test_ask_reads_and_writes_json_lines() -> None:
    lines = "\n".join(
        json.dumps({"text": text, "id": 1})
        for text in ("how should i sleep with upper back spasm", "best pizza near me", "fever and back pain")
    )
    output = CliRunner().invoke(main, ["ask", "--jsonl"], input=lines).output
    first, second, third = map(json.loads, output.splitlines())
    assert (first["kind"], first["tier"], first["signs"], first["answers"][0]) == (
        "found",
        None,
        [],
        "q-sleep",
    )
    assert (second["kind"], second["answers"]) == ("unknown", [])
    assert (third["kind"], third["tier"], third["signs"]) == ("urgent", "U", ["U1"])


@pytest.mark.parametrize(
    ("line", "sentence"), [("{", "stdin:1: is not JSON"), ("[]", 'stdin:1: must be an object with a "text"')]
)
def test_a_line_that_is_wrong_is_named(line: str, sentence: str) -> None:
    result = CliRunner().invoke(main, ["ask", "--jsonl"], input=line)
    assert result.exit_code == 1
    assert sentence in result.output


def test_eval_prints_a_table(tmp_path: Path) -> None:
    file = tmp_path / "set.jsonl"
    file.write_text(
        '{"text": "can i drive with a back spasm", "kind": "in_scope", "tier": null, "accept": ["q-drive"]}\n'
        '{"text": "i have chest pain", "kind": "urgent", "tier": "E", "accept": []}\n'
    )
    said = CliRunner().invoke(main, ["eval", str(file)]).output
    assert "in scope: accuracy at 1                  100.0%     1 of 1" in said
    assert "urgent: card or question, tier E         100.0%     1 of 1" in said
    assert "time per query" in said


def test_every_mistake_in_the_finders_files_is_told_with_its_line(tmp_path: Path) -> None:
    root = tmp_path / "content"
    shutil.copytree(CONTENT, root)
    rules = root / "en" / "detection.yaml"
    rules.write_text(
        rules.read_text().replace("    - chest & pain|pressure|numb|odd /8", "    - chest & pian /8")
    )
    alarms = root / "en" / "alarms.yaml"
    alarms.write_text(alarms.read_text().replace("\nE3: |", "\nE33: |"))
    wordings = root / "en" / "wordings.yaml"
    wordings.write_text(wordings.read_text().replace("\nq-drive: |", "\nq-drove: |"))
    with pytest.raises(PackErrors) as caught:
        finder.load(root, pack())
    told = [str(problem) for problem in caught.value.problems]
    assert any(
        "there is no idea `pian` in the lexicon" in t and t.startswith("en/detection.yaml:") for t in told
    )
    assert any("`E33` is not a warning sign" in t and t.startswith("en/alarms.yaml:") for t in told)
    assert any("`q-drove` is not an answer" in t and t.startswith("en/wordings.yaml:") for t in told)


def test_an_edited_wording_counts_at_once(tmp_path: Path) -> None:
    root = thinned(CONTENT, tmp_path / "content")
    wordings = root / "en" / "wordings.yaml"
    lines = "  wibble my wobble\n  wibble the wobble please\n  how to wibble a wobble\n"
    wordings.write_text(wordings.read_text().replace("\nq-drive: |\n", f"\nq-drive: |\n{lines}"))
    index = finder.load(root, pack())
    ranking = index.ranker.rank(index.reader.features(index.read("wibble a wobble")))
    assert ranking.scores[0][0] == "q-drive"
    assert ranking.sure


@pytest.mark.parametrize(
    "text", ["\ud800 heat", "my back hurts \udfff", "\ud83d", "i have chest pain \ude00"]
)
def test_half_a_surrogate_pair_is_asked_about_and_given_back_as_it_came(text: str) -> None:
    result = CliRunner().invoke(main, ["ask", "--jsonl"], input=json.dumps({"text": text}))
    assert (result.exit_code, result.exception) == (0, None)
    assert json.loads(result.stdout)["text"] == text
    assert CliRunner().invoke(main, ["ask", text]).exit_code == 0


def measured(tmp_path: Path, content: bytes) -> tuple[int, str]:
    file = tmp_path / "set.jsonl"
    file.write_bytes(content)
    result = CliRunner().invoke(main, ["eval", str(file)])
    assert isinstance(result.exception, SystemExit | None), repr(result.exception)
    return result.exit_code, result.output


def test_half_a_surrogate_pair_is_measured(tmp_path: Path) -> None:
    code, said = measured(tmp_path, b'{"text": "\\ud800 heat", "kind": "out_of_scope"}')
    assert (code, "time per query" in said) == (0, True)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b'{"text": "r\xfccken", "kind": "out_of_scope"}', "set.jsonl: is not UTF-8"),
        (b"[" * 100_000, "set.jsonl:1: is not JSON"),
        (b'{"text": "heat", "kind": "urgent", "tier": "X"}', "case 1: tier must be E or U"),
    ],
    ids=["latin-1", "deep", "tier"],
)
def test_a_set_that_cannot_be_read_is_a_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    code, said = measured(tmp_path, content)
    assert code == 1
    assert sentence in said
    assert said.startswith("backcheck: ")
