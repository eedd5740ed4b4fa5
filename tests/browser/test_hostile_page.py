"""A web page of somebody else, in the same browser as the demo: it gets nothing and changes nothing."""

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser

from tgbot.clock import TravelClock
from tgbot.simulator.simulator_server import Simulator

ATTACK = """async (url, token) => {
    const got = [];
    const attempt = async (what, promise) => {
        try {
            const answer = await promise;
            got.push(`${what}: ${answer.type === "opaque" ? "" : await answer.text()}`);
        } catch { got.push(`${what}: `); }
    };
    const image = (path) => new Promise((done) => {
        const made = new Image();
        made.onload = made.onerror = () => done({ type: "opaque" });
        made.src = url + path;
    });
    await attempt("hook by image", image(`/bot${token}/setWebhook?url=http://127.0.0.1:9/`));
    await attempt("state", fetch(url + "/control/state"));
    await attempt("state blindly", fetch(url + "/control/state", { mode: "no-cors" }));
    await attempt("push", fetch(url + "/control/clock", {
        method: "POST", mode: "no-cors", body: JSON.stringify({ push_seconds: 86400 }),
    }));
    await attempt("push as json", fetch(url + "/control/clock", {
        method: "POST", headers: { "Content-Type": "application/json" }, body: "{\\"push_seconds\\": 86400}",
    }));
    await attempt("person", fetch(url + "/control/people", {
        method: "POST", mode: "no-cors", body: JSON.stringify({ name: "Mallory" }),
    }));
    await attempt("forget", fetch(url + "/control/calls", { method: "DELETE" }));
    return got;
}"""


@pytest_asyncio.fixture(loop_scope="session")
async def elsewhere() -> AsyncIterator[str]:
    """The address of a page of another origin."""

    async def page(request: web.Request) -> web.Response:
        return web.Response(text="<!doctype html><title>Elsewhere</title>", content_type="text/html")

    app = web.Application()
    app.router.add_get("/", page)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    await runner.cleanup()


async def test_a_hostile_page_gets_nothing_and_changes_nothing(browser: Browser, elsewhere: str) -> None:
    """Even one that knows the token."""
    clock = TravelClock()
    async with Simulator(clock) as sim:
        page = await browser.new_page()
        await page.goto(elsewhere)
        attack = f"async () => ({ATTACK})({sim.url!r}, {sim.token!r})"
        async with asyncio.timeout(60):
            got = await page.evaluate(attack)
        assert len(got) == 7
        assert [line for line in got if not line.endswith(": ")] == []
        assert sim.tg.webhook.url == ""
        assert not sim.tg.world.people
        assert clock.offset.total_seconds() == 0
        assert not sim.tg.journal.calls
        await page.set_content(f'<iframe src="{sim.page_url}"></iframe>')
        frame = page.frames[-1]
        await frame.wait_for_load_state()
        assert "Simulator" not in await frame.title()
        await page.close()
