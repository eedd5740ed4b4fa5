"""A start looks at what can be wrong before it does what is slow, says that it starts, and can be stopped."""

import asyncio
import shutil
import signal
import threading
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from tests.crash.settling import until
from tests.integration.processes import started
from tests.integration.watching import a_free_address
from tgbot.chat.startup import TokenRefusedError
from tgbot.clock import TravelClock
from tgbot.errors import DatabaseError
from tgbot.packs.whole import Whole
from tgbot.settings import Settings, shipped_content
from tgbot.simulator.simulator_server import Simulator
from tgbot.wiring.foundation import Hooks
from tgbot.wiring.process import run


class SlowWords:
    """A pack that is never read to its end."""

    def __init__(self) -> None:
        self.begun, self._never = threading.Event(), threading.Event()

    def read(self, _: Path) -> Whole:
        self.begun.set()
        self._never.wait()
        raise AssertionError("nobody lets it go on")


async def test_while_the_words_are_read_health_says_so_and_a_wish_to_stop_is_heard(
    settings: Settings,
) -> None:
    words, stop, address = SlowWords(), asyncio.Event(), a_free_address()
    watched = settings.model_copy(update={"health": address})
    bot = asyncio.create_task(run(watched, TravelClock(), stop, Hooks(read=words.read)))
    await asyncio.to_thread(words.begun.wait, 60)
    async with httpx.AsyncClient(base_url=f"http://{address[0]}:{address[1]}") as watcher:
        alive, ready = await watcher.get("/healthz"), await watcher.get("/readyz")
    assert (alive.status_code, alive.json()["starting"]) == (200, True)
    assert (ready.status_code, ready.json()["problems"]) == (503, ["starting"])
    stop.set()
    async with asyncio.timeout(60):
        await bot


async def test_a_refused_token_is_told_before_the_words_are_read(
    simulator: Simulator, settings: Settings
) -> None:
    words = SlowWords()
    wrong = settings.model_copy(update={"token": SecretStr("1:wrong")})
    with pytest.raises(TokenRefusedError):
        await run(wrong, TravelClock(), asyncio.Event(), Hooks(read=words.read))
    assert not words.begun.is_set()


async def test_a_database_that_is_none_is_told_before_the_words_are_read(settings: Settings) -> None:
    words = SlowWords()
    Path(settings.database.get_secret_value()).write_bytes(b"no database" * 1000)  # noqa: ASYNC240
    with pytest.raises(DatabaseError):
        await run(settings, TravelClock(), asyncio.Event(), Hooks(read=words.read))
    assert not words.begun.is_set()


async def test_a_start_that_must_learn_ends_when_it_is_asked_to_and_not_when_it_has_learned(
    simulator: Simulator, tmp_path: Path
) -> None:
    content = shutil.copytree(shipped_content(), tmp_path / "content")
    alarms = content / "en" / "alarms.yaml"
    alarms.write_text(
        alarms.read_text(encoding="utf-8").replace("E1: |\n", "E1: |\n  such words are new\n", 1),
        encoding="utf-8",
    )
    log, cache = tmp_path / "log", tmp_path / "cache"
    database = str(tmp_path / "bot.db")
    bot = await started(
        *(simulator, tmp_path),
        BACKCHECK_CONTENT=str(content),
        BACKCHECK_DATABASE=database,
        XDG_CACHE_HOME=str(cache),
    )
    await until(lambda: b"Learning alarms" in log.read_bytes(), 240, "it does not learn")

    bot.send_signal(signal.SIGTERM)

    assert await bot.wait() == 0
    said = log.read_text(encoding="utf-8")
    assert "running" not in said
    assert "Traceback" not in said
    assert not list(cache.rglob("alarms-*")), "it has waited until all was learned"
