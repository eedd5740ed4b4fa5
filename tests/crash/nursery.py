"""Bots as processes, forked from one that has read everything: each is up in a fraction of a second."""

import asyncio
import atexit
import json
import os
import signal
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from subprocess import PIPE, Popen


class BotProcess:
    """One bot. As asyncio's processes: `returncode` is None while it lives, and minus the signal after it."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._ended = asyncio.Event()

    async def wait(self) -> int:
        await self._ended.wait()
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: signal.Signals) -> None:
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def has_ended(self, code: int) -> None:
        self.returncode = code
        self._ended.set()


class Nursery:
    """Where the bots of one test are forked. It begins with the first."""

    def __init__(self, clock: Path, log: Path) -> None:
        self._place = {"clock": str(clock), "log": str(log)}
        self._writer: asyncio.StreamWriter | None = None
        self._listening: asyncio.Task[None] | None = None
        self._asked: asyncio.Queue[asyncio.Future[BotProcess]] = asyncio.Queue()
        self.bots: dict[int, BotProcess] = {}

    async def bot(self, kill: str, environ: Mapping[str, str]) -> BotProcess:
        writer = self._writer = self._writer or await self._begun()
        born: asyncio.Future[BotProcess] = asyncio.get_running_loop().create_future()
        self._asked.put_nowait(born)
        self._say(writer, {"kill": kill, "environ": dict(environ)})
        return await born

    async def end(self) -> None:
        """Leave no process behind."""
        for bot in list(self.bots.values()):
            bot.send_signal(signal.SIGCONT)
            bot.kill()
            await bot.wait()
        if self._writer is not None and self._listening is not None:
            self._writer.write_eof()
            await self._listening
            self._writer.close()

    async def _begun(self) -> asyncio.StreamWriter:
        reader, writer = await asyncio.open_unix_connection(await asyncio.to_thread(_address))
        self._say(writer, self._place)
        self._listening = asyncio.create_task(self._listen(reader))
        return writer

    @staticmethod
    def _say(writer: asyncio.StreamWriter, what: Mapping[str, object]) -> None:
        writer.write(json.dumps(what).encode() + b"\n")

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        async for line in reader:
            said = json.loads(line)
            if "born" in said:
                bot = self.bots[said["born"]] = BotProcess(said["born"])
                self._asked.get_nowait().set_result(bot)
            else:
                self.bots.pop(said["ended"]).has_ended(said["code"])


@cache
def _address() -> str:
    """Where the process listens that has read everything; it is there for all tests of this process."""
    address = Path(tempfile.mkdtemp(prefix="nursery-")) / "socket"
    command = [sys.executable, "-m", "tests.crash.bot", str(address)]
    process = Popen(command, stdin=PIPE, stdout=PIPE)  # its input ends with this process
    assert process.stdout is not None
    assert process.stdout.readline(), "it does not begin"
    atexit.register(process.communicate)
    return str(address)
