"""The commands of those who review and sign, typed as they would type them."""

import json
import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from structlog.testing import capture_logs

from tests.content.finder import thinned
from tests.content.test_checks import PACK, plant
from tgbot.cli import main
from tgbot.cli.words import UnsignedError, tell_unsigned
from tgbot.clock import SystemClock
from tgbot.packs.review_items import items, read
from tgbot.packs.signatures import FILE, SIGNED, SignatureState, ledger
from tgbot.packs.whole import FolderTakenError, copy_pack

WHO = ["--name", "Ada Example", "--role", "nurse", "--body", "Example Register", "--number", "EX 123"]


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    copy_pack(PACK, folder := tmp_path / "pack")
    return folder


def typed(*words: str, answers: str = "") -> Result:
    return CliRunner(env={**os.environ, "BACKCHECK_CONTENT": ""}).invoke(main, words, input=answers)


def saved(pack: Path, file: Path, **verdicts: tuple[str, str]) -> None:
    """What the book saves, with a verdict and a note for some answers."""
    every = items(read(pack, "en"))
    comments = [
        {"item": key, "digest": every[key].digest, "verdict": verdict, "note": note}
        for name, (verdict, note) in verdicts.items()
        for key in [f"answer/{name.replace('_', '-')}"]
    ]
    who = {"name": "Ada Example", "role": "nurse", "body": "Example Register", "number": "EX 123"}
    about = {"pack": "x", "locale": "en", "made": "2026-12-01", "reviewer": who, "comments": comments}
    file.write_text(json.dumps(about), encoding="utf-8")


def state(pack: Path, key: str) -> SignatureState:
    return ledger(pack, "en", SystemClock().now().date()).standings[key].state


def test_a_signature_is_asked_for_and_written(pack: Path) -> None:
    answers = "\n".join(["Ada Example", "nurse", "Example Register", "EX 123", "sleep", "", "", "y", ""])
    done = typed("sign", "answer/q-sleep", "--pack", str(pack), answers=answers)
    assert done.exit_code == 0, done.output
    assert "1 signed in" in done.output
    assert state(pack, "answer/q-sleep") is SignatureState.SIGNED
    assert state(pack, "answer/q-neck") is SignatureState.UNREVIEWED
    verified = typed("sign", "--verify", "--pack", str(pack))
    assert verified.exit_code == 1
    assert "signed – Ada Example, nurse" in verified.output
    assert re.search(r"Not signed: (\d+) of \d+ answers, 8 of 8 cards", verified.output)


def test_nothing_is_signed_by_who_may_not_or_says_no(pack: Path) -> None:
    wizard = [*WHO[:3], "wizard", *WHO[4:]]
    done = typed("sign", "answer/q-sleep", "--pack", str(pack), *wizard, answers="\n\n\ny\n")
    assert done.exit_code == 1
    assert "`wizard` is not a role that may sign" in done.output
    done = typed("sign", "answer/q-sleep", "--pack", str(pack), *WHO, answers="\n\n\nn\n")
    assert done.exit_code == 1
    done = typed("sign", "answer/q-slep", "--pack", str(pack), *WHO)
    assert "There is no item answer/q-slep" in done.output
    assert not (pack / FILE).exists()


def test_a_whole_kind_and_then_everything_is_signed(pack: Path) -> None:
    done = typed("sign", "card/*", "--pack", str(pack), *WHO, answers="\n\n\ny\n")
    assert "8 signed in" in done.output
    assert "8 of 8 cards" not in typed("sign", "--verify", "--pack", str(pack)).output
    typed("sign", "--all", "--pack", str(pack), *WHO, answers="\n\n\ny\n")
    verified = typed("sign", "--verify", "--pack", str(pack))
    assert verified.exit_code == 0
    assert verified.output.endswith("Everything is signed.\n")


def test_comments_come_back_with_file_and_line_and_what_was_agreed_is_signed(
    pack: Path, tmp_path: Path
) -> None:
    file = tmp_path / "comments.json"
    saved(pack, file, q_sleep=("agree", ""), q_neck=("change", "Say\nphysio."), q_work=("agree", ""))
    line = plant(pack, "en/answers/q-work.yaml", "short: |", "short: |")
    plant(pack, "en/answers/q-work.yaml", "body: |", "body: |\n  Changed since.\n")
    told = typed("review", str(file), "--pack", str(pack)).output
    assert "Ada Example, nurse, Example Register, EX 123, in the book of 2026-12-01" in told
    assert f"[ ] answer/q-neck – change (Could it be my neck?)\n    {pack}/en/answers/q-neck.yaml:" in told
    assert "    > Say\n    > physio.\n" in told
    assert "To do: 1. Agreed: 1. Agreed, but changed since: 1." in told
    assert "They agree to: answer/q-sleep\n" in told
    assert line
    done = typed("sign", "--from", str(file), "--pack", str(pack), answers="\n" * 7 + "y\n")
    assert "answer/q-work was agreed to in other words than it has now" in done.output
    assert done.exit_code == 0, done.output
    assert state(pack, "answer/q-sleep") is SignatureState.SIGNED
    assert state(pack, "answer/q-neck") is SignatureState.UNREVIEWED
    assert state(pack, "answer/q-work") is SignatureState.UNREVIEWED
    plant(pack, "en/answers/q-neck.yaml", "body: |", "body: |\n  See a physio.\n")
    assert "[x] answer/q-neck – change" in typed("review", str(file), "--pack", str(pack)).output


def test_a_comment_on_a_sign_leads_to_its_own_rules(pack: Path, tmp_path: Path) -> None:
    found = items(read(pack, "en"))["sign/U1"].places
    written = (pack / "en/detection.yaml").read_text("utf-8").splitlines()
    place = next(int(place.rpartition(":")[2]) for place in found if "detection.yaml" in place)

    assert "\n  U1:" in "\n".join(written[:place]).rpartition("rules:")[2]
    assert written.index("rules:") < place


@pytest.mark.parametrize("text", ["", "[]", '{"pack": 1}', "\x00", '{"comments": [{"item": "a"}]}'])
def test_a_file_that_the_book_did_not_save_is_a_sentence(pack: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "odd.json").write_text(text, encoding="utf-8")
    for command in (["review", str(tmp_path / "odd.json")], ["sign", "--from", str(tmp_path / "odd.json")]):
        done = typed(*command, "--pack", str(pack))
        assert done.exit_code == 1
        assert "is not what the review book saves" in done.output


def test_a_new_pack_is_unsigned_and_overwrites_nothing(pack: Path, tmp_path: Path) -> None:
    typed("sign", "--all", "--pack", str(pack), *WHO, answers="\n\n\ny\n")
    copy_pack(pack, tmp_path / "own")
    assert {FILE, SIGNED} <= {path.name for path in pack.iterdir()}
    assert {path.name for path in pack.iterdir()} - {path.name for path in (tmp_path / "own").iterdir()} == {
        FILE,
        SIGNED,
    }
    with pytest.raises(FolderTakenError):
        copy_pack(pack, tmp_path / "own")


def test_a_strict_run_starts_only_with_everything_signed(pack: Path) -> None:
    today = SystemClock().now().date()
    with pytest.raises(UnsignedError, match=r"not signed: \d+ of \d+ answers"):
        tell_unsigned(pack, today, strict=True)
    with capture_logs() as logs:
        tell_unsigned(pack, today, strict=False)
    assert [line["event"] for line in logs] == ["not_signed"]
    typed("sign", "--all", "--pack", str(pack), *WHO, answers="\n\n\ny\n")
    tell_unsigned(pack, today, strict=True)
    plant(pack, FILE, "role: nurse", "role: wizard")
    with pytest.raises(UnsignedError, match="wizard"):
        tell_unsigned(pack, today, strict=True)
    done = CliRunner(env={"BACKCHECK_CONTENT": str(pack)}).invoke(main, ["run", "--strict"])
    assert done.exit_code == 1
    assert "wizard" in done.output


def test_the_book_is_written_as_html_or_refused_in_a_sentence(tmp_path: Path) -> None:
    pack = thinned(PACK, tmp_path / "thin")  # the finder is asked about every example that it shows
    done = typed("book", "--pack", str(pack), "--output", str(tmp_path / "book.html"))
    assert done.output == f"{tmp_path}/book.html is written.\n"
    assert "--output` must end in .html or .pdf" in typed("book", "--output", "book.doc").output
    done = typed(
        "changes", "--since", "2026-01-01", "--pack", str(pack), "--output", str(tmp_path / "c.html")
    )
    assert done.exit_code == 0, done.output
    assert "is no day" in typed("changes", "--since", "monday", "--pack", str(pack)).output


def test_verify_looks_at_the_items_that_are_named_and_knows_no_others(pack: Path) -> None:
    named = typed("sign", "--verify", "answer/q-sleep", "--pack", str(pack))
    assert "answer/q-sleep" in named.output
    assert "answer/q-neck" not in named.output

    wrong = typed("sign", "--verify", "/tmp/my-pack", "--pack", str(pack))  # noqa: S108 – nothing is written
    assert "There is no item /tmp/my-pack" in wrong.output
