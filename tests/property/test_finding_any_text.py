"""Any text gives a finding, and what is urgent stays urgent however it is typed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.content.finder import ask
from tgbot.finder.finding import Finding, Suggest, Urgent

EMERGENCIES = (
    "chest pain and my left arm aches",
    "i cant breathe properly and my back hurts",
    "numb between my legs since my back went",
    "both my legs have gone weak",
    "fell off a ladder and my back hurts",
    "my mum has collapsed and is not answering me",
    "i want to kill myself",
    "took too many painkillers",
    "throwing up blood after ibuprofen",
    "my lips are swelling after the tablet",
)
SAME_DAY = ("fever and upper back pain", "i have cancer and my back hurts", "lump on my spine")
noise = st.lists(
    st.sampled_from(["!", "?", "...", ",", "😭", "💀💀", " ", "\n", "-", "🙏", "\u200b", "'"]), max_size=4
)


@given(st.text(max_size=400))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_any_unicode_string_gives_a_finding(text: str) -> None:
    finding = ask(text)
    assert isinstance(finding, Finding)
    if isinstance(finding, Urgent):
        assert finding.signs
    if isinstance(finding, Suggest):
        assert 1 <= len(finding.answers) <= 3


@pytest.mark.parametrize("run", ["!", "?!", "_", "…'", "7 ", "a.", "1/", "not ", "؟", "c h e s t "])
@pytest.mark.parametrize("end", ["", "a! hi", "_ hi", "z"])
def test_a_long_run_of_anything_is_read_in_no_time(run: str, end: str) -> None:
    """Of 4,096 characters: a pattern that goes back over a run takes minutes, and the bot stands still."""
    assert isinstance(ask((run * 4_096)[: 4_096 - len(end)] + end), Finding)


@given(st.sampled_from(EMERGENCIES + SAME_DAY), st.data())
@settings(max_examples=200, deadline=None, derandomize=True)
def test_case_space_emoji_and_punctuation_do_not_change_what_is_urgent(
    text: str, data: st.DataObject
) -> None:
    words = text.split()
    typed = "".join(
        (word.upper() if data.draw(st.booleans()) else word.title()) + "".join(data.draw(noise)) + " "
        for word in words
    )
    plain, noisy = ask(text), ask(typed)
    assert isinstance(plain, Urgent)
    assert isinstance(noisy, Urgent)
    assert (noisy.signs, noisy.tier) == (plain.signs, plain.tier)


@given(st.sampled_from(EMERGENCIES + SAME_DAY), st.data())
@settings(max_examples=200, deadline=None, derandomize=True)
def test_stretched_letters_do_not_change_what_is_urgent(text: str, data: st.DataObject) -> None:
    typed = []
    for word in text.split():
        place = data.draw(st.integers(0, len(word) - 1))
        times = data.draw(st.integers(3, 6)) if len(word) > 2 and data.draw(st.booleans()) else 1
        typed.append(word[:place] + word[place] * times + word[place + 1 :])
    plain, stretched = ask(text), ask(" ".join(typed))
    assert isinstance(plain, Urgent)
    assert isinstance(stretched, Urgent), typed
    assert stretched.tier == plain.tier


@pytest.mark.parametrize("text", EMERGENCIES)
def test_a_sign_is_found_in_all_of_what_telegram_can_send(text: str) -> None:
    story = "so i was in the garden on sunday and it was lovely weather and we had lunch. " * 24
    for message in (story * 2 + text, text + ". " + story * 2, story + text + ". " + story):
        assert len(message) <= 4096
        finding = ask(message)
        assert isinstance(finding, Urgent), message[-80:]


@pytest.mark.parametrize(
    "text", ["", " ", "\x00", "a" * 10_000, "😀" * 4096, "chest " * 1700, "ß" * 4096, "1" * 4096]
)
def test_odd_texts_are_answered(text: str) -> None:
    assert isinstance(ask(text), Finding)
