"""The whole job in a real browser: ask, start an episode, be checked on at 72 hours."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.browser.phone import PHONE, Phone
from tests.content.test_seed_questions import SEED
from tests.integration.test_faq import PACK
from tests.judge import judge_everything_at
from tgbot.demo import demo
from tgbot.screens.faq_screens import A_TOPIC_PAGE
from tgbot.settings import Settings

ADVICE = {
    "Gone": "Good to hear",
    "Better": "Keep going, and keep moving",
    "About the same": "Have a doctor or a physio look at it this week",
    "Worse": "Get medical help today",
}


@pytest_asyncio.fixture(loop_scope="session")
async def phone(browser: Browser) -> AsyncIterator[Phone]:
    async with demo_phone(browser) as opened:
        yield opened


@asynccontextmanager
async def demo_phone(browser: Browser, size: tuple[int, int] = PHONE) -> AsyncIterator[Phone]:
    """A phone on the demo, as `backcheck demo` runs it; what the page's own code got wrong fails the test."""
    said: asyncio.Queue[str] = asyncio.Queue()
    stop = asyncio.Event()
    running = asyncio.create_task(demo(Settings.read({}), 0, False, said.put_nowait, stop))
    address = asyncio.create_task(said.get())
    await asyncio.wait((running, address), return_when=asyncio.FIRST_COMPLETED)
    phone = await Phone.open(browser, (await address).split()[4], size)
    try:
        await phone.start()
        yield phone
        assert await judge_everything_at(phone.page.url.removesuffix("/page/")) > 0
    finally:
        await phone.page.close()
        stop.set()
        await running
    assert phone.errors == []


async def to_the_check_in(phone: Phone) -> None:
    """Start an episode just now, and push the clock until its check-in has come and is open."""
    await phone.send("/episode")
    await phone.tap("Just now")
    await phone.tap("None of these")
    await phone.tap("Go on")
    await phone.tap("6")
    await phone.sees("May I keep this")
    await phone.tap("Yes, check on me")
    await phone.tap("London")
    await phone.sees("Noted. I will write on")
    await phone.push_clock("check-in")
    await phone.sees("Your check-in is ready")
    await phone.tap("Open")


async def test_every_answer_can_be_reached_by_taps_and_left_by_back(phone: Phone) -> None:
    for topic in PACK.topics.values():
        for answer in topic.answers:
            this = PACK.answers[answer]
            await phone.tap(topic.title)
            await phone.sees(topic.title)
            for _ in range(topic.answers.index(answer) // A_TOPIC_PAGE):
                await phone.tap(PACK.ui["button.more"])
            await phone.tap(this.on_button)
            await phone.sees(this.question)
            await phone.tap("‹ Back")
            await phone.tap("☰ All topics")


async def test_the_first_page_s_wordings_typed_by_thumb_find_their_answers(phone: Phone) -> None:
    for wording, answer in SEED.items():
        await phone.send(wording)
        await phone.sees(PACK.answers[answer].question)


@pytest.mark.parametrize("change", ADVICE)
async def test_each_outcome_at_72_hours_gets_advice_of_its_own(phone: Phone, change: str) -> None:
    await to_the_check_in(phone)
    await phone.tap("None of these")
    await phone.tap(change)
    if change in ("Better", "About the same"):
        await phone.tap("Some things")

    await phone.sees(ADVICE[change])


async def test_a_warning_sign_at_72_hours_brings_the_emergency_card_and_nothing_else(phone: Phone) -> None:
    await to_the_check_in(phone)
    await phone.tap("One of these ›")
    await phone.tap("Chest, breathing")

    await phone.sees("Call your local emergency number")


async def test_an_onset_three_days_ago_is_checked_at_once(phone: Phone) -> None:
    await phone.send("/episode")
    await phone.tap("3 days ago")
    await phone.tap("None of these")
    await phone.tap("Go on")
    await phone.tap("4")
    await phone.tap("Yes, check on me")

    await phone.sees("let us look at it now")


async def test_the_picture_in_the_readme_shows_a_check_in_that_came_after_72_hours(
    phone: Phone, pictures: Path
) -> None:
    await phone.page.set_viewport_size({"width": 1000, "height": 900})
    await to_the_check_in(phone)
    await phone.tap("None of these")
    await phone.sees("How is the pain now?")
    await phone.page.screenshot(path=pictures / "chat-page.png")

    assert (pictures / "chat-page.png").stat().st_size > 20_000
