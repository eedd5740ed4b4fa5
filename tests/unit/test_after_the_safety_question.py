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
    quoted = SCREENS.warnings.card(("E1",), because=("<b>chest</b> & pain", "x" * 100)).text.splitlines()[-1]

    assert quoted.startswith("You wrote: “&lt;b&gt;chest&lt;/b&gt; &amp; pain … xxx")
    assert len(plain(quoted)) < 80


@pytest.mark.parametrize("sign", ["crisis", "overdose"])
def test_ones_own_words_are_no_reproach(sign: str) -> None:
    assert "You wrote" not in SCREENS.warnings.card((sign,), because=("i took 25 pills",)).text
