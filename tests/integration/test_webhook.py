"""Updates by webhook: the whole bot behind it, and the door that lets nobody else in."""

import asyncio
import os
import random
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from io import BytesIO
from pathlib import Path

import aiohttp
import pytest
import structlog
from aiohttp import web
from click.testing import CliRunner
from telegram.ext import ExtBot

from tests.fakes.memory_store import MemoryStore
from tests.integration.conftest import READ_ONCE
from tests.integration.watching import a_free_address
from tgbot.chat.lanes import Lanes
from tgbot.chat.polling import Polling
from tgbot.chat.startup import build
from tgbot.chat.updates import IncomingMessage, Update, UpdateReader
from tgbot.chat.webhook import Webhook, WebhookSettings, set_webhook
from tgbot.cli import main
from tgbot.clock import SystemClock, TravelClock
from tgbot.finder.finding import Unknown
from tgbot.service.store_port import StoreError
from tgbot.settings import Settings, SettingsError
from tgbot.simulator import actions
from tgbot.simulator.faults import Fault
from tgbot.simulator.simulator_server import Simulator
from tgbot.store.private_files import UMASK
from tgbot.web.server import MOST_BYTES, SECRET_HEADER, reserved, serving, webhook_app
from tgbot.wiring.process import run

OLD, NEW = "o" * 43, "n" * 43
HELLO = b'{"update_id": 5, "message": {"message_id": 1, "text": "hi", "chat": {"id": 7, "type": "private"}}}'


@pytest.fixture
def hooked(settings: Settings) -> Settings:
    host, port = a_free_address()
    more = {"webhook": f"http://{host}:{port}/updates", "webhook_listen": (host, port)}
    return settings.model_copy(update=more)


@asynccontextmanager
async def running(settings: Settings, clock: TravelClock) -> AsyncIterator[None]:
    stop = asyncio.Event()
    bot = asyncio.create_task(run(settings, clock, stop, READ_ONCE))
    yield
    stop.set()
    async with asyncio.timeout(60):
        await bot


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 – the server sets no event
            await asyncio.sleep(0.01)


def methods(simulator: Simulator) -> list[str]:
    return [call.method for call in simulator.tg.journal.calls]


async def test_a_bot_behind_a_webhook_answers_and_never_polls(
    simulator: Simulator, hooked: Settings, clock: TravelClock
) -> None:
    ada = simulator.person("Ada")
    async with running(hooked, clock):
        await until(lambda: "setWebhook" in methods(simulator))
        await ada.send("/start")
        assert "Backcheck" in ada.screen.text
        await ada.send("heat or ice")
        assert "Heat or ice" in ada.screen.text

    assert "getUpdates" not in methods(simulator)
    assert not simulator.tg.updates.pending


def asked(simulator: Simulator, times: int) -> bool:
    return methods(simulator).count("getWebhookInfo") >= times


async def test_a_restart_with_the_same_address_leaves_the_webhook_alone(
    simulator: Simulator, hooked: Settings, clock: TravelClock
) -> None:
    """A change makes Telegram load everything anew, and what is in flight comes twice."""
    for start in (1, 2):
        async with running(hooked, clock):
            await until(partial(asked, simulator, start))

    assert methods(simulator).count("setWebhook") == 1
    assert "deleteWebhook" not in methods(simulator)


async def test_a_poison_update_is_taken_and_does_not_block_its_chat(
    simulator: Simulator, hooked: Settings, clock: TravelClock
) -> None:
    ada = await simulator.person("Ada").arrives()
    async with running(hooked, clock):
        simulator.tg.updates.add("message", {"message_id": "not a message"}, f"chat:{ada.id}")
        await ada.send("/help")

        assert "What I can do" in ada.screen.text


async def test_what_was_begun_when_the_bot_is_stopped_is_finished_and_the_rest_comes_again(
    simulator: Simulator, hooked: Settings, clock: TravelClock
) -> None:
    user = simulator.tg.world.person("Ada")
    slow = Fault("delay_before", method="sendMessage", seconds=0.5)
    simulator.tg.faults.add(slow)
    async with running(hooked, clock):
        actions.say(simulator.tg, user, simulator.tg.world.chats[user.id], {"text": "/help"})
        await until(lambda: slow.struck)
    actions.say(simulator.tg, user, simulator.tg.world.chats[user.id], {"text": "/faq"})
    async with running(hooked, clock):
        await until(lambda: not simulator.tg.updates.pending)

    said = [m.body["text"] for m in simulator.tg.world.chats[user.id].messages.values() if m.from_bot]
    assert len(said) == 2


class Desk:
    """The webhook's door, with lanes behind it that do what `answer` says."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.refused = 0
        self.answer: Callable[[], Awaitable[object]] | None = None
        clock = SystemClock()
        self.lanes = Lanes(self.process, self.process, MemoryStore(), clock)
        bot: ExtBot[bool] = build("1:x", "http://127.0.0.1:9", None)
        told = WebhookSettings("https://bot.example.org/updates", (NEW, OLD), 40)
        reader = UpdateReader(42, "us", (), lambda _: Unknown())
        self.webhook = Webhook(bot, told, reader, self.lanes, clock, lambda: None, answer_within=0.2)

    async def process(self, update: Update) -> None:
        assert isinstance(update, IncomingMessage)
        if self.answer:
            await self.answer()
        self.done.append(update.typed.text)

    def refuse(self) -> None:
        self.refused += 1


@asynccontextmanager
async def a_door() -> AsyncIterator[tuple[Desk, aiohttp.ClientSession]]:
    desk = Desk()
    app = webhook_app("/updates", (NEW, OLD), desk.webhook.finish, desk.refuse)
    with reserved("X", "127.0.0.1", 0) as address:
        async with (
            serving(app, address),
            aiohttp.ClientSession(f"http://127.0.0.1:{address.getsockname()[1]}") as http,
        ):
            yield desk, http


async def posts(
    http: aiohttp.ClientSession, body: bytes = HELLO, secret: str = NEW, path: str = "/updates"
) -> int:
    async with http.post(path, data=BytesIO(body), headers={SECRET_HEADER: secret}) as answer:
        return answer.status


async def test_two_secrets_are_accepted_while_they_are_changed_and_no_other() -> None:
    async with a_door() as (desk, http):
        statuses = [
            await posts(http, secret=secret) for secret in (NEW, OLD, "", "x", NEW[:-1], NEW + "n", "é")
        ]

    assert statuses == [200, 200, 401, 401, 401, 401, 401]
    assert desk.done == ["hi"], "the second is known"
    assert desk.refused == 5


async def test_what_is_too_large_or_no_update_is_not_taken() -> None:
    async with a_door() as (desk, http):
        bodies = (b"{}", b"[]", b"5", b"", b"{", b'{"update_id": "x"}', b" " * (MOST_BYTES + 1))
        statuses = [await posts(http, body) for body in bodies]
        elsewhere = await posts(http, path="/other")

    assert statuses == [400] * 6 + [413]
    assert elsewhere == 404
    assert desk.done == []


async def test_half_a_character_code_in_a_message_does_not_block_its_chat() -> None:
    async with a_door() as (desk, http):
        assert await posts(http, HELLO.replace(b'"hi"', b'"hi \\ud83d"')) == 200

    assert len(desk.done) == 1


async def test_what_takes_too_long_comes_again_and_is_done_once() -> None:
    ready = asyncio.Event()
    async with a_door() as (desk, http):
        desk.answer = ready.wait
        assert await posts(http) == 503
        assert await posts(http) == 503
        ready.set()
        assert await posts(http) == 200
        assert await posts(http) == 200

    assert desk.done == ["hi"]


async def test_while_the_database_is_away_an_update_is_kept_and_not_given_up() -> None:
    async with a_door() as (desk, http):
        tries: list[int] = []

        async def restarts() -> None:
            tries.append(len(tries))
            if len(tries) == 1:
                raise StoreError("The database says: terminating connection due to administrator command.")

        desk.answer = restarts
        assert await posts(http) == 503, "it is not finished, so Telegram sends it again"
        await until(lambda: desk.done)
        assert await posts(http) == 200
        assert (desk.done, desk.lanes.count.poisoned) == (["hi"], 0)


async def test_ten_thousand_strange_requests_are_not_handled() -> None:
    dice = random.Random(15)
    verbs = ("GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS")
    paths = ("/updates", "/", "/updates/", "/updates//", "/updates?x=1", "/%00", "/healthz", "/../updates")
    statuses: set[int] = set()

    async def strange(http: aiohttp.ClientSession) -> None:
        secret = "".join(dice.choices("abcABC019-_ é", k=dice.choice((0, 1, 42, 43, 64, 300))))
        headers = {} if dice.random() < 0.2 else {SECRET_HEADER: secret}
        body = HELLO if dice.random() < 0.5 else dice.randbytes(dice.choice((0, 1, 100, 20_000)))
        async with http.request(dice.choice(verbs), dice.choice(paths), data=body, headers=headers) as answer:
            statuses.add(answer.status)

    async with a_door() as (desk, http):
        for _ in range(200):
            await asyncio.gather(*(strange(http) for _ in range(50)))
        assert await posts(http) == 200, "and it is still there for Telegram"

    assert desk.done == ["hi"]
    assert all(400 <= status < 500 for status in statuses), statuses


async def test_a_poller_says_that_a_webhook_is_set_and_does_not_delete_it(simulator: Simulator) -> None:
    bot = build(simulator.token, simulator.url, None)
    told = WebhookSettings("http://127.0.0.1:9/secret-path", (NEW,), 40)
    async with bot:
        await set_webhook(bot, told, SystemClock())
        lanes = Lanes(_never, _never, MemoryStore(), SystemClock())
        reader = UpdateReader(bot.id, bot.username, (), lambda _: Unknown())
        with structlog.testing.capture_logs() as logs:
            polling = asyncio.create_task(Polling(bot, reader, lanes, SystemClock(), lambda: None).run())
            await until(lambda: logs)
            polling.cancel()
            await asyncio.gather(polling, return_exceptions=True)

    assert logs[0]["event"] == "webhook_is_set"
    assert logs[0]["host"] == "127.0.0.1:9"
    assert "deleteWebhook" not in methods(simulator)


async def _never(_: Update) -> None:
    raise AssertionError("nothing comes")


async def test_the_command_sets_shows_and_deletes(simulator: Simulator) -> None:
    runner = CliRunner(
        env={
            "BACKCHECK_TOKEN": simulator.token,
            "BACKCHECK_API_URL": simulator.url,
            "BACKCHECK_WEBHOOK": "https://bot.example.org/updates",
        }
    )

    async def said(*words: str) -> str:
        done = await asyncio.to_thread(runner.invoke, main, ["webhook", *words])
        assert done.exit_code == 0, done.output
        return done.output

    assert "No webhook is set" in await said("show")
    assert "posts to https://bot.example.org/updates" in await said("set")
    assert "posts to https://bot.example.org/updates" in await said("show")
    secret = simulator.tg.webhook.secret_token
    assert len(secret) == 64, "256 bits, derived from the token"
    await said("delete")
    assert "No webhook is set" in await said("show")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("WEBHOOK", "http://bot.example.org/x"),
        ("WEBHOOK", "https://bot.example.org:8080/x"),
        ("WEBHOOK", "bot.example.org"),
        ("WEBHOOK_SECRET", "short"),
        ("WEBHOOK_SECRET", f"{NEW} {OLD} {NEW}"),
        ("WEBHOOK_SECRET", NEW + "!"),
        ("WEBHOOK_LISTEN", "8082"),
        ("WEBHOOK_CONNECTIONS", "0"),
    ],
)
def test_settings_that_telegram_would_not_take_are_a_sentence(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"BACKCHECK_{variable} "):
        Settings.read({f"BACKCHECK_{variable}": value})


def test_a_unix_socket_and_two_secrets_are_read_and_no_log_shows_them() -> None:
    read = Settings.read(
        {
            "BACKCHECK_WEBHOOK_LISTEN": "unix:/run/backcheck/hook.sock",
            "BACKCHECK_WEBHOOK_SECRET": f"{NEW} {OLD}",
        }
    )

    assert read.webhook_listen == Path("/run/backcheck/hook.sock")
    assert read.secrets() == read.webhook_secrets() == [NEW, OLD]
    assert NEW not in repr(read)


async def test_a_unix_socket_is_for_the_group_of_the_server_in_front(tmp_path: Path) -> None:
    before = os.umask(UMASK)
    try:
        async with serving(web.Application(), tmp_path / "hook.sock"):
            mode = await asyncio.to_thread(os.stat, tmp_path / "hook.sock")
    finally:
        os.umask(before)

    assert stat.S_IMODE(mode.st_mode) == 0o660


async def test_a_unix_socket_serves_too(tmp_path: Path) -> None:
    desk, path = Desk(), tmp_path / "hook.sock"
    app = webhook_app("/updates", (NEW,), desk.webhook.finish, desk.refuse)
    connector = aiohttp.UnixConnector(str(path))
    async with serving(app, path), aiohttp.ClientSession("http://bot", connector=connector) as http:
        assert await posts(http) == 200
