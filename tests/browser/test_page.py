"""The chat page, driven by a real browser. The bot behind it is a small one of our own."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, Route, expect

from tests.browser.conftest import OpenPage, Scheme
from tests.browser.sample_bot import handle, introduce
from tests.integration.simulator.scripted_bot import scripted_bot
from tgbot.clock import TravelClock
from tgbot.simulator.simulator_server import Simulator

SCROLL_UP_AND_BE_TOLD_WITH_THE_NEXT_MESSAGE = """list => {
    const swallow = (event) => event.stopImmediatePropagation();
    list.addEventListener("scroll", swallow, { capture: true, once: true });
    const message = new MutationObserver(() => {
        message.disconnect();
        list.dispatchEvent(new Event("scroll"));
    });
    message.observe(list, { childList: true });
    list.scrollTo({ top: 0, behavior: "instant" });
}"""


@pytest_asyncio.fixture(loop_scope="session")
async def sim() -> AsyncIterator[Simulator]:
    clock = TravelClock()
    due = clock.now() + timedelta(hours=72)

    async def next_due() -> datetime | None:
        return due

    async with (
        Simulator(clock, next_due=next_due) as opened,
        scripted_bot(opened.url, opened.token, handle) as api,
    ):
        await introduce(api)
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def page(sim: Simulator, open_page: OpenPage) -> Page:
    """The page after Start was pressed."""
    opened = await open_page(sim.page_url)
    await opened.get_by_role("button", name="Start", exact=True).click()
    await expect(last(opened)).to_contain_text("Hello.")
    return opened


def last(page: Page | Locator) -> Locator:
    """The newest message."""
    return page.locator(".message").last


def line(page: Page | Locator) -> Locator:
    """Where one writes."""
    return page.get_by_label("Message", exact=True)


async def height(what: Locator) -> float:
    """In CSS pixels."""
    box = await what.bounding_box()
    assert box is not None
    return box["height"]


async def write(page: Page | Locator, text: str) -> None:
    """Type and send."""
    await line(page).fill(text)
    await line(page).press("Enter")


async def open_tools(page: Page, *sections: str) -> None:
    """Open the panel and these parts of it."""
    await page.get_by_role("button", name="Tools", exact=True).click()
    for section in sections:
        await page.get_by_role("heading", name=section).click()


async def test_before_start_the_bot_says_what_it_is(sim: Simulator, open_page: OpenPage) -> None:
    page = await open_page(sim.page_url)
    await expect(page.get_by_text("A bot that shows what this page can show.")).to_be_visible()
    await expect(line(page)).to_be_hidden()
    await expect(page).to_have_title("Backcheck · simulator")


async def test_a_tap_changes_the_message_in_place_and_back_leads_back(page: Page) -> None:
    await page.get_by_role("button", name="A long question").click()
    await expect(last(page)).to_contain_text("The answer in a line.")
    assert await page.locator(".message").count() == 2
    await page.get_by_role("button", name="‹ Back").click()
    await expect(last(page)).to_contain_text("Hello.")
    await expect(last(page)).to_contain_text("edited")


async def test_an_answer_to_a_tap_is_a_word_or_a_box(page: Page) -> None:
    await page.get_by_role("button", name="Toast").click()
    await expect(page.locator(".toast")).to_be_visible()
    await expect(page.locator(".key[aria-busy]")).to_have_count(0)
    await page.get_by_role("button", name="Alert").click()
    box = page.get_by_role("dialog")
    await expect(box).to_contain_text("Read this")
    await page.keyboard.press("Escape")
    await expect(box).to_be_hidden()


async def test_a_folded_quotation_opens_and_links_leave_safely(page: Page) -> None:
    await page.get_by_role("button", name="A long question").click()
    fold = page.get_by_role("button", name="Show all")
    quote = page.locator("blockquote")
    before = await height(quote)
    await fold.click()
    await expect(page.get_by_role("button", name="Show less")).to_have_attribute("aria-expanded", "true")
    assert await height(quote) > before
    link = page.get_by_role("link", name="a link")
    await expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")
    await expect(link).to_have_attribute("target", "_blank")


async def test_what_the_bot_writes_is_text_and_nothing_else(page: Page) -> None:
    await write(page, "/evil")
    await expect(last(page)).to_contain_text("<img src=x onerror=alert(1)> javascript:alert(1)")
    assert await last(page).locator("img, a, script").count() == 0


async def test_everything_can_be_done_with_the_keyboard(page: Page) -> None:
    await line(page).focus()
    await page.keyboard.type("/")
    await expect(page.get_by_role("option", name="/start")).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_role("option", name="/broken")).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("listbox")).to_be_hidden()
    await line(page).fill("")
    await page.keyboard.type("helo")
    await page.keyboard.press("Enter")
    await expect(last(page)).to_contain_text("You wrote: helo")
    await page.keyboard.press("ArrowUp")
    await expect(line(page)).to_have_value("helo")
    await line(page).fill("hello")
    await page.keyboard.press("Enter")
    await expect(page.locator(".mine").last).to_contain_text("hello")
    await expect(page.locator(".mine").last).to_contain_text("edited")


async def test_focus_stays_with_the_keys_when_a_message_changes(page: Page) -> None:
    await page.get_by_role("button", name="A long question").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="‹ Back")).to_be_focused()


async def a_long_chat(sim: Simulator, open_page: OpenPage, *, motion: bool = True) -> Page:
    page = await open_page(sim.page_url, size="phone", motion=motion)
    await page.get_by_role("button", name="Start", exact=True).click()
    for number in range(12):
        await write(page, f"Line {number}")
        await expect(last(page)).to_contain_text(f"You wrote: Line {number}")
    return page


async def test_what_comes_is_in_sight_even_for_whoever_had_scrolled_up_to_read(
    sim: Simulator, open_page: OpenPage
) -> None:
    page = await a_long_chat(sim, open_page)
    await page.locator("ol.messages").evaluate("list => list.scrollTo({top: 0, behavior: 'instant'})")
    await expect(last(page)).not_to_be_in_viewport()

    await write(page, "/start")

    await expect(last(page)).to_contain_text("Hello.")
    await expect(last(page).get_by_role("button", name="Delete")).to_be_in_viewport(ratio=1)
    await last(page).get_by_role("button", name="A long question").click()
    await expect(last(page).get_by_role("button", name="‹ Back")).to_be_in_viewport(ratio=1)


async def test_a_scroll_that_the_browser_tells_late_does_not_hide_the_answer(
    sim: Simulator, open_page: OpenPage
) -> None:
    page = await a_long_chat(sim, open_page)
    await page.locator("ol.messages").evaluate(SCROLL_UP_AND_BE_TOLD_WITH_THE_NEXT_MESSAGE)

    await write(page, "/start")

    await expect(last(page)).to_contain_text("Hello.")
    await expect(last(page).get_by_role("button", name="Delete")).to_be_in_viewport(ratio=1)
    await expect(page.get_by_role("button", name="To the newest message")).to_be_hidden()


async def test_what_happens_while_the_page_asks_for_everything_is_not_lost(
    page: Page, sim: Simulator
) -> None:
    asked, answered = asyncio.Event(), asyncio.Event()

    async def answer_late(route: Route) -> None:
        before = await route.fetch()
        asked.set()
        await answered.wait()
        await route.fulfill(response=before)

    await page.route("**/control/state", answer_late)
    sim.tg.events.publish("profile", {})
    await asked.wait()
    await write(page, "in between")
    await expect(last(page)).to_contain_text("You wrote: in between")
    await page.get_by_role("button", name="A long question").click()
    await expect(page.get_by_text("The answer in a line.", exact=True)).to_be_visible()
    async with page.expect_response("**/control/state"):
        answered.set()

    await page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))")
    await expect(last(page)).to_contain_text("You wrote: in between")
    await expect(page.get_by_text("The answer in a line.", exact=True)).to_be_visible()
    await expect(page.locator(".message")).to_have_count(4)


async def test_whoever_reads_further_up_stays_there_when_the_bot_changes_its_profile(
    sim: Simulator, open_page: OpenPage
) -> None:
    page = await a_long_chat(sim, open_page, motion=False)
    await page.locator("ol.messages").evaluate("list => list.scrollTo({top: 40, behavior: 'instant'})")
    await expect(page.get_by_role("button", name="To the newest message")).to_be_visible()
    sim.tg.world.bot.first_name = sim.tg.profile.names[""] = "Another name"
    sim.tg.events.publish("profile", {})

    await expect(page.get_by_role("heading", name="Another name")).to_be_visible()
    assert await page.locator("ol.messages").evaluate("list => list.scrollTop") == 40


async def test_whoever_reads_further_up_is_left_there_and_can_go_back(
    sim: Simulator, open_page: OpenPage
) -> None:
    page = await a_long_chat(sim, open_page)
    await page.locator("ol.messages").evaluate("list => list.scrollTo({top: 0, behavior: 'instant'})")

    await page.get_by_role("button", name="A long question").click()
    await expect(page.get_by_text("The answer in a line.", exact=True)).to_be_in_viewport()
    await expect(last(page)).not_to_be_in_viewport()
    await page.get_by_role("button", name="To the newest message").click()
    await expect(last(page)).to_be_in_viewport()


async def test_the_menu_lists_the_commands(page: Page) -> None:
    await page.get_by_role("button", name="Menu").click()
    await page.get_by_role("option", name="/picture").click()
    await expect(last(page)).to_contain_text("A file")


async def test_pictures_and_files_are_shown(page: Page) -> None:
    await write(page, "/picture")
    picture = page.get_by_role("img", name="A picture")
    await expect(picture).to_be_visible()
    assert await picture.evaluate("image => image.complete && image.naturalWidth") == 1
    await expect(page.get_by_role("link", name="upload")).to_have_attribute("download", "upload")


async def test_a_reply_keyboard_stands_under_the_line(page: Page) -> None:
    await write(page, "/keyboard")
    await expect(page.get_by_placeholder("Well?")).to_be_visible()
    await page.get_by_role("button", name="Yes", exact=True).click()
    await expect(last(page)).to_contain_text("You wrote: Yes")


async def test_typing_is_shown(page: Page) -> None:
    await write(page, "/typing")
    await expect(page.locator(".phone-title p")).to_contain_text("typing")


async def test_a_deleted_message_goes(page: Page) -> None:
    await page.get_by_role("button", name="Delete").click()
    await expect(page.locator(".message")).to_have_count(1)


async def test_the_clock_is_pushed_from_the_page(page: Page, sim: Simulator) -> None:
    clock = sim.tg.clock
    assert isinstance(clock, TravelClock)
    await page.get_by_role("button", name="+1 h").click()
    await expect(page.locator(".clock-offset")).to_have_text("+1 h")
    await page.get_by_role("button", name="+1 day").click()
    await expect(page.locator(".clock-offset")).to_have_text("+1 d 1 h")
    await write(page, "tomorrow")
    await expect(page.locator(".day")).to_have_count(2)
    await page.get_by_role("button", name="To the next check-in").click()
    await expect(page.locator(".clock-offset")).to_have_text("+3 d")
    assert clock.offset > timedelta(hours=71, minutes=59)


@pytest.mark.parametrize("locale", ["en-GB", "en-US"])
async def test_on_a_phone_the_bar_stays_as_tall_as_it_is_when_the_clock_is_pushed(
    sim: Simulator, open_page: OpenPage, locale: str
) -> None:
    phone = await open_page(sim.page_url, size="phone", locale=locale)
    bar = phone.locator("#bar")
    await expect(phone.get_by_role("button", name="To the next check-in")).to_be_visible()
    tall = await height(bar)
    clock = sim.tg.clock
    assert isinstance(clock, TravelClock)
    clock.push(timedelta(days=13, hours=23))
    sim.clock_moved()
    await expect(phone.locator(".clock-offset")).to_have_text("+13 d 23 h")

    assert await height(bar) == tall


async def test_a_clock_pushed_elsewhere_moves_on_the_page(page: Page, sim: Simulator) -> None:
    clock = sim.tg.clock
    assert isinstance(clock, TravelClock)
    clock.push(timedelta(hours=5))
    sim.clock_moved()
    await expect(page.locator(".clock-offset")).to_have_text("+5 h")


async def test_people_stand_side_by_side_and_right_to_left_is_right_to_left(
    page: Page, sim: Simulator, pictures: Path
) -> None:
    noor = sim.person("Noor", language_code="ar")
    await noor.send("مرحبا")
    hers = page.get_by_label("Noor’s phone")
    await expect(last(hers)).to_contain_text("مرحبا")
    text = last(hers).locator(".text")
    assert await text.evaluate("element => getComputedStyle(element).direction") == "rtl"
    assert await page.locator(".phone:visible").count() == 2
    await write(page.get_by_label("Alex’s phone"), "/broken")
    await page.set_viewport_size({"width": 1500, "height": 860})
    await open_tools(page, "Let something go wrong")
    await expect(page.locator(".call.refused").first).to_be_visible()
    await page.screenshot(path=pictures / "simulator.png")


async def test_the_log_shows_every_call_and_refusals_in_red(page: Page) -> None:
    await write(page, "/broken")
    await open_tools(page)
    refused = page.locator(".call.refused")
    await expect(refused).to_contain_text("can't parse entities: Can't find end tag")
    await refused.locator("summary").click()
    await expect(refused.locator("pre").first).to_contain_text('"parse_mode": "HTML"')
    await page.get_by_label("Only refusals").check()
    await expect(page.locator(".call")).to_have_count(1)


async def test_something_can_be_made_to_go_wrong(page: Page) -> None:
    await open_tools(page, "Let something go wrong")
    await page.get_by_role("button", name="Answer lost").click()
    await expect(page.locator(".faults li")).to_contain_text("Answer lost · sendMessage")
    await page.get_by_label("Telegram’s flood limits").check()
    await write(page, "hello")
    await expect(last(page)).to_contain_text("You wrote: hello")
    await expect(page.locator(".faults li")).to_have_count(0)
    await expect(page.locator(".call.refused").first).to_contain_text("cut")


async def test_a_deep_link_starts_the_bot_with_its_payload(page: Page) -> None:
    await open_tools(page, "Open a link")
    await page.get_by_label("Link or payload").fill("https://t.me/backcheck_bot?start=poster")
    await page.get_by_role("button", name="Open", exact=True).click()
    await expect(page.locator(".mine").last).to_contain_text("/start poster")


async def test_inline_results_are_offered_and_sent(page: Page) -> None:
    await line(page).fill("@backcheck_bot heat")
    await page.get_by_role("option", name="Second result").click()
    shared = page.locator(".mine").last
    await expect(shared).to_contain_text("via @backcheck_bot")
    await expect(shared).to_contain_text("Shared")


async def test_a_group_is_made_grows_and_throws_the_bot_out(page: Page) -> None:
    await open_tools(page, "People and groups")
    await page.get_by_role("button", name="New group").click()
    await page.get_by_label("Name").fill("Family")
    await page.get_by_role("button", name="Make it", exact=True).click()
    await expect(page.get_by_role("tab", name="Family")).to_have_attribute("aria-selected", "true")
    await write(page, "/hello")
    await expect(last(page)).to_contain_text("You wrote: /hello")
    await page.get_by_role("button", name="Make it a supergroup").click()
    await expect(page.get_by_text("This supergroup was a group")).to_be_visible()
    await page.get_by_role("button", name="Remove the bot").click()
    await expect(page.get_by_role("button", name="Add the bot")).to_be_visible()


async def test_a_person_blocks_the_bot_and_lets_it_in_again(page: Page) -> None:
    await open_tools(page, "People and groups")
    await page.get_by_role("button", name="Alex blocks the bot").click()
    await page.get_by_role("button", name="Unblock", exact=True).click()
    await write(page, "hello again")
    await expect(last(page)).to_contain_text("You wrote: hello again")


async def test_a_reload_loses_nothing(page: Page) -> None:
    await write(page, "remember this")
    await expect(last(page)).to_contain_text("You wrote: remember this")
    await page.reload()
    await expect(last(page)).to_contain_text("You wrote: remember this")


async def test_the_page_says_when_the_simulator_is_gone(page: Page, sim: Simulator) -> None:
    await sim.stop()
    await expect(page.get_by_text("The simulator does not answer.")).to_be_visible()


async def test_the_page_goes_on_with_another_simulator_in_the_same_place(page: Page, sim: Simulator) -> None:
    await sim.person("Ben").arrives()
    await expect(page.get_by_label("Ben’s phone")).to_be_visible()
    port = int(sim.url.rsplit(":", 1)[1])
    await sim.stop()
    async with Simulator(TravelClock(), port=port):
        await expect(page.get_by_label("Ben’s phone")).to_have_count(0)
        await page.get_by_role("button", name="Start", exact=True).click()
        await expect(last(page)).to_contain_text("/start")
        await expect(page.locator("#offline")).to_be_hidden()


async def test_every_control_has_a_name_for_screen_readers(page: Page) -> None:
    await write(page, "/picture")
    await open_tools(page, "Let something go wrong", "Open a link", "People and groups")
    nameless = await page.evaluate(
        """() => [...document.querySelectorAll("button, a, input, textarea, select, [role=log]")]
            .filter((element) => element.offsetParent !== null)
            .filter((element) => !(element.ariaLabel || element.textContent.trim() || element.labels?.length))
            .map((element) => element.outerHTML)"""
    )
    assert nameless == []


CONTRAST = """element => {
    const rgba = (colour) => {
        const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
        return [r, g, b, a / 255];
    };
    let ground = null;
    for (let e = element; e && !ground; e = e.parentElement) {
        const colour = rgba(getComputedStyle(e).backgroundColor);
        if (colour[3] === 1) ground = colour;
    }
    const light = (colour) => {
        const linear = (c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        const [r, g, b] = colour.map((c) => linear(c / 255));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const [a, b] = [light(rgba(getComputedStyle(element).color)), light(ground)].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
}"""
READ = [
    ".text",
    ".stamp",
    ".mine .stamp",
    ".phone-title p",
    ".owner",
    ".clock-date",
    ".clock-keys .due",
    ".text a",
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_everything_can_be_read_by_weak_eyes(
    sim: Simulator, open_page: OpenPage, scheme: Scheme
) -> None:
    await sim.person("Ada").send("/start")
    page = await open_page(sim.page_url, scheme=scheme)
    await page.get_by_role("button", name="A long question").click()
    await expect(last(page)).to_contain_text("The answer in a line.")
    contrast = {what: await page.locator(what).first.evaluate(CONTRAST) for what in READ}
    assert {what: ratio for what, ratio in contrast.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["desktop", "phone"])
async def test_it_fits_and_looks_the_same_on_every_screen(
    sim: Simulator, open_page: OpenPage, pictures: Path, size: str, scheme: Scheme
) -> None:
    await sim.person("Ada").send("/start")
    page = await open_page(sim.page_url, size=size, scheme=scheme)
    await page.get_by_role("button", name="A long question").click()
    await expect(last(page)).to_contain_text("The answer in a line.")
    await write(page, "Thank you!")
    await expect(last(page)).to_contain_text("You wrote: Thank you!")
    await page.mouse.move(0, 0)
    await page.screenshot(path=pictures / f"page-{size}-{scheme}.png")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    ground = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, ground.strip("rgb()").split(","))) < 200) == (scheme == "dark")
    smallest = await page.locator(".key, .composer button:visible").evaluate_all(
        "all => Math.min(...all.map((one) => one.getBoundingClientRect().height))"
    )
    assert smallest >= 40, "a thumb needs 40 px"
