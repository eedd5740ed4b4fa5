"""The review book in a browser: a reviewer ticks, writes, saves, comes back; and nobody is kept out."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Browser, Page, expect
from pypdf import PdfReader

from tests.content.test_checks import PACK
from tests.content.test_signatures import every
from tgbot.packs.book import book, print_pdf
from tgbot.packs.review_items import ItemKind
from tgbot.packs.signatures import read_comments

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("book") / "book.html"
    path.write_text(book(PACK, "en", date(2026, 12, 2)), encoding="utf-8")
    return path


@pytest_asyncio.fixture(loop_scope="session")
async def reading(browser: Browser, file: Path) -> AsyncIterator[Page]:
    """The book open on a tablet."""
    async with opened(browser, file) as page:
        yield page


@asynccontextmanager
async def opened(browser: Browser, file: Path) -> AsyncIterator[Page]:
    """A book on a tablet; a complaint of the page fails the test."""
    complaints: list[str] = []
    context = await browser.new_context(viewport={"width": 820, "height": 1180}, accept_downloads=True)
    page = await context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: complaints.append(request.url) if "http" in request.url[:5] else None)
    await page.goto(file.as_uri())
    yield page
    await context.close()
    assert complaints == []


async def test_a_review_is_kept_in_the_browser_and_saved_as_the_file_that_review_reads(
    reading: Page, tmp_path: Path
) -> None:
    await reading.get_by_label("Name").fill("Ada Example")
    await reading.get_by_label("Role").fill("nurse")
    await reading.locator("#A1").get_by_label("agree").check()
    await reading.locator("#A2").get_by_label("change").check()
    await reading.get_by_label("Note to A2", exact=True).fill("Say\nphysio.")
    await reading.reload()
    await expect(reading.locator("#done")).to_contain_text("2 of ")
    async with reading.expect_download() as waiting:
        await reading.get_by_role("button", name="Save my review").click()
    download = await waiting.value
    assert download.suggested_filename == "review-ada-example.json"
    await download.save_as(tmp_path / "review.json")
    saved, items = read_comments(tmp_path / "review.json"), list(every(PACK).values())
    assert saved.reviewer.name == "Ada Example"
    assert saved.reviewer.role == "nurse"
    assert [(c.item, c.digest, c.verdict, c.note) for c in saved.comments] == [
        (items[0].key, items[0].digest, "agree", ""),
        (items[1].key, items[1].digest, "change", "Say\nphysio."),
    ]


async def test_a_saved_file_is_gone_on_with_and_what_changed_since_is_ticked_no_more(
    reading: Page, tmp_path: Path
) -> None:
    first, second, *_ = every(PACK).values()
    comments = [
        {"item": first.key, "digest": first.digest, "verdict": "agree", "note": ""},
        {"item": second.key, "digest": "of older words", "verdict": "agree", "note": "mind this"},
    ]
    saved = {"pack": "p", "locale": "en", "made": "m", "reviewer": {"name": "Bo"}, "comments": comments}
    (tmp_path / "saved.json").write_text(json.dumps(saved), encoding="utf-8")
    await reading.get_by_label("Go on with a saved file").set_input_files(tmp_path / "saved.json")
    await expect(reading.locator("#said")).to_contain_text(
        "Changed since you ticked them, so their ticks are gone: 1."
    )
    await expect(reading.locator("#A1").get_by_label("agree")).to_be_checked()
    await expect(reading.locator("#A2").get_by_label("agree")).not_to_be_checked()
    await expect(reading.get_by_label("Note to A2", exact=True)).to_have_value("mind this")


async def test_the_book_is_searched(reading: Page) -> None:
    await reading.get_by_label("Search in the book").fill("corsets rocker")
    await expect(reading.locator("#said")).to_contain_text("found")
    await expect(reading.locator('[data-item="answer/treat-best"]')).to_be_visible()
    await expect(reading.locator('[data-item="answer/q-sleep"]')).to_be_hidden()


async def test_axe_finds_nothing_in_an_item_of_every_kind(browser: Browser, file: Path) -> None:
    async with opened(browser, shortened(file)) as page:
        found = (await Axe().run(page)).response
    assert [(fault["id"], fault["nodes"][0]["target"]) for fault in found["violations"]] == []
    assert len(found["passes"]) > 40, "rules that have something to look at, as many as in the whole book"


async def test_nothing_is_wider_than_a_tablet_or_a_phone(reading: Page) -> None:
    for width in (820, 390):
        await reading.set_viewport_size({"width": width, "height": 800})
        wide = await reading.evaluate("document.documentElement.scrollWidth")
        assert wide <= width


async def test_words_from_right_to_left_stand_at_the_right(reading: Page) -> None:
    await reading.evaluate("document.querySelector('#A1 .bubble').dir = 'rtl'")
    align = await reading.evaluate(
        "getComputedStyle(document.querySelector('#A1 .bubble blockquote')).borderRightWidth"
    )
    assert align != "0px"


def shortened(book: Path) -> Path:
    """Its first item of each kind, and of the rules' names. All of it is 285 pages; that the HTML has
    every item is held elsewhere."""
    articles, short = r'<article id="[A-Z]+(\d+)".*?</article>', book.with_name("short.html")
    text = book.read_text(encoding="utf-8")
    kept = re.sub(articles, lambda item: item[0] if int(item[1]) == 1 else "", text, flags=re.S)
    kept = re.sub(r'(<dl class="ideas">.*?</dd>).*?(?=</dl>)', r"\1", kept, count=1, flags=re.S)
    short.write_text(kept, encoding="utf-8")
    return short


async def test_the_pdf_holds_an_item_of_every_kind_on_paper_of_a4(
    file: Path, tmp_path: Path, chromium: str
) -> None:
    short = shortened(file)
    print_pdf(short, tmp_path / "book.pdf")
    pages = PdfReader(tmp_path / "book.pdf").pages
    text = "\n".join(page.extract_text() for page in pages)
    assert round(float(pages[0].mediabox.width)) in (594, 595)
    assert round(float(pages[0].mediabox.height)) in (841, 842)
    kept = items_of(short)
    assert len(kept) == len(ItemKind)
    assert [key for key in kept if key not in text.replace("\n", "")] == []
    assert "What the names in the rules stand for" in text
    (name,) = re.findall(r'<dl class="ideas"><dt id="[^"]*"><code>([^<]*)', short.read_text(encoding="utf-8"))
    assert name in text


def items_of(page: Path) -> list[str]:
    return re.findall(r'data-item="([^"]*)"', page.read_text(encoding="utf-8"))
