"""What somebody gets who has none of the signs, and what a card quotes."""

import pytest

from tests.fakes.phone import SCREENS, Phone
from tgbot.screens.buttons import ShowAnswer
from tgbot.screens.markup import plain
from tgbot.screens.screen import Screen


def labels(screen: Screen) -> list[str]:
    return [key.text for row in screen.rows for key in row]


@pytest.mark.parametrize(
    "answers",
    [(), ("q-heat-or-ice",), ("q-heat-or-ice", "q-sleep"), ("q-heat-or-ice", "q-sleep", "q-drive")],
    ids=len,
)
def test_who_has_no_sign_gets_what_was_found_what_to_do_now_and_the_way_to_be_checked_on(
    answers: tuple[str, ...],
) -> None:
    screen = SCREENS.after_safety(answers)
    shown = labels(screen)

    assert "What to do now" in shown
    assert "⏱ Check on me in 72 hours" in shown
    assert "⚠️ Warning signs" in shown
    assert len(screen.rows) <= 5
    if len(answers) == 1:
        assert SCREENS.pack.answers[answers[0]].question in screen.text
    else:
        found = [SCREENS.pack.answers[answer].on_button for answer in answers[:2]]
        assert shown[: len(found)] == found


@pytest.mark.parametrize(
    ("answers", "now"),
    [
        (("lower-back-treat", "q-sleep"), "lower-back-what-to-do"),
        (("q-sleep", "q-drive"), "treat-upper-back"),
        ((), "treat-upper-back"),
    ],
)
def test_what_to_do_now_is_about_the_part_of_the_back_that_was_asked_about(
    answers: tuple[str, ...], now: str
) -> None:
    rows = SCREENS.after_safety(answers).rows
    assert ShowAnswer(now) in [getattr(key, "press", None) for row in rows for key in row]


@pytest.mark.parametrize("answers", [("treat-upper-back",), ("q-sleep", "treat-upper-back")])
def test_it_is_not_offered_twice(answers: tuple[str, ...]) -> None:
    assert "What to do now" not in labels(SCREENS.after_safety(answers))


async def test_the_tap_on_none_of_these_brings_it() -> None:
    phone = Phone(faq=True)
    await phone.writes("my upper back hurts since yesterday")
    screen = await phone.taps("None of these")

    assert "⏱ Check on me in 72 hours" in labels(screen)


async def test_a_card_quotes_in_one_line_what_was_written() -> None:
    phone = Phone(faq=True)
    card = await phone.writes("i have a crushing chest pain & i sweat <b>a lot</b>")

    assert plain(card.text).startswith("📞 Call your local emergency number now")
    assert plain(card.text).splitlines()[-1].startswith("You wrote: “crushing chest pain")


async def test_what_is_quoted_is_short_and_cannot_be_markup() -> None:
    quoted = SCREENS.warnings.card(("E1",), because=("<b>chest</b> & pain", "x" * 900)).text.splitlines()[-1]

    assert quoted.startswith("You wrote: “&lt;b&gt;chest&lt;/b&gt; &amp; pain … xxx")
    assert len(plain(quoted)) < 180


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (
            "the pain in my back started with a really bad fall from the ladder from about three metres high "
            "onto the concrete floor of the garage and now i cant move my legs",
            ["bad fall from the ladder", "cant move my legs"],
        ),
        (
            "i have a fever of 39 and chills and night sweats and my back hurts and the pain wakes me at "
            "night and i lost weight and i have cancer and i cannot feel my legs anymore",
            ["cannot feel my legs"],
        ),
    ],
)
async def test_the_words_of_an_emergency_are_quoted_whole_however_much_stands_before_them(
    message: str, words: list[str]
) -> None:
    quoted = plain((await Phone(faq=True).writes(message)).text).splitlines()[-1]

    assert all(said in quoted for said in words), quoted


def test_a_phrase_that_is_too_long_ends_with_a_whole_word() -> None:
    because = ("chest pain", " ".join(["pressure"] * 40))
    quoted = plain(SCREENS.warnings.card(("E1",), because=because).text).splitlines()[-1]

    assert quoted.startswith("You wrote: “chest pain … pressure pressure")
    assert quoted.endswith(" pressure…”")


@pytest.mark.parametrize("sign", ["crisis", "overdose"])
def test_ones_own_words_are_no_reproach(sign: str) -> None:
    assert "You wrote" not in SCREENS.warnings.card((sign,), because=("i took 25 pills",)).text


@pytest.mark.parametrize(
    "no",
    [
        "no none of that",
        "No, I don't think so",
        "I don't have any of those.",
        "not that I know of",
        "no sir",
        "none of the above thanks x",
        "I haven't got any of them",
    ],
)
async def test_a_no_in_whatever_words_is_none_of_these(no: str) -> None:
    phone = Phone(faq=True)
    await phone.writes("my back went this morning")
    await phone.writes(no)

    assert plain(phone.screen.text).startswith("Good.")
