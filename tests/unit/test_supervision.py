"""A vital part that ends takes the process with it; being asked to stop lets every part finish."""

import asyncio
import threading

import pytest
from structlog.testing import capture_logs

from tgbot.errors import BackcheckError
from tgbot.supervision import VitalPartDiedError, beside, supervise


class Part:
    """Works until it is cancelled, and then cleans up."""

    def __init__(self) -> None:
        self.cleaned_up = False

    async def run(self) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            self.cleaned_up = True


async def returns() -> None:
    """A part that thinks it is done."""


async def breaks() -> None:
    raise KeyError("a bug")


async def is_told() -> None:
    raise BackcheckError("The token was refused.")


@pytest.mark.parametrize(
    ("dies", "says"),
    [(returns, "poller has stopped .it returned."), (breaks, "poller has stopped .KeyError.")],
)
async def test_a_part_that_ends_ends_everything(dies, says: str) -> None:  # type: ignore[no-untyped-def]
    courier = Part()

    with pytest.raises(VitalPartDiedError, match=says):
        await supervise({"poller": dies(), "courier": courier.run()}, asyncio.Event())
    assert courier.cleaned_up


async def test_what_an_operator_can_mend_is_said_as_it_is() -> None:
    with capture_logs() as logs, pytest.raises(BackcheckError, match="The token was refused"):
        await supervise({"poller": is_told()}, asyncio.Event())

    assert logs == [], "a sentence needs no traceback before it"


async def test_stopping_lets_every_part_finish_and_raises_nothing() -> None:
    poller, courier, stop = Part(), Part(), asyncio.Event()
    stop.set()
    await supervise({"poller": poller.run(), "courier": courier.run()}, stop)

    assert not asyncio.all_tasks() - {asyncio.current_task()}


async def test_what_is_slow_hands_over_its_result_or_its_error() -> None:
    assert await beside(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        await beside(lambda: 1 // 0)


async def test_nobody_has_to_wait_for_what_is_slow() -> None:
    """A start that is told to stop while it reads its words stops at once."""
    begun, never = threading.Event(), threading.Event()

    def slow() -> None:
        begun.set()
        never.wait()

    waiting = asyncio.create_task(beside(slow))
    await asyncio.to_thread(begun.wait, 60)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert waiting.cancelled()
    never.set()
