"""Whatever somebody writes down, /history can be sent and reads as it was meant."""

from datetime import timedelta

import pytest

from tests.fakes.courses import Told
from tests.fakes.phone import FRAME, begun
from tgbot.followup.events import Started
from tgbot.screens.diary_screens import LONGEST_NOTE, DiaryScreens, visible_text
from tgbot.screens.markup import plain
from tgbot.screens.screen import LONGEST_TEXT, shown_length

RAW = 32_000  # bytes of HTML that a message may have

NOTES = {
    "words": "fine sitting, sore after the drive. ",
    "markup": "<&>",
    "a quote": '"</b>&lt;',
    "emoji": "🦴",
    "arabic": "ظهري يؤلمني ",
}


@pytest.mark.parametrize("note", NOTES.values(), ids=NOTES)
@pytest.mark.parametrize("minutes", [0, 7], ids=["all at once", "one after the other"])
def test_any_history_fits_into_one_message(note: str, minutes: int) -> None:
    told = Told()
    told.happens(Started(None, 6))
    for number in range(40):
        told.passes(timedelta(minutes=minutes))
        told.notes("note", f"{number} {note * LONGEST_NOTE}"[:LONGEST_NOTE])
    text = DiaryScreens(FRAME).history([told.course], 0, told.now).text

    assert shown_length(text) <= LONGEST_TEXT
    assert len(text.encode()) < RAW
    if minutes:
        assert f"note: 39 {note}".strip() in plain(text), "the newest"
        assert "earlier lines" in text
        assert shown_length(text) > LONGEST_TEXT - 1_200, "no more is left out than must be"


def test_a_short_history_is_whole() -> None:
    told = Told()
    told.happens(Started(None, 6))
    for number in range(15):
        told.passes(timedelta(minutes=7))
        told.notes("note", f"note {number}.")
    text = DiaryScreens(FRAME).history([told.course], 0, told.now).text

    assert all(f"note {number}." in text for number in range(15))
    assert "earlier lines" not in text


async def test_what_cannot_be_seen_is_not_noted() -> None:
    phone = await begun()
    await phone.types("note", "\u202e\u200b\u0007 \u200d")
    assert "What would you like to note" in phone.screen.text
    await phone.types("note", "\u202eworse\u202c after\u0000the drive")

    course = await phone.course()

    assert [one.value for one in course.entries if one.kind == "note"] == ["worse after the drive"]


@pytest.mark.parametrize("words", ["می‌روم", "👩‍👩‍👧", "naïve – “ok”", "ظهري يؤلمني", "पीठ में क्ष्‍म"])
def test_words_of_any_script_stay_as_they_are(words: str) -> None:
    assert visible_text(words) == words
