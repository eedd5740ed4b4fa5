"""A font of the operator's own: its letters stand on the chart and the card, and the check knows them."""

import warnings
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import matplotlib
import pytest
from pypdf import PdfReader

from tests.fakes.courses import two_weeks
from tests.fakes.languages import english
from tgbot.packs.checks import ALWAYS, check_letters
from tgbot.packs.protocol_file import WORDS_SHAPE
from tgbot.packs.yaml_files import Folder
from tgbot.pictures.card import write
from tgbot.pictures.chart import FontError, draw, letters
from tgbot.pictures.renderer import PictureRenderer
from tgbot.screens.pictures import card_data
from tgbot.settings import Settings, SettingsError, shipped_content

OWN = Path(matplotlib.get_data_path()) / "fonts/ttf/STIXGeneral.ttf"
FOREIGN = "".join(map(chr, sorted(letters(OWN) - letters())[-3:]))  # what only that font has
FOLLOW_UP = "en/followup.yaml"


def told(root: Path, words: str, own: Path | None = None) -> list[str]:
    """What is said of a pack whose word for pain on the chart is `words`."""
    text = (shipped_content() / FOLLOW_UP).read_text(encoding="utf-8")
    (root / "en").mkdir()
    (root / FOLLOW_UP).write_text(
        text.replace("picture.pain: Pain", f"picture.pain: {words}"), encoding="utf-8"
    )
    sheet = Folder(root).sheet(FOLLOW_UP, WORDS_SHAPE)
    assert sheet is not None
    return [str(finding) for finding in check_letters(sheet, lambda: letters(own))]


def test_letters_that_no_font_has_are_told_with_their_line(tmp_path: Path) -> None:
    (said,) = told(tmp_path, "疼痛")

    lines = (tmp_path / FOLLOW_UP).read_text(encoding="utf-8").splitlines()
    line = 1 + next(place for place, written in enumerate(lines) if "疼痛" in written)
    assert said.startswith(f"{FOLLOW_UP}:{line}: warning: no font here has 疼痛, so boxes stand"), said
    assert "BACKCHECK_FONT" in said


@pytest.mark.parametrize(
    "words", ["Pain", "Schmerz", "Боль", "πόνος", "الألم", "כאב", "ցավ", "e\u0301\u200d\ufe0f"]
)
def test_what_the_shipped_font_has_is_not_told(tmp_path: Path, words: str) -> None:
    assert told(tmp_path, words) == []


def test_the_fonts_are_not_opened_for_letters_that_the_shipped_ones_have() -> None:
    assert letters() >= ALWAYS


def test_with_a_font_that_has_them_the_letters_are_drawn_and_nothing_is_told(tmp_path: Path) -> None:
    course = two_weeks(f"note of {FOREIGN}")
    data = card_data(english(), course.course, course.now)
    assert data.chart is not None
    chart = replace(data.chart, title=FOREIGN)

    with warnings.catch_warnings(action="error"):  # matplotlib warns of a letter that it cannot draw
        assert draw(chart, own=OWN) != draw(data.chart, own=OWN)
    with pytest.warns(UserWarning, match="missing from font"):
        draw(chart)
    page = PdfReader(BytesIO(write(data, OWN))).pages[0].extract_text()
    assert FOREIGN in page
    assert "cannot be printed" not in page
    assert "cannot be printed" in PdfReader(BytesIO(write(data))).pages[0].extract_text()
    assert told(tmp_path, FOREIGN, OWN) == []


async def test_the_worker_gets_the_font_too() -> None:
    course = two_weeks(f"note of {FOREIGN}")
    data = card_data(english(), course.course, course.now)

    page = PdfReader(BytesIO(await PictureRenderer(OWN).card(data))).pages[0].extract_text()

    assert FOREIGN in page


def test_a_font_that_is_none_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "words.ttf").write_text("not a font")

    with pytest.raises(FontError, match=r"BACKCHECK_FONT: .*words\.ttf cannot be read as a font"):
        letters(tmp_path / "words.ttf")
    for path in ("nowhere.ttf", "words.txt"):
        with pytest.raises(SettingsError, match=r"BACKCHECK_FONT must be a font file that is there"):
            Settings.read({"BACKCHECK_FONT": str(tmp_path / path)})
    assert Settings.read({"BACKCHECK_FONT": str(OWN)}).font == OWN
