"""Other languages: which one it is, and whether it names an emergency.

Whoever wrote foreign_kept_back.jsonl had not seen the phrases of content/foreign/, and nothing was taken from
it. No native speaker has judged either set.
"""

import json
import re
import shutil
import sys
from collections import Counter
from pathlib import Path
from types import FrameType

import pytest

from tests.content.finder import CONTENT, index, pack
from tgbot.content import ForeignWords
from tgbot.finder.finding import Foreign, Urgent, find
from tgbot.packs.loader import load
from tgbot.packs.whole import with_foreign
from tgbot.packs.yaml_files import PackErrors
from tgbot.screens.screen import Screen
from tgbot.screens.warning_screens import foreign_screen

HERE = Path(__file__).parent
INDEX = with_foreign(CONTENT, pack(), index())


def rows(file: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (HERE / file).read_text(encoding="utf-8").splitlines()]


def right(row: dict[str, str]) -> bool:
    """Whether it is told in its language, an emergency as one and anything else as none."""
    found = find(INDEX, row["text"])
    urgent = row["kind"] == "urgent"
    return isinstance(found, Foreign) and found.language == row["lang"] and bool(found.sign) == urgent


@pytest.mark.parametrize(
    ("file", "kind", "floor"),
    [
        ("foreign.jsonl", "urgent", 0.98),
        ("foreign.jsonl", "ordinary", 0.95),
        ("foreign_kept_back.jsonl", "urgent", 0.93),
        ("foreign_kept_back.jsonl", "ordinary", 0.9),
    ],
)
def test_other_languages_are_told(file: str, kind: str, floor: float) -> None:
    asked = [row for row in rows(file) if row["kind"] == kind]
    assert len(asked) > 60
    missed = [row["text"] for row in asked if not right(row)]
    assert len(missed) <= (1 - floor) * len(asked), missed


def test_english_is_not_foreign() -> None:
    """Not with a foreign word or a name in it, and not however badly it is typed."""
    texts = [row["text"] for row in rows("foreign_kept_back.jsonl") if row["kind"] == "english"]
    for file in ("typed.jsonl", "kept_back.jsonl", "felt.jsonl"):
        texts += [row["text"] for row in rows(file)]
    foreign = [text for text in texts if isinstance(INDEX.recognise(text), Foreign)]
    assert len(texts) > 2_900
    assert len(foreign) <= 0.005 * len(texts), foreign


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("No me duele el pecho", "es"),
        ("No quiero morir, solo me duele la espalda", "es"),
        ("mon mal de dos va me tuer aujourd'hui", "fr"),
        ("ich will nicht sterben", "de"),
        ("ich spüre meine beine gut", "de"),
        ("грудь не болит", "ru"),
        ("не могу долго ходить спина болит", "ru"),
        ("मैं मरना नहीं चाहता", "hi"),
        ("胸口不痛", "zh"),
        ("죽고 싶지 않아요", "ko"),
        ("dada saya tidak sakit", "id"),
        ("تشنج عضلي في الظهر", "ar"),
    ],
)
def test_what_is_denied_is_no_emergency(text: str, language: str) -> None:
    assert INDEX.recognise(text) == Foreign(language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("j'arrive plus a respirer", "fr"),
        ("se me esta inchando la lengua", "es"),
        ("血が止まらない", "ja"),
        ("sil bolshe net hochu umeret", "ru"),
        ("больше не могу хочу умереть", "ru"),
        ("mesh 2ader atnafas", "ar"),
        ("ab jeena nahi hai", "hi"),
        ("khoon bala miaram", "fa"),
    ],
)
def test_what_frightened_people_type_is_an_emergency(text: str, language: str) -> None:
    """With slips, in Latin letters, and after a "not" that belongs to something else."""
    found = INDEX.recognise(text)
    assert found is not None
    assert (found.language, bool(found.sign)) == (language, True)


@pytest.mark.parametrize(
    "text",
    [
        "14",
        "⑭",
        "๕",
        "im 70",
        "",
        "???",
        "👍",
        "ok",
        "7/10",
        "asdf qwer",
        "fiebre and back ache",
        "núm",
        "№ 12",
    ],
)
def test_what_has_no_language_is_not_foreign(text: str) -> None:
    assert INDEX.recognise(text) is None


@pytest.mark.parametrize(
    "text", ["Ｉ ｈａｖｅ ｃｈｅｓｔ ｐａｉｎ", "𝐈 𝐡𝐚𝐯𝐞 𝐜𝐡𝐞𝐬𝐭 𝐩𝐚𝐢𝐧", "I have 𝗰𝗵𝗲𝘀𝘁 𝗽𝗮𝗶𝗻", "ⓒⓗⓔⓢⓣ ⓟⓐⓘⓝ"]
)
def test_english_in_letters_of_another_make_is_english(text: str) -> None:
    finding = find(INDEX, text)
    assert isinstance(finding, Urgent)
    assert finding.signs[0] == "E1"


@pytest.mark.parametrize(
    "text", ["顎" * 600 + "。あ" * 25 + "痛" * 600 + "胸" * 600, "pecho dolor brazo " * 200]
)
def test_a_message_of_nothing_but_signs_is_looked_at_no_longer_than_it_is_long(text: str) -> None:
    looked = Counter[str]()

    def count(frame: FrameType, event: str, _: object) -> None:
        looked[frame.f_code.co_name] += event == "call"

    sys.setprofile(count)
    try:
        INDEX.recognise(text)
    finally:
        sys.setprofile(None)
    assert looked.total() < 40 * len(text)


def shown(language: str, sign: str | None, iso: str | None = None) -> Screen:
    return foreign_screen(pack(), language, sign, pack().countries[iso] if iso else None)


@pytest.mark.parametrize("language", sorted(pack().foreign))
def test_every_language_has_a_card_with_whom_to_call(language: str) -> None:
    words: ForeignWords = pack().foreign[language]
    for sign in (None, "E1", "crisis"):
        assert words.any_number.strip()[:20] in shown(language, sign).text
        german = shown(language, sign, "DE")
        assert "<b>112</b>" in german.text
        assert len(german.rows) == 2


def test_right_to_left_text_begins_right_to_left() -> None:
    assert all(line.startswith("\u200f") for line in shown("ar", "E1", "DE").text.splitlines())


def test_a_language_without_words_of_ours_gets_english() -> None:
    assert "I only understand English" in shown("th", None).text


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("es.yaml", "{number}", "112", "whom to call"),
        ("es.txt", "[E1]", "[E99]", "`E99` is not a warning sign"),
        ("es.txt", "[matching]\nwords", "[matching]\nsounds", "either `words` or `letters`"),
        ("es.txt", "[ordinary]", "[common]", "`[ordinary]` is missing"),
    ],
)
def test_what_is_wrong_in_a_languages_files_is_told(
    tmp_path: Path, file: str, old: str, new: str, said: str
) -> None:
    changed = tmp_path / "content"
    shutil.copytree(CONTENT, changed)
    path = changed / "foreign" / file
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(PackErrors, match=re.escape(said)):
        load(changed)
