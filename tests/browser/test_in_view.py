"""On a phone of 390 × 844: the point of everything is in sight when it comes, with nothing to scroll to."""

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser, Locator, expect

from tests.browser.phone import Phone
from tests.browser.test_the_whole_job import demo_phone, to_the_check_in
from tests.integration.test_faq import PACK

SIZE = (390, 844)
MOST_ROWS = 5


@pytest_asyncio.fixture(loop_scope="session")
async def phone(browser: Browser) -> AsyncIterator[Phone]:
    async with demo_phone(browser, SIZE) as opened:
        yield opened


async def in_view(phone: Phone, first_line: str) -> None:
    """The first line of what came, and no keyboard taller than five rows."""
    line = phone.screen.get_by_text(first_line, exact=False).first
    await expect(line).to_be_in_viewport(ratio=1)
    assert await rows(phone.screen) <= MOST_ROWS


async def rows(message: Locator) -> int:
    """How many rows of keys stand under a message: as many as there are different heights."""
    tops = [
        box["y"] for key in await message.locator("button.key").all() if (box := await key.bounding_box())
    ]
    return len({round(top) for top in tops})


async def test_the_number_of_a_country_is_two_taps_away_and_the_card_stays_in_view(phone: Phone) -> None:
    await phone.send("i cant breathe and my chest hurts")
    await phone.tap("Number for my country")
    await phone.tap("United Kingdom")

    await in_view(phone, "Call 999 or 112 now")
    await expect(phone.screen.get_by_text("This can be an emergency")).to_be_in_viewport(ratio=1)
    await expect(phone.screen.get_by_role("button", name="Another country")).to_be_in_viewport(ratio=1)


async def test_the_first_line_of_every_answer_is_in_view_when_it_comes(phone: Phone) -> None:
    for answer in PACK.answers.values():
        await phone.send(f"/start {answer.id}")
        await phone.sees(answer.question)
        await in_view(phone, answer.question)


async def test_a_check_in_s_question_stands_with_its_keys_in_view(phone: Phone) -> None:
    await to_the_check_in(phone)
    await in_view(phone, "Since we last spoke, any of these?")
    for key in ("None of these", "One of these ›"):
        await expect(phone.screen.get_by_role("button", name=key, exact=True)).to_be_in_viewport(ratio=1)

    await phone.tap("One of these ›")
    await in_view(phone, "Call your local emergency number now")
    await expect(phone.screen.get_by_role("button", name="Chest, breathing")).to_be_in_viewport(ratio=1)
    await phone.tap("‹ Back")
    await phone.tap("None of these")
    await in_view(phone, "How is the pain")
    await expect(phone.screen.get_by_role("button", name="Worse", exact=True)).to_be_in_viewport(ratio=1)
