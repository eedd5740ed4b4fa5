"""A pack in another language loads, is checked and answers: no rule of English stands in the code."""

import re
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.content.finder import CONTENT
from tests.fakes.spanish import spanish_pack
from tgbot.chat.talk_words import talk_words
from tgbot.finder.finding import Check, Finding, Foreign, Found, Urgent, find
from tgbot.packs.checks import check
from tgbot.packs.finder_files import read_files
from tgbot.packs.whole import Whole, load_whole
from tgbot.packs.word_rules import Severity
from tgbot.packs.yaml_files import Folder, PackErrors
from tgbot.screens.zones import zones_of


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return spanish_pack(tmp_path_factory.mktemp("spanish"))


@pytest.fixture(scope="module")
def spanish(root: Path) -> Whole:
    return load_whole(root, "es")


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("¿cuánto dura un espasmo?", "duracion"),
        ("xq duran tanto los calambres, cuanto tiempo?", "duracion"),
        ("hielo o calor?", "frio-o-calor"),
        ("puedo manejar?", "conducir"),
    ],
)
def test_a_question_in_spanish_finds_its_answer(spanish: Whole, typed: str, answer: str) -> None:
    found = find(spanish.index, typed)
    assert isinstance(found, Found), found
    assert found.answer == answer


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("me duele el pecho", Urgent),
        ("ME DUELE MUCHO EL PECHO!!!", Urgent),
        ("me duele la espalda", Check),
        ("Ich habe seit gestern Rückenschmerzen", Foreign),
        ("मेरी पीठ में दर्द है", Foreign),
    ],
)
def test_a_sign_a_complaint_and_another_language_are_told_apart(
    spanish: Whole, typed: str, kind: type[Finding]
) -> None:
    assert isinstance(find(spanish.index, typed), kind)


def test_words_are_compared_as_spanish_forms_them(spanish: Whole) -> None:
    stem = spanish.index.reader.stem
    assert stem("espasmos") == stem("espasmo")
    assert stem("dolores") == stem("dolor")


def test_countries_are_known_by_their_names_in_spanish(spanish: Whole) -> None:
    words = talk_words(spanish.pack, spanish.index.reader)
    zone = zones_of("estoy en Alemania", spanish.pack.conversation, "es", datetime(2026, 11, 27, tzinfo=UTC))
    assert words.countries.is_one("Alemania")
    assert zone == ("Europe/Berlin",)


def test_the_check_holds_it_against_what_is_true_in_any_language(root: Path) -> None:
    found = check(root, date(2026, 11, 27), "es")
    worse = {finding.check for finding in found if finding.severity is Severity.ERROR}
    assert worse == {"undetectable"}  # it has words for two signs only
    notes = [finding.sentence for finding in found if finding.check == "words"]
    assert [note.partition(":")[0] for note in notes] == ["not checked"]  # what only English rules can tell


def test_a_stemmer_that_is_none_is_named_with_its_line(tmp_path: Path) -> None:
    root = spanish_pack(tmp_path)
    file = root / "es" / "language.yaml"
    file.write_text(file.read_text().replace("stemmer: spanish", "stemmer: castilian"))
    with pytest.raises(
        PackErrors, match=r"es/language.yaml:1: `castilian` is none of Snowball's stemmers: arabic"
    ):
        load_whole(root, "es")


def test_a_phrase_without_a_word_is_named_with_its_line(tmp_path: Path) -> None:
    root = spanish_pack(tmp_path)
    file = root / "es" / "detection.yaml"
    file.write_text(file.read_text().replace("lexicon:\n", 'lexicon:\n  silence: ["...", "—"]\n'))
    with pytest.raises(PackErrors, match=r"es/detection.yaml:\d+: `...` holds no word"):
        load_whole(root, "es")


def test_a_pack_that_teaches_only_one_kind_of_message_is_told_what_is_missing(tmp_path: Path) -> None:
    root = spanish_pack(tmp_path)
    for name in ("wordings.yaml", "told.yaml"):
        file = root / "es" / name
        file.write_text(re.sub(r"^( *)none: \|\n(?:\1 +.*\n)*", "", file.read_text(), flags=re.M))
    told = root / "es" / "told.yaml"
    told.write_text(re.sub(r"^questions:(?:\n .*)*", "questions: {}", told.read_text(), flags=re.M))
    with pytest.raises(PackErrors) as raised:
        load_whole(root, "es")
    said = "\n".join(map(str, raised.value.problems))
    assert "es/wordings.yaml:1: `none` is missing" in said
    assert "at least one message is needed here" in said


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("language.yaml", "here: [", 'here: ["…", '),
        ("language.yaml", "{kind: dose, after: [", '{kind: dose, after: ["-", '),
    ],
)
def test_a_place_or_a_quantity_without_a_word_is_named_with_its_line(
    tmp_path: Path, file: str, old: str, new: str
) -> None:
    root = shutil.copytree(CONTENT, tmp_path / "content")
    path = root / "en" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    folder = Folder(root)

    read_files(folder, "en", [], None)

    line = text[: text.index(old)].count("\n") + 1
    said = [str(problem) for problem in folder.problems if "holds no word" in problem.sentence]
    assert said == [f"en/{file}:{line}: `{'-' if 'dose' in old else '…'}` holds no word"]
