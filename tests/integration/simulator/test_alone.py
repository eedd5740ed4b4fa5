"""`backcheck simulator`: a Telegram for any bot, in a process of its own."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.integration.simulator.scripted_bot import Api
from tgbot.simulator.simulated_people import SimulatedPerson


@pytest.fixture
async def told_at_start() -> AsyncIterator[list[str]]:
    """Its page, its address and the token, as it says them; it ends by SIGTERM, with 0 and without a word."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tgbot", "simulator", "--port", "0", "--limits", stdout=PIPE, stderr=PIPE
    )
    assert process.stdout is not None
    async with asyncio.timeout(60):
        said = [(await process.stdout.readline()).decode().split()[2] for _ in range(3)]
    yield said
    process.send_signal(signal.SIGTERM)
    _, errors = await process.communicate()
    assert (process.returncode, errors) == (0, b"")


async def test_it_is_a_telegram_in_a_process_of_its_own(told_at_start: list[str]) -> None:
    _, url, token = told_at_start
    async with httpx.AsyncClient(base_url=url) as http:
        page = await http.get("/", follow_redirects=True)
        assert 'src="js/app.js"' in page.text
        api = Api(url, token)
        assert (await api.getMe())["result"]["username"] == "backcheck_bot"
        ada = SimulatedPerson(url, "Ada")
        await ada.send("/start", wait=0)
        assert (await api.sendMessage(chat_id=ada.id, text="hello"))["ok"]
        assert (await ada.waits_for("hello")).text == "hello"
        assert (await api.sendMessage(chat_id=ada.id, text="at once"))["error_code"] == 429
        clock = (await http.post("/control/clock", json={"push_seconds": 3600})).json()
        assert clock["offset_seconds"] == 3600
        await http.put("/control/next-due", json={"at": "2100-01-01T00:00:00Z"})
        assert (await http.get("/control/clock")).json()["next_due"] == "2100-01-01T00:00:00+00:00"
        await api.http.aclose()


async def told(*options: str) -> tuple[int | None, str]:
    """How the command ends, and what it says to whoever typed it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tgbot", "simulator", *options, stdout=PIPE, stderr=PIPE
    )
    _, errors = await process.communicate()
    return process.returncode, errors.decode()


async def test_a_taken_port_is_one_sentence() -> None:
    taken = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = str(taken.sockets[0].getsockname()[1])
    ended, said = await told("--port", port)
    taken.close()
    assert ended == 1
    assert said.startswith(f"backcheck: Port {port} is taken")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--token", "bad"], "`--token` does not look like a bot token; 123456:ABC is one."),
        (["--host", "nope.invalid"], "Nothing can listen at nope.invalid, port 0 "),
        (["--host", "192.0.2.1"], "Nothing can listen at 192.0.2.1, port 0 "),
    ],
)
async def test_what_cannot_be_is_one_true_sentence(options: list[str], said: str) -> None:
    ended, errors = await told("--port", "0", *options)
    assert ended == 1
    assert errors.startswith(f"backcheck: {said}")
    assert errors.count("\n") == 1
