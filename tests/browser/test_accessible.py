"""The page for whoever does not see it, does not point at it, or needs it larger."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Page, expect

from tests.browser.conftest import OpenPage, Scheme
from tests.browser.sample_bot import handle, introduce
from tests.integration.simulator.scripted_bot import Api, scripted_bot
from tgbot.clock import TravelClock
from tgbot.simulator.simulator_server import Simulator


@pytest_asyncio.fixture(loop_scope="session")
async def served() -> AsyncIterator[tuple[Simulator, Api]]:
    async with Simulator(TravelClock()) as sim, scripted_bot(sim.url, sim.token, handle) as api:
        await introduce(api)
        yield sim, api


async def begun(page: Page) -> Page:
    await page.get_by_role("button", name="Start", exact=True).click()
    await expect(page.locator(".message").last).to_contain_text("Hello.")
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["desktop", "phone"])
async def test_axe_finds_no_violation(
    served: tuple[Simulator, Api], open_page: OpenPage, size: str, scheme: Scheme
) -> None:
    page = await begun(await open_page(served[0].page_url, size=size, scheme=scheme))
    await page.get_by_role("button", name="Tools", exact=True).click()
    await expect(page.get_by_role("heading", name="Tools", exact=True)).to_be_visible()
    found = await Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


async def test_icons_alone_have_a_name_on_a_phone(served: tuple[Simulator, Api], open_page: OpenPage) -> None:
    page = await begun(await open_page(served[0].page_url, size="phone"))
    for name in ("Person", "Tools", "Light or dark"):
        await expect(page.get_by_role("button", name=name, exact=True)).to_be_visible()


async def test_the_message_line_is_a_few_tabs_away(
    served: tuple[Simulator, Api], open_page: OpenPage
) -> None:
    """After forty messages with keys it once took hundreds."""
    sim, api = served
    page = await begun(await open_page(sim.page_url))
    person = next(iter(sim.tg.world.people))
    keys = {
        "inline_keyboard": [[{"text": "One", "callback_data": "1"}, {"text": "Two", "callback_data": "2"}]]
    }
    for number in range(40):
        await api.sendMessage(chat_id=person, text=f"message {number}", reply_markup=keys)
    await expect(page.locator(".message").last).to_contain_text("message 39")
    await page.get_by_role("list", name="Chat of").focus()
    tabs = 0
    while await page.evaluate("document.activeElement.tagName") != "TEXTAREA":
        await page.keyboard.press("Tab")
        tabs += 1
        assert tabs <= 8
    await page.locator(".message").last.get_by_role("button", name="One").focus()
    await page.keyboard.press("ArrowUp")
    above = "document.activeElement.closest('.message').textContent"
    assert "message 38" in await page.evaluate(above)


async def test_twice_the_size_still_fits(served: tuple[Simulator, Api], open_page: OpenPage) -> None:
    page = await begun(await open_page(served[0].page_url, size="phone"))
    small = await page.locator(".text").first.evaluate("node => parseFloat(getComputedStyle(node).fontSize)")
    await page.evaluate("document.documentElement.style.fontSize = '32px'")
    large = await page.locator(".text").first.evaluate("node => parseFloat(getComputedStyle(node).fontSize)")
    assert large == 2 * small
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await expect(page.get_by_role("textbox", name="Message")).to_be_in_viewport()


async def test_a_word_on_a_key_is_not_broken(served: tuple[Simulator, Api], open_page: OpenPage) -> None:
    sim, api = served
    page = await begun(await open_page(sim.page_url, size="phone"))
    person = next(iter(sim.tg.world.people))
    row = [{"text": name, "callback_data": name} for name in ("Bangladesh", "Belarus", "Netherlands")]
    await api.sendMessage(chat_id=person, text="Where?", reply_markup={"inline_keyboard": [row]})
    key = page.get_by_role("button", name="Bangladesh")
    await expect(key).to_be_visible()
    lines = "node => { const text = document.createRange(); text.selectNodeContents(node);"
    assert await key.evaluate(lines + " return text.getClientRects().length; }") == 1


async def test_a_message_taller_than_the_view_is_read_from_its_top(
    served: tuple[Simulator, Api], open_page: OpenPage
) -> None:
    sim, api = served
    page = await begun(await open_page(sim.page_url, size="phone"))
    person = next(iter(sim.tg.world.people))
    await api.sendMessage(chat_id=person, text="The point first.\n" + "and more\n" * 60)
    message = page.locator(".message", has_text="The point first.")
    await expect(message).to_be_visible()
    tops = "node => node.getBoundingClientRect().top - node.parentNode.getBoundingClientRect().top"
    assert 0 <= await message.evaluate(tops) <= 40
    await api.sendMessage(chat_id=person, text="short")
    await expect(page.locator(".message").last).to_contain_text("short")
    assert 0 <= await message.evaluate(tops) <= 40  # whoever reads is left alone
