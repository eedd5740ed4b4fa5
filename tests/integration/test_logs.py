"""A canary token driven through every way in which libraries would let it out."""

import json
import subprocess
import sys

import pytest

TOKEN = "123456:canary-AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"

PROGRAM = """
import asyncio, logging, sys, threading, warnings
import httpx
import structlog
from telegram import Bot
from telegram.error import InvalidToken
from tgbot.chat.telegram_connection import TelegramConnection
from tgbot.logs import configure

TOKEN = sys.argv[2]
configure(sys.argv[1], [TOKEN], level="DEBUG")
for library in ("aiohttp", "httpx", "httpcore", "telegram", "asyncio"):
    logging.getLogger(library).setLevel(logging.DEBUG)
log = structlog.get_logger()

async def main():
    bot = Bot(TOKEN, base_url="http://127.0.0.1:9/bot")
    line = TelegramConnection(longest=4, connections=1, proxy="http://127.0.0.1:9")
    slow = TelegramConnection(longest=0.000001, connections=1)
    for by in (line, slow):
        try:
            async with by:
                await by.post(f"https://127.0.0.1:9/bot{TOKEN}/getMe")
        except Exception as error:
            assert TOKEN not in str(error)
            log.exception("line_down")
    log.info("a_bot", bot=repr(bot), url=f"https://api.telegram.org/bot{TOKEN}/getMe")
    logging.getLogger("somebody").warning("%s and %r", bot.base_url, {"token": TOKEN})
    try:
        await bot.initialize()
    except Exception:
        log.exception("not_reached", secret=TOKEN.partition(":")[2])
    try:
        raise InvalidToken(f"The token {TOKEN} was rejected")
    except InvalidToken as error:
        log.error("refused", error=str(error), exc_info=error)
    async def dies():
        raise RuntimeError(f"in a task: {TOKEN}")
    asyncio.get_running_loop().create_task(dies())
    await asyncio.sleep(0.01)
    import gc; gc.collect()
    await bot.shutdown()

warnings.warn(f"a warning about {TOKEN}")
asyncio.run(main())

def thread():
    raise ValueError(f"in a thread: {TOKEN}")

started = threading.Thread(target=thread)
started.start()
started.join()

class Falls:
    def __del__(self):
        raise OSError(f"nobody can catch {TOKEN.replace(':', '%3A')}")

Falls()
raise SystemError(f"at the end: {TOKEN}")
"""


@pytest.mark.parametrize("style", ["console", "json"])
def test_the_token_comes_out_nowhere(style: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, style, TOKEN], capture_output=True, text=True, timeout=60, check=False
    )
    said = ended.stdout + ended.stderr

    assert ended.returncode == 1
    for event in ("line_down", "a_bot", "not_reached", "refused", "a warning about", "in a task",
                  "in a thread", "nobody can catch", "at the end"):  # fmt: skip
        assert event in said, f"{event} was not logged at all"
    assert "canary" not in said
    assert "[secret]" in said


def test_json_is_one_event_a_line() -> None:
    program = (
        "import structlog; from tgbot.logs import configure; configure('json');"
        "structlog.get_logger().info('courier_ran', sent=3)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    (line,) = ended.stderr.splitlines()
    event = json.loads(line)

    assert (event["event"], event["level"], event["sent"]) == ("courier_ran", "info", 3)
    assert event["timestamp"].endswith("Z")


def test_httpx_writes_no_addresses() -> None:
    program = (
        "import logging; from tgbot.logs import configure; configure('console');"
        "logging.getLogger('httpx').info('HTTP Request: POST https://api.telegram.org/bot1:x/getMe')"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )

    assert ended.stderr == ""


def test_a_broken_answer_of_telegram_is_not_quoted() -> None:
    """PTB logs what it cannot read, and that may be what somebody wrote."""
    program = (
        "from tgbot.logs import configure; configure('console');"
        "from telegram.request import BaseRequest\n"
        "try: BaseRequest.parse_json_payload(b'{my pain is')\n"
        "except Exception as error: print(type(error).__name__)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )

    assert (ended.stdout, ended.stderr) == ("TelegramError\n", "")
