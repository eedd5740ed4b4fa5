"""The chart and the card as files, in the shipped language and in a right-to-left one."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import combinations

import httpx
import pytest
from PIL import Image
from pypdf import PdfReader

from tests.fakes.courses import Told, two_weeks
from tests.fakes.languages import arabic, english
from tests.integration.test_check_ins import begun
from tgbot.followup.events import Started
from tgbot.pictures.card import write
from tgbot.pictures.chart import draw, painted
from tgbot.pictures.renderer import PictureRenderer
from tgbot.screens.pictures import card_data, chart_data
from tgbot.screens.screen import Key, ScreenContext
from tgbot.service.ports import PictureError
from tgbot.simulator.simulated_people import SimulatedPerson
from tgbot.simulator.simulator_server import Simulator

LANGUAGES = [pytest.param(english(), id="english"), pytest.param(arabic(), id="arabic")]


@pytest.mark.parametrize("frame", LANGUAGES)
def test_the_chart_is_a_light_picture_for_a_phone(frame: ScreenContext) -> None:
    data = chart_data(frame, two_weeks().course)
    assert data is not None
    picture = Image.open(BytesIO(draw(data))).convert("RGB")

    assert picture.size == (1280, 880)
    assert picture.getpixel((2, 2)) == (255, 255, 255)
    assert len(picture.getcolors(1 << 20) or ()) > 50, "something is drawn on it"


def corrected(*said: tuple[timedelta, int]) -> Told:
    """An episode that began with 6; then scores, each with the time since the one before."""
    told = Told()
    told.happens(Started(None, 6))
    for later, score in said:
        told.passes(later)
        told.notes("pain", str(score))
    return told


SECONDS, HOURS = timedelta(seconds=20), timedelta(hours=20)
CLOSE = {
    "up": corrected((SECONDS, 7), (HOURS, 3)),
    "down, and the same again": corrected((SECONDS, 4), (HOURS, 3), (SECONDS, 3)),
    "high, low and back": corrected((SECONDS, 10), (SECONDS, 0), (SECONDS, 7), (HOURS, 0)),
    "within half an hour of two days": corrected((HOURS, 3), (HOURS, 3), (timedelta(minutes=30), 2)),
}


@pytest.mark.parametrize("told", CLOSE.values(), ids=CLOSE)
@pytest.mark.parametrize("frame", LANGUAGES)
def test_scores_noted_close_together_keep_numbers_that_can_be_read(frame: ScreenContext, told: Told) -> None:
    data = chart_data(frame, told.course)
    assert data is not None
    figure = painted(data)
    figure.draw_without_rendering()
    (axes,) = figure.axes
    shown = [(text.get_text(), text.get_window_extent()) for text in axes.texts]

    newest = str(int(data.pains[-1].value))
    assert newest in [words for words, _ in shown]
    covered = [(one, other) for (one, at), (other, there) in combinations(shown, 2) if at.overlaps(there)]
    assert not covered
    for mark in data.pains:
        dot = axes.transData.transform((mark.at, mark.value))
        assert not [words for words, at in shown if at.contains(*dot)], f"the dot at {mark.value} can be seen"


@pytest.mark.parametrize("frame", LANGUAGES)
def test_the_card_is_one_page_with_everything_a_clinician_asks_for(frame: ScreenContext) -> None:
    told = two_weeks()
    data = card_data(frame, told.course, told.now)
    pages = PdfReader(BytesIO(write(data))).pages

    assert len(pages) == 1
    assert "Europe/London (UTC+00:00)" in pages[0].extract_text()
    assert len(pages[0].images) == 1


def test_the_card_says_both_offsets_when_the_clocks_were_changed_in_between() -> None:
    told = Told(onset=datetime(2026, 10, 20, 9, 10, tzinfo=UTC))
    told.happens(Started(None, 6))
    told.passes(timedelta(days=14))
    course = replace(told.course, zone="Europe/London")

    assert "Europe/London (UTC+01:00 · UTC+00:00)" in repr(card_data(english(), course, told.now).facts)


def test_the_hours_under_a_chart_are_whole_hours_in_any_zone() -> None:
    told = Told()
    told.happens(Started(None, 6))
    data = chart_data(english(), replace(told.course, zone="Asia/Kolkata"))

    assert data is not None
    assert all(tick.text.endswith(":00") for tick in data.ticks), data.ticks


def test_a_long_diary_still_is_one_page_and_says_what_is_left_out() -> None:
    told = two_weeks()
    for number in range(200):
        told.passes(timedelta(hours=1))
        told.notes("note", f"line {number} " + "which is long and goes on for a while " * 6)
    data = card_data(english(), told.course, told.now)
    pages = PdfReader(BytesIO(write(data))).pages

    assert len(pages) == 1
    text = pages[0].extract_text()
    assert "line 199" in text
    assert "newest" in text


@pytest.mark.parametrize(
    ("note", "printed"),
    [
        ("🦴🔥👩\u200d👩\u200d👧 🇬🇧", "note: (cannot be printed)"),
        ("sore 🦴 🦴 after the drive", "note: sore (cannot be printed) after the drive"),
        ("\u202eevil\u202c \u0007x", "note: evil x"),
        ("ظهري يؤلمني ❤\ufe0f", "note: "),
    ],
    ids=["only emoji", "emoji among words", "turned around", "Arabic and a heart"],
)
def test_a_note_stands_on_the_card_as_it_was_meant(note: str, printed: str) -> None:
    told = two_weeks(note)
    text = PdfReader(BytesIO(write(card_data(english(), told.course, told.now)))).pages[0].extract_text()

    assert printed in " ".join(text.split())
    assert ("cannot be printed" in text) == ("🦴" in note)


def test_the_words_of_the_card_in_english() -> None:
    told = two_weeks()
    data = card_data(english(), told.course, told.now)
    words = repr(data)

    for said in (
        "23 Nov 2026, 09:10",
        "no warning sign",
        "better · can do most things",
        "warmth",
        "long drive",
    ):
        assert said in words


async def test_the_worker_makes_the_same_in_a_process_of_its_own() -> None:
    told = two_weeks()
    data = card_data(english(), told.course, told.now)
    assert data.chart is not None

    assert await PictureRenderer().chart(data.chart) == draw(data.chart)
    assert (await PictureRenderer().card(data)).startswith(b"%PDF")


async def test_what_cannot_be_drawn_is_an_error_with_its_sentence() -> None:
    data = chart_data(english(), two_weeks().course)
    assert data is not None

    with pytest.raises(PictureError, match="could not be made"):
        await PictureRenderer().chart(replace(data, ticks=None))  # type: ignore[arg-type]


def test_without_a_score_there_is_no_chart() -> None:
    told = two_weeks()
    course = replace(told.course, entries=())

    assert chart_data(english(), course) is None


async def document(simulator: Simulator, person: SimulatedPerson, kind: str) -> bytes:
    """The newest picture or document in the chat, as its bytes, when it has come: on a busy machine late,
    as drawing gives way to everything else."""
    async with asyncio.timeout(200):
        while not any(kind in one for one in (await person.look()).messages):  # noqa: ASYNC110 – a server
            await asyncio.sleep(0.1)
    message = next(message for message in reversed(person.messages) if kind in message)
    sent = message[kind][-1] if kind == "photo" else message[kind]
    api = f"{simulator.url}/bot{simulator.token}/getFile"
    async with httpx.AsyncClient() as client:
        path = (await client.post(api, json={"file_id": sent["file_id"]})).json()["result"]["file_path"]
        return (await client.get(f"{simulator.url}/file/bot{simulator.token}/{path}")).content


async def test_in_the_chat_the_chart_is_a_picture_and_the_card_a_page(
    simulator: Simulator, ada: SimulatedPerson
) -> None:
    await begun(ada)
    await ada.send("/pain 4")
    await ada.tap("Pain chart", wait=0)
    picture = Image.open(BytesIO(await document(simulator, ada, "photo")))
    assert picture.size == (1280, 880)

    await ada.send("/card", wait=0)
    pages = PdfReader(BytesIO(await document(simulator, ada, "document"))).pages

    assert len(pages) == 1
    text = pages[0].extract_text()
    assert "Recorded by the person, not verified" in text
    assert "pain 4 of 10" in text
    assert "Europe/London" in text


def test_an_installation_that_cannot_draw_has_no_button_for_it() -> None:
    frame = english()
    plain_one = ScreenContext(frame.pack, frame.protocol, charts=False, cards=False)

    assert plain_one.picture_rows("e1") == ()
    assert [key.text for row in frame.picture_rows("e1") for key in row if isinstance(key, Key)] == [
        "Pain chart",
        "Visit card",
    ]
    assert PictureRenderer().cards
