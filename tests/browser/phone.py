"""A phone on the chat page, used as a person uses it: by what can be read on it."""

from typing import Self

from playwright.async_api import Browser, Locator, Page, expect

PHONE = (400, 860)
DESKTOP = (1280, 860)


class Phone:
    """`screen` is the bot's last message; `tap` presses one of its buttons by its words."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    @classmethod
    async def open(
        cls, browser: Browser, url: str, size: tuple[int, int] = PHONE, *, dark: bool = False
    ) -> Self:
        page = await browser.new_page(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            locale="en-GB",
            timezone_id="Europe/London",
        )
        page.set_default_timeout(30_000)
        await page.goto(url)
        return cls(page)

    @property
    def screen(self) -> Locator:
        return self.page.locator("li.message:not(.mine)").last

    async def start(self) -> None:
        await self.page.get_by_role("button", name="Start", exact=True).click()

    async def send(self, text: str) -> None:
        box = self.page.locator("textarea").first
        await box.fill(text)
        await box.press("Enter")
        await expect(self.page.locator("li.message.mine").last).to_contain_text(text)

    async def tap(self, words: str) -> None:
        exact = self.screen.get_by_role("button", name=words, exact=True)
        # A number is also in words of the screen before, such as "over 65".
        named = exact if words.isdecimal() else self.screen.get_by_role("button", name=words)
        await named.first.wait_for()
        await (exact if await exact.count() else named).first.click()

    async def sees(self, words: str) -> None:
        await expect(self.screen).to_contain_text(words)

    async def push_clock(self, words: str) -> None:
        """Press a button of the clock panel: "+1 h", "+1 day", or the next check-in."""
        await self.page.locator("#clock").get_by_role("button", name=words).click()
