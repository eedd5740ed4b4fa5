"""Faults that operators meet, planted one by one: each is told in its own line, with what to do."""

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.conformance.people import ANNA, follow_up_of, planned
from tests.content.test_signatures import SIGNER, every
from tgbot.chat.webhook import derived_secret
from tgbot.cli import main
from tgbot.clock import TravelClock
from tgbot.doctor import (
    Condition,
    DatabaseReport,
    Diagnosis,
    diagnose_database,
    diagnose_file,
    diagnose_machine,
    diagnose_pack,
    diagnose_telegram,
)
from tgbot.packs.signatures import sign
from tgbot.settings import Settings, shipped_content
from tgbot.simulator.faults import Fault
from tgbot.simulator.simulator_server import Simulator
from tgbot.simulator.webhooks import WebhookQueue
from tgbot.store.opening import open_store
from tgbot.store.sealing import new_key
from tgbot.store.sqlite.backups import note_backup

BROKEN, LOOK = Condition.BROKEN, Condition.LOOK
TODAY = date(2026, 12, 2)


def complaints(found: Iterable[Diagnosis]) -> list[tuple[str, Condition]]:
    wrong = [each for each in found if each.condition is not Condition.OK]
    assert all(each.remedy for each in wrong), "each says what to do"
    return [(each.subject, each.condition) for each in wrong]


# -- Telegram


async def test_telegram_is_well(simulator: Simulator, settings: Settings, clock: TravelClock) -> None:
    found = await diagnose_telegram(settings, clock)

    assert not complaints(found)
    assert {each.subject for each in found} == {"token", "clock", "updates"}


async def test_no_token(settings: Settings, clock: TravelClock) -> None:
    found = await diagnose_telegram(settings.model_copy(update={"token": None}), clock)

    assert complaints(found) == [("token", BROKEN)]


async def test_a_token_that_telegram_refuses(
    simulator: Simulator, settings: Settings, clock: TravelClock
) -> None:
    simulator.tg.faults.add(Fault("status", method="getMe", status=401, times=None))

    assert complaints(await diagnose_telegram(settings, clock)) == [("token", BROKEN)]


async def test_nobody_answers_at_telegrams_address(settings: Settings, clock: TravelClock) -> None:
    elsewhere = settings.model_copy(update={"api_url": "http://127.0.0.1:1"})

    assert complaints(await diagnose_telegram(elsewhere, clock)) == [("telegram", BROKEN)]


async def test_a_webhook_that_keeps_the_bot_from_polling(
    simulator: Simulator, settings: Settings, clock: TravelClock
) -> None:
    simulator.tg.webhook = WebhookQueue(url="https://elsewhere.example/hook")

    assert complaints(await diagnose_telegram(settings, clock)) == [("updates", BROKEN)]


async def test_telegram_could_not_post(simulator: Simulator, settings: Settings, clock: TravelClock) -> None:
    url = "https://bot.example/hook"
    simulator.tg.webhook = WebhookQueue(url=url, last_error="Connection refused", last_error_at=clock.now())
    secret = derived_secret("123456:ABC")
    posted = settings.model_copy(update={"webhook": url, "webhook_secret": secret})

    assert complaints(await diagnose_telegram(posted, clock)) == [("webhook", LOOK)]


async def test_a_clock_that_is_wrong(simulator: Simulator, settings: Settings) -> None:
    wrong = TravelClock()
    wrong.push(timedelta(hours=2))

    found = await diagnose_telegram(settings, wrong)

    assert complaints(found) == [("clock", LOOK)]
    assert any("s ahead of Telegram" in each.says for each in found)


# -- the database


@pytest.fixture
async def kept(settings: Settings, clock: TravelClock) -> Settings:
    """A database in use, sealed, private, copied a moment ago."""
    sealed = settings.model_copy(update={"key": Settings(key=new_key()).key})
    assert sealed.key
    path, now = _path(sealed), clock.now()
    async with open_store(str(path), now, keys=sealed.key.get_secret_value()) as store:
        await planned(store, ANNA, follow_up_of(ANNA, due=now + timedelta(hours=1)))
    note_backup(path, now)
    return sealed


def _path(settings: Settings) -> Path:
    return Path(settings.database.get_secret_value())


def _execute(settings: Settings, sql: str) -> None:
    with closing(sqlite3.connect(_path(settings))) as connection, connection:
        connection.execute(sql)


def _overwrite(settings: Settings) -> None:
    content = bytearray(_path(settings).read_bytes())
    content[4096 * 2 : 4096 * 3] = b"\xff" * 4096
    _path(settings).write_bytes(content)


async def test_the_database_is_well(kept: Settings, clock: TravelClock) -> None:
    found = await diagnose_database(kept, clock)

    assert not complaints(found)
    assert {each.subject for each in found} == {"database", "disk", "check-ins", "key", "backup"}


async def test_there_is_no_database_yet(settings: Settings, clock: TravelClock) -> None:
    assert complaints(await diagnose_database(settings, clock)) == [("database", LOOK)]
    assert not _path(settings).exists(), "the doctor makes nothing"


FAULTS: dict[str, tuple[Callable[[Settings], object], tuple[str, Condition]]] = {
    "of a newer version": (lambda s: _execute(s, "PRAGMA user_version = 9999"), ("database", BROKEN)),
    "damaged": (_overwrite, ("database", BROKEN)),
    "no database at all": (lambda s: _path(s).write_bytes(b"some words" * 500), ("database", BROKEN)),
    "readable by others": (lambda s: _path(s).chmod(0o644), ("database", LOOK)),
    "never copied": (lambda s: _path(s).with_name("backcheck.db.last-backup").unlink(), ("backup", LOOK)),
    "held since a restore": (
        lambda s: _execute(s, "UPDATE follow_up SET held = 1, ready_at = NULL"),
        ("check-ins", LOOK),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_database_that_is(kept: Settings, clock: TravelClock, fault: str) -> None:
    plant, told = FAULTS[fault]
    plant(kept)

    assert told in complaints(await diagnose_database(kept, clock))


async def test_the_folder_of_the_database_is_missing(settings: Settings, clock: TravelClock) -> None:
    nowhere = Settings(database="/nonexistent/backcheck.db")

    assert complaints(await diagnose_database(nowhere, clock)) == [("database", BROKEN)]


async def test_the_key_is_another_ones(kept: Settings, clock: TravelClock) -> None:
    other = kept.model_copy(update={"key": Settings(key=new_key()).key})

    assert complaints(await diagnose_database(other, clock)) == [("key", BROKEN)]


async def test_what_the_store_says_is_no_fault_of_the_key(kept: Settings, clock: TravelClock) -> None:
    _execute(kept, "DROP TABLE quarantined_update")

    assert complaints(await diagnose_database(kept, clock)) == [("database", BROKEN)]


async def test_messages_that_were_put_aside(kept: Settings, clock: TravelClock) -> None:
    put_aside = f"7, 'message', 'KeyError', {clock.now().timestamp() * 1000:.0f}"
    _execute(kept, f"INSERT INTO quarantined_update (id, kind, error, at) VALUES ({put_aside})")
    assert ("messages", LOOK) in complaints(await diagnose_database(kept, clock))
    clock.push(timedelta(days=31))

    assert ("messages", LOOK) not in complaints(await diagnose_database(kept, clock)), "it is long ago"


async def test_check_ins_that_are_late_and_a_backup_that_is_old(kept: Settings, clock: TravelClock) -> None:
    clock.push(timedelta(days=5))

    found = complaints(await diagnose_database(kept, clock))

    assert found == [("check-ins", LOOK), ("backup", LOOK)]


def test_a_disk_that_is_nearly_full() -> None:
    full = DatabaseReport("/var/lib/backcheck.db", schema=1, known=1, free=0.04)

    assert complaints([*diagnose_file(full)]) == [("disk", LOOK)]


def test_nothing_is_said_of_a_disk_that_the_bot_does_not_see() -> None:
    """A server's is its operator's to watch."""
    assert [*diagnose_file(DatabaseReport("db/backcheck", schema=1, known=1))] == []


# -- the words


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = shutil.copytree(shipped_content(), tmp_path_factory.mktemp("signed") / "content")
    sign(root, SIGNER, list(every(root).values()))
    return root


def test_the_words_are_well(signed: Path) -> None:
    assert not complaints(diagnose_pack(Settings(content=signed), TODAY))


def test_a_review_that_lapses_soon(signed: Path) -> None:
    soon = SIGNER.until - timedelta(days=20)

    assert complaints(diagnose_pack(Settings(content=signed), soon)) == [("reviews", LOOK)]


def test_nobody_has_signed_and_the_country_is_unknown() -> None:
    found = complaints(diagnose_pack(Settings(country="XX"), TODAY))

    assert found == [("country", BROKEN), ("reviews", LOOK)]


def test_a_pack_that_cannot_be_used(tmp_path: Path) -> None:
    found = list(diagnose_pack(Settings(content=tmp_path), TODAY))

    assert complaints(found) == [("pack", BROKEN)]
    assert str(tmp_path) in found[0].says


# -- the machine


def test_a_font_that_is_none_and_a_token_file_for_everybody(tmp_path: Path) -> None:
    font, token = tmp_path / "own.ttf", tmp_path / "token"
    font.write_bytes(b"no font")
    token.write_text("123456:ABC")
    token.chmod(0o644)

    found = complaints(diagnose_machine(Settings(font=font), {"BACKCHECK_TOKEN_FILE": str(token)}))

    assert found == [("fonts", BROKEN), ("secrets", LOOK)]


# -- the command


def run(*arguments: str, **environment: str) -> Result:
    runner = CliRunner(env={f"BACKCHECK_{name.upper()}": value for name, value in environment.items()})
    return runner.invoke(main, ["doctor", *arguments])


def test_a_setting_that_makes_no_sense_is_told_first(tmp_path: Path) -> None:
    result = run(country="Britain", databse="x")

    assert result.exit_code == 1
    assert result.output.count("BROKEN") == 2
    assert "did you mean BACKCHECK_DATABASE?" in result.output


def test_a_script_gets_json_and_an_exit_code(tmp_path: Path) -> None:
    result = run("--json", database=str(tmp_path / "a.db"), api_url="http://127.0.0.1:1")

    told = json.loads(result.output)
    assert result.exit_code == told["exit"] == 1
    assert {"token", "database", "pack", "reviews", "health"} <= {each["subject"] for each in told["found"]}
