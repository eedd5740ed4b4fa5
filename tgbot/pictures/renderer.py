"""Draws in a process of its own: a thread would hold the interpreter's lock, and the event loop with it.

The process lives for one picture, so nothing of it stays in memory, and a picture that takes too long is
ended. One is drawn at a time: a hundred people asking at once wait a little instead of filling the machine.
The process gives way to the bot: on a machine with one core a chart may take longer, a tap may not.
"""

import os

if __name__ == "__main__" and hasattr(os, "nice"):
    os.nice(10)  # before anything large is imported

import asyncio
import importlib.util
import json
import sys
from dataclasses import asdict
from pathlib import Path

from pydantic import TypeAdapter

from tgbot.screens.pictures import CardData, ChartData
from tgbot.service.ports import PictureError

LONGEST = 120.0  # seconds for one picture: two of work, but it gives way to whatever else the machine does
_WORKER = (sys.executable, "-m", "tgbot.pictures.renderer")


class PictureRenderer:
    """Charts and cards, made elsewhere. `charts` and `cards`: whether what draws them is installed.

    `font` has the letters that are not in the shipped ones.
    """

    def __init__(self, font: Path | None = None) -> None:
        self._font = font
        self.charts = _installed("matplotlib")
        self.cards = self.charts and _installed("fpdf") and _installed("uharfbuzz")
        self._one_at_a_time = asyncio.Semaphore(1)

    def letters(self) -> frozenset[int] | None:
        """The code points that can be shown; None when nothing can be drawn here. Raises FontError."""
        if not self.charts:
            return None
        from tgbot.pictures.chart import letters  # it needs what draws

        return letters(self._font)

    async def chart(self, data: ChartData) -> bytes:
        """A PNG. Raises PictureError."""
        return await self._made("chart", data)

    async def card(self, data: CardData) -> bytes:
        """A PDF of one page. Raises PictureError."""
        return await self._made("card", data)

    async def _made(self, kind: str, data: ChartData | CardData) -> bytes:
        order = json.dumps({"kind": kind, "font": str(self._font or ""), "data": asdict(data)}).encode()
        async with self._one_at_a_time:
            worker = await asyncio.create_subprocess_exec(
                *_WORKER,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            try:
                async with asyncio.timeout(LONGEST):
                    picture, errors = await worker.communicate(order)
            except BaseException as error:
                if worker.returncode is None:
                    worker.kill()
                await worker.wait()
                if isinstance(error, TimeoutError):
                    raise PictureError(f"A {kind} took longer than {LONGEST:.0f} s.") from None
                raise
        if worker.returncode:
            last = errors.decode(errors="replace").strip().rpartition("\n")[2]
            raise PictureError(f"A {kind} could not be made: {last}")
        return picture


def _installed(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def work() -> None:
    """In that process: one order on standard input, the picture on standard output."""
    order = json.load(sys.stdin)
    own = Path(order["font"]) if order["font"] else None
    if order["kind"] == "chart":
        from tgbot.pictures.chart import draw

        picture = draw(TypeAdapter(ChartData).validate_python(order["data"]), own=own)
    else:
        from tgbot.pictures.card import write

        picture = write(TypeAdapter(CardData).validate_python(order["data"]), own)
    sys.stdout.buffer.write(picture)


if __name__ == "__main__":
    work()
