"""A signature covers exactly what was signed: a change is told, and the bot says unreviewed at once."""

import os
import shutil
from collections.abc import Set
from dataclasses import replace
from datetime import date
from errno import ENOSPC
from functools import cache
from pathlib import Path

import pytest

from tests.content.test_checks import PACK, plant
from tgbot.demo import state_of
from tgbot.packs.checks import check, check_signatures
from tgbot.packs.loader import Opened, open_pack
from tgbot.packs.review_items import Item, items, read
from tgbot.packs.signatures import (
    FILE,
    Signature,
    SignatureState,
    SigningError,
    chosen,
    faults,
    ledger,
    of_pack,
    reviews,
    sign,
    words_signed,
)
from tgbot.packs.word_rules import Severity
from tgbot.screens.faq_screens import Screens

TODAY = date(2026, 12, 2)
SIGNER = Signature(
    name="Ada Example",
    role="general practitioner",
    body="Example Register",
    number="EX 12345",
    scope="everything in this test",
    on=date(2026, 12, 1),
    until=date(2027, 12, 1),
    language="en",
    items={},
)


@pytest.fixture(scope="module")
def all_signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = shutil.copytree(PACK, tmp_path_factory.mktemp("signed") / "content")
    sign(root, SIGNER, list(every(root).values()))
    return root


@pytest.fixture
def signed(tmp_path: Path, all_signed: Path) -> Path:
    """A copy of the pack in which everything is signed."""
    return shutil.copytree(all_signed, tmp_path / "content")


def opened(root: Path) -> Opened:
    """The pack, read anew when one of its files was written."""
    return _opened(root, frozenset(state_of(root).items()))


@cache
def _opened(root: Path, state: Set[object]) -> Opened:
    return open_pack(root)


def every(root: Path) -> dict[str, Item]:
    return items(read(root, "en", opened(root)))


def said(root: Path, today: date = TODAY) -> list[str]:
    return [str(finding) for finding in check_signatures(root, opened(root), today)]


def not_signed(root: Path, today: date = TODAY) -> list[str]:
    standings = ledger(root, "en", today, opened(root)).standings
    return [key for key, standing in standings.items() if standing.state is not SignatureState.SIGNED]


def shown(root: Path, answer: str, today: date = TODAY) -> str:
    pack, needed = opened(root).pack, opened(root).about.value.signatures_needed
    found = reviews(of_pack(root), every(root), needed)
    screen = Screens(replace(pack, reviews=found), lambda: today).answer(answer)
    assert screen
    return screen.text


def test_nothing_in_the_repository_is_signed() -> None:
    assert not (PACK / FILE).exists()
    assert {s.state for s in ledger(PACK, "en", TODAY).standings.values()} == {SignatureState.UNREVIEWED}


def test_everything_signed_is_whole_even_when_the_check_is_strict(signed: Path) -> None:
    assert said(signed) == []
    assert "Reviewed by Ada Example, general practitioner on 1 December 2026." in shown(signed, "treat-best")


@pytest.mark.parametrize(
    ("file", "old", "new", "item"),
    [
        ("en/answers/treat-best.yaml", "Short walks", "Short walk", "answer/treat-best"),
        (
            "en/answers/treat-best.yaml",
            "C30, verdict: contradicted",
            "C30, verdict: mixed",
            "answer/treat-best",
        ),
        ("en/detection.yaml", "    - heart_hurts\n", "    - heart_hurts maybe\n", "sign/E1"),
        ("en/followup.yaml", "Start with easy walks", "Start with hard walks", None),
        (
            "protocol.yaml",
            "worse: {advice: worse, next: h24}",
            "worse: {advice: worse, next: h72}",
            "plan/h24",
        ),
        ("en/redflags.yaml", "Take no more tablets.", "Take more tablets.", "card/overdose"),
        ("emergency.yaml", 'shown: "999 or 112"', 'shown: "998 or 112"', "number/GB"),
        ("en/ui.yaml", "Pick a question.", "Pick one.", "words/topic"),
        ("en/redflags.yaml", "    lenient: true\n", "", "sign/crisis"),
        ("en/detection.yaml", "disclaiming: [", "disclaiming: [no, ", "rules/scopes"),
        ("en/detection.yaml", "idioms: [", "idioms: [chest pain, ", "rules/ideas"),
        ("en/detection.yaml", "plain_answers: [treat-upper-back, ", "plain_answers: [", "rules/complaints"),
        ("en/detection.yaml", "complaints:\n", "complaints:\n  - pain & chest\n", "rules/complaints"),
        ("en/language.yaml", "number_words: {", "number_words: {fifteenish: 15, ", "rules/language"),
        ("en/language.yaml", "{kind: dose, after: [mg, ", "{kind: dose, after: [", "rules/language"),
        ("en/conversation.yaml", "whole: [wait, ", "whole: [", "rules/conversation"),
        ("en/conversation.yaml", "polite:\n", "polite:\n  - ouch\n", "rules/conversation"),
    ],
)
def test_a_change_after_signing_is_told_of_just_that_item(
    signed: Path, file: str, old: str, new: str, item: str | None
) -> None:
    plant(signed, file, old, new)
    changed = not_signed(signed)
    if item is None:  # words that several branches share unsign each of them, and nothing else
        assert changed
        assert all(key.startswith("plan/") for key in changed)
    else:
        assert changed == [item]
    told = said(signed)
    assert f"{changed[0]}: changed since it was signed – Ada Example" in told[0]
    assert "not signed: " in told[-1]


def test_saying_what_is_usual_unsigns_nothing(signed: Path) -> None:
    """So a field that is added to the form later unsigns nothing either."""
    plant(
        signed, "en/redflags.yaml", "    why: heart attack\n", "    why: heart attack\n    lenient: false\n"
    )
    plant(signed, "en/redflags.yaml", "    tier: E\n    body:", "    tier: E\n    quoted: true\n    body:")
    assert not_signed(signed) == []


def test_the_bot_says_unreviewed_of_a_changed_answer_and_of_no_other(signed: Path) -> None:
    plant(signed, "en/answers/treat-best.yaml", "Short walks", "Rest in bed for a week. Short walks")
    assert "Not yet reviewed by a clinician." in shown(signed, "treat-best")
    assert "Reviewed by Ada Example" in shown(signed, "q-sleep")


def test_a_source_that_changed_unsigns_the_answers_that_cite_it(signed: Path) -> None:
    plant(signed, "sources.yaml", "AAFP-2012:\n  label: ", "AAFP-2012:\n  label: The ")
    citing = {
        key for key, item in every(signed).items() if any(p.name == "source AAFP-2012" for p in item.parts)
    }
    assert set(not_signed(signed)) == citing
    assert "answer/treat-best" in citing


def test_a_review_that_lapses_is_not_shown_the_day_after_in_a_bot_that_runs(signed: Path) -> None:
    assert "Reviewed by" in shown(signed, "q-sleep", date(2027, 12, 1))
    assert "Not yet reviewed" in shown(signed, "q-sleep", date(2027, 12, 2))
    assert "answer/q-sleep: lapsed – Ada Example" in "\n".join(said(signed, date(2027, 12, 2)))


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("role: general practitioner", "role: wizard", "`wizard` is not a role that may sign"),
        ("name: Ada Example", "name: me", "must be a person's name"),
        ("until: 2027-12-01", "until: 2026-11-01", "`until` (2026-11-01) is before `on` (2026-12-01)"),
        ("until: 2027-12-01", "until: 2099-12-01", "more than two years"),
        ("on: 2026-12-01", "on: 2027-01-01", "is signed in the future"),
        ("number: EX 12345", "number: none", "must be a registration number"),
        ("body: Example Register", "body: ''", "must name who registers"),
        ("answer/q-sleep:", "answer/q-slep:", "`answer/q-slep` is not in this pack"),
    ],
)
def test_a_signature_that_is_worth_nothing_is_told_and_shown_nowhere(
    signed: Path, old: str, new: str, sentence: str
) -> None:
    plant(signed, FILE, old, new)
    assert sentence in "\n".join(said(signed))
    assert "answer/q-sleep" in not_signed(signed)
    assert "Not yet reviewed" in shown(signed, "q-sleep")


def test_a_signature_copied_from_another_item_is_told_and_worth_nothing(signed: Path) -> None:
    found = every(signed)
    plant(signed, FILE, found["answer/q-sleep"].digest, found["answer/q-neck"].digest)
    assert not_signed(signed) == ["answer/q-sleep"]
    told = "`answer/q-sleep` has the digest of answer/q-neck; was it copied?"
    assert told in "\n".join(said(signed))


def test_two_items_that_say_the_same_have_digests_of_their_own() -> None:
    digests = [item.digest for item in every(PACK).values()]
    assert len(set(digests)) == len(digests)


def test_two_people_must_sign_where_the_pack_demands_two(signed: Path) -> None:
    plant(signed, "pack.yaml", "signatures_needed: 1", "signatures_needed: 2")
    assert "needs another signature – Ada Example" in "\n".join(said(signed))
    assert "Not yet reviewed" in shown(signed, "q-sleep")
    again = replace(SIGNER, name="Ada B. Example", number="ex-12345")
    sign(signed, again, [every(signed)["answer/q-sleep"]])
    assert "answer/q-sleep" in not_signed(signed)  # the same person under another spelling
    other = replace(SIGNER, name="Bo Sample", role="pharmacist", number="EX 2")
    with pytest.raises(SigningError, match="registration number"):
        sign(signed, replace(other, number="?"), [])
    sign(signed, replace(other, number="EX 22"), [every(signed)["answer/q-sleep"]])
    assert "answer/q-sleep" not in not_signed(signed)
    assert "Ada Example, general practitioner and Bo Sample, pharmacist" in shown(signed, "q-sleep")


def test_signing_again_after_a_change_brings_the_review_back(signed: Path) -> None:
    plant(signed, "en/answers/q-sleep.yaml", "pillow", "soft pillow")
    assert not_signed(signed) == ["answer/q-sleep"]
    sign(signed, SIGNER, chosen(["answer/q-sl*"], every(signed)))
    assert not_signed(signed) == []


def test_what_was_signed_is_kept_word_for_word(signed: Path) -> None:
    before = every(signed)["answer/q-sleep"]
    plant(signed, "en/answers/q-sleep.yaml", "pillow", "soft pillow")
    kept = words_signed(signed)[before.digest]
    assert [(part.name, part.text) for part in kept] == [(part.name, part.text) for part in before.parts]


def test_signatures_stay_whole_when_writing_breaks_off(signed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {name: (signed / name).read_bytes() for name in (FILE, "signed.json")}

    def full(_: int) -> None:
        raise OSError(ENOSPC, "No space left on device")

    with monkeypatch.context() as during:
        during.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            sign(signed, SIGNER, list(every(signed).values())[:1])

    assert {name: (signed / name).read_bytes() for name in before} == before
    assert not list(signed.glob("*.unfinished"))


def test_words_that_were_signed_and_are_torn_are_a_sentence(signed: Path) -> None:
    (signed / "signed.json").write_text('{"half')

    with pytest.raises(SigningError, match=r"signed\.json is not what `backcheck sign` writes"):
        sign(signed, SIGNER, list(every(signed).values())[:1])


def test_the_shipped_example_signed_breaks_no_length(signed: Path) -> None:
    (signed / "en/questions.yaml").unlink()
    assert [f for f in check(signed, TODAY) if f.severity is not Severity.NOTE] == []


def test_a_name_in_any_script_may_sign_and_a_word_or_a_figure_may_not() -> None:
    def named(name: str) -> bool:
        return not list(faults(replace(SIGNER, name=name)))

    assert all(map(named, ("अदिति शर्मा", "محمد علي", "Zoë O’Neill-Ng", "J. R. R. Doe")))
    assert not any(map(named, ("me", "x", "", "Dr. 2", "? ?")))
