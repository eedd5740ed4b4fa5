"""Words that cannot be read leave the old ones in use, whatever is wrong with them."""

import asyncio
import threading
from contextlib import suppress
from typing import Any, cast

import pytest

from tests.content.test_loader import PACK
from tgbot.packs import whole
from tgbot.service.ports import Alert
from tgbot.wiring.editions import PackReloading

UNUSED: Any = cast(Any, None)


async def nothing_wrong() -> None:
    pass


async def test_a_mistake_of_ours_in_reading_keeps_the_old_words_and_is_told() -> None:
    alerts: list[Alert] = []

    def make() -> Any:
        raise ValueError("string keys in translate table must be of length 1")

    wanted = asyncio.Event()
    reloading = PackReloading(
        UNUSED, UNUSED, UNUSED, make, wanted, alerts.append, lambda: None, nothing_wrong
    )

    await reloading.reload()

    assert reloading.loads == 1
    assert "ValueError: string keys" in reloading.problem
    assert [alert.event for alert in alerts] == ["pack_not_reloaded"]


def test_a_stop_does_not_wait_for_the_words() -> None:
    let_go, read = threading.Event(), threading.Event()

    def make() -> Any:
        let_go.wait(30)
        read.set()
        raise ValueError

    async def stopped() -> None:
        reloading = PackReloading(
            UNUSED, UNUSED, UNUSED, make, asyncio.Event(), lambda _: None, lambda: None, nothing_wrong
        )
        with suppress(TimeoutError):
            async with asyncio.timeout(0):
                await reloading.reload()

    asyncio.run(stopped())

    assert not read.is_set()
    let_go.set()


def test_a_mistake_of_ours_is_a_problem_of_the_pack_to_who_examines_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Else the running bot would read, in a thread of its own, what has just failed."""

    def broken(_: object) -> None:
        raise IndexError("tuple index out of range")

    monkeypatch.setattr(whole, "load_whole", broken)

    assert whole.report(PACK) == 3
    said = capsys.readouterr()
    assert "IndexError" in said.out
    assert "Traceback" in said.err
