"""What is said beside a question of the form that starts an episode: it is answered, and the form stays."""

import pytest

from tests.fakes.phone import Phone, begun
from tgbot.screens.markup import plain

BACK = "‹ Back to the question"
CONSENT = "May I keep this"
PAIN = "How bad is the pain now?"


async def asked_for_pain() -> Phone:
    phone = Phone(faq=True)
    await phone.types("episode")
    for typed in ("2 hours ago", "no", "no"):
        await phone.writes(typed)
    assert PAIN in phone.screen.text
    return phone


async def shown_what_is_stored() -> Phone:
    phone = await asked_for_pain()
    await phone.writes("6")
    await phone.taps("What is stored")
    return phone


def labels(phone: Phone) -> list[str]:
    return [key.text for key in phone.keys(max(phone.chat))]


@pytest.mark.parametrize(
    ("typed", "comes"),
    [
        ("yes", "Only a tap says yes"),
        ("no", "Nothing was stored"),
        ("back", CONSENT),
        ("start over", "When did it"),
    ],
)
async def test_after_what_is_stored_words_answer_the_consent_question(typed: str, comes: str) -> None:
    phone = await shown_what_is_stored()
    await phone.writes(typed)

    assert comes in plain(phone.screen.text)
    assert await phone.stored() == (None, ())


async def test_back_at_the_consent_question_is_no_refusal() -> None:
    phone = await asked_for_pain()
    await phone.writes("6")
    await phone.writes("back")

    assert PAIN in phone.screen.text


@pytest.mark.parametrize("typed", ["my episode", "when do you write"])
async def test_my_episode_in_the_form_says_that_there_is_none_yet_and_asks_on(typed: str) -> None:
    phone = await asked_for_pain()
    await phone.writes("6")
    await phone.writes(typed)

    assert "There is no episode yet" in phone.screen.text
    assert CONSENT in phone.screen.text


@pytest.mark.parametrize("command", ["privacy", "help", "urgent", "zone", "start"])
async def test_a_command_beside_the_form_leads_back_to_its_question(command: str) -> None:
    phone = await asked_for_pain()
    await phone.types(command)
    assert labels(phone)[0] == BACK
    if command != "zone":
        await phone.writes("6")
    else:
        await phone.writes("london")
        await phone.taps(BACK)
        await phone.writes("6")

    assert CONSENT in phone.screen.text


async def test_a_safety_question_beside_the_form_leads_back_to_it() -> None:
    phone = await asked_for_pain()
    await phone.writes("unbearable")
    await phone.writes("no")
    assert BACK in labels(phone)
    await phone.writes("6")

    assert CONSENT in phone.screen.text


async def test_an_answer_in_reply_to_the_forms_own_question_is_one() -> None:
    phone = await asked_for_pain()
    await phone.writes("6", reply_to=max(phone.chat))

    assert CONSENT in phone.screen.text


async def test_a_reply_to_something_older_leaves_the_form_where_it_is() -> None:
    phone = Phone(faq=True)
    await phone.types("zone")
    await phone.types("episode")
    for typed in ("2 hours ago", "no", "no"):
        await phone.writes(typed)
    await phone.writes("london", reply_to=1)
    assert BACK in labels(phone)
    await phone.writes("6")

    assert CONSENT in phone.screen.text


async def test_start_over_in_the_form_begins_it_again() -> None:
    phone = await asked_for_pain()
    await phone.writes("start over")

    assert "When did it start?" in phone.screen.text


@pytest.mark.parametrize(
    "typed",
    [
        "it was better this morning",
        "how was it 2 days ago",
        "my pain was worse 2 days ago",
        "i drove 6 hours yesterday",
        "was it 2 days ago?",
    ],
)
async def test_no_story_and_no_question_changes_the_start(typed: str) -> None:
    phone = await begun(faq=True)
    onset = (await phone.course()).episode.onset
    await phone.types("episode")
    await phone.taps("Change start")
    await phone.writes(typed)

    assert "Changed." not in phone.screen.text
    assert (await phone.course()).episode.onset == onset


@pytest.mark.parametrize(
    "typed",
    [
        "2 hours ago",
        "it started yesterday at 9 when i lifted a box",
        "no, it was yesterday evening around 8",
        "23 November at 7 am",
        "about an hour ago",
        "it was last night at 3",
    ],
)
async def test_a_changed_start_is_said_and_can_be_changed_again(typed: str) -> None:
    phone = await begun(faq=True)
    await phone.types("episode")
    await phone.taps("Change start")
    await phone.writes(typed)
    assert "Changed." in phone.screen.text
    await phone.taps("Change start")

    assert "When did it start?" in phone.screen.text
