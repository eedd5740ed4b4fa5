"""How many files of the bot an update passes through, from what Telegram sent to what goes back.

Whoever picks this up has to read them to follow one tap: the numbers may only go down.
"""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import tgbot
from tgbot.simulator.simulated_people import SimulatedPerson

HOUSE = Path(tgbot.__file__).parent
A_TAP, A_MESSAGE = 11, 25  # of a message, ten are the finder's; the aim is 16


def on_the_walk() -> bool:
    try:
        task = asyncio.current_task()
    except RuntimeError:
        return False
    if task is None:
        return False
    work = getattr(task.get_coro(), "__qualname__", "")
    return task.get_name() == "poller" or work in ("Lanes._in_turn", "_answer_query")


@contextmanager
def traced() -> Iterator[set[str]]:
    """The files in which a function ran for this update: in a poll, in its lane, in the answer to a tap. What
    the bot does beside, on its own time, is not of the walk; nor is the simulator."""
    files: set[str] = set()

    def profile(frame: FrameType, event: str, _: Any) -> None:
        path = Path(frame.f_code.co_filename)
        if event == "call" and HOUSE in path.parents and "simulator" not in path.parts and on_the_walk():
            files.add(str(path.relative_to(HOUSE)))

    sys.setprofile(profile)
    try:
        yield files
    finally:
        sys.setprofile(None)


async def test_a_tap_passes_through_few_files(ada: SimulatedPerson) -> None:
    await ada.send("/faq")
    label = ada.screen.labels[0]
    await ada.tap(label)
    await ada.send("/faq")
    with traced() as files:
        await ada.tap(label)

    assert len(files) <= A_TAP, "\n".join(sorted(files))


async def test_a_typed_message_passes_through_few_files(ada: SimulatedPerson) -> None:
    await ada.send("heat or ice")
    with traced() as files:
        await ada.send("can I drive with this")

    assert len(files) <= A_MESSAGE, "\n".join(sorted(files))
