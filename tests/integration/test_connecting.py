"""What an operator is told when Telegram cannot be reached at the start: one sentence, then the end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tgbot.chat.startup import TokenRefusedError, UnreachableError
from tgbot.clock import ManualClock
from tgbot.settings import Settings
from tgbot.simulator.simulator_server import Simulator
from tgbot.wiring.process import run

STRANGER = "123456:canary"  # a token that nobody gave


PAGE = b"<html>Please log in to the hotel's network</html>"


@asynccontextmanager
async def a_page(status: bytes, page: bytes = PAGE) -> AsyncIterator[str]:
    """The address of something that answers, but is no Bot API."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = b"HTTP/1.1 %s\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % (status, len(page))
        writer.write(head + page)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def start(tmp_path: Path, url: str, token: str = STRANGER) -> None:
    settings = {
        "BACKCHECK_TOKEN": token,
        "BACKCHECK_API_URL": url,
        "BACKCHECK_DATABASE": str(tmp_path / "a.db"),
    }
    await run(Settings.read(settings), ManualClock(), asyncio.Event())


async def test_nobody_at_the_address_is_said_after_some_attempts_without_the_token(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError, match=r"cannot be reached at http://127\.0\.0\.1:9 ") as caught:
        await start(tmp_path, "http://127.0.0.1:9")

    assert "canary" not in str(caught.value)


async def test_a_web_page_instead_of_the_bot_api_is_said_at_once(tmp_path: Path) -> None:
    async with a_page(b"200 OK") as address:
        with pytest.raises(UnreachableError, match="BACKCHECK_API_URL"):
            await start(tmp_path, address)


async def test_a_page_about_a_failure_is_not_quoted(tmp_path: Path) -> None:
    async with a_page(b"502 Bad Gateway") as address:
        with pytest.raises(UnreachableError, match=r"\(Bad Gateway \(502\)\)") as caught:
            await start(tmp_path, address)

    assert "hotel" not in str(caught.value)


@pytest.mark.parametrize("result", [b"{}", b"5", b"null"])
async def test_whoever_answers_like_the_bot_api_but_names_no_bot_is_none(
    tmp_path: Path, result: bytes
) -> None:
    async with a_page(b"200 OK", b'{"ok":true,"result":' + result + b"}") as address:
        with pytest.raises(UnreachableError, match="names no bot"):
            await start(tmp_path, address)


async def test_a_token_that_telegram_does_not_know_is_said(tmp_path: Path, simulator: Simulator) -> None:
    with pytest.raises(TokenRefusedError, match="BotFather"):
        await start(tmp_path, simulator.url)


async def test_a_wrong_path_in_the_address_points_to_the_address(
    tmp_path: Path, simulator: Simulator
) -> None:
    with pytest.raises(TokenRefusedError, match="BACKCHECK_API_URL"):
        await start(tmp_path, f"{simulator.url}/wrong", simulator.token)


async def test_being_asked_to_stop_before_everything_is_up_is_an_ordinary_end(tmp_path: Path) -> None:
    stop = asyncio.Event()
    stop.set()
    settings = {"BACKCHECK_TOKEN": "123456:canary", "BACKCHECK_API_URL": "http://127.0.0.1:9"}

    async with asyncio.timeout(60):
        await run(
            Settings.read({**settings, "BACKCHECK_DATABASE": str(tmp_path / "a.db")}), ManualClock(), stop
        )

    assert (tmp_path / "a.db").exists()
