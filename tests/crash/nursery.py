"""Bots as processes, forked from one that has read everything: each is up in a fraction of a second."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO


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
    """Where they are forked. It begins with the first."""

    def __init__(self, clock: Path, log: IO[bytes]) -> None:
        self._clock = clock
        self._log = log
        self._process: Process | None = None
        self._listening: asyncio.Task[None] | None = None
        self._asked: asyncio.Queue[asyncio.Future[BotProcess]] = asyncio.Queue()
        self.bots: dict[int, BotProcess] = {}

    async def bot(self, kill: str, environ: Mapping[str, str]) -> BotProcess:
        process = self._process = self._process or await self._begun(environ)
        assert process.stdin is not None
        born: asyncio.Future[BotProcess] = asyncio.get_running_loop().create_future()
        self._asked.put_nowait(born)
        process.stdin.write(json.dumps({"kill": kill, "environ": dict(environ)}).encode() + b"\n")
        return await born

    async def end(self) -> None:
        """Leave no process behind."""
        for bot in list(self.bots.values()):
            bot.send_signal(signal.SIGCONT)
            bot.kill()
            await bot.wait()
        if self._process is not None and self._listening is not None:
            self._process.kill()
            await self._process.wait()
            await self._listening

    async def _begun(self, environ: Mapping[str, str]) -> Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.crash.bot", str(self._clock),
            env=dict(environ), stdin=PIPE, stdout=PIPE, stderr=self._log,
        )  # fmt: skip
        self._listening = asyncio.create_task(self._listen(process))
        return process

    async def _listen(self, process: Process) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            said = json.loads(line)
            if "born" in said:
                bot = self.bots[said["born"]] = BotProcess(said["born"])
                self._asked.get_nowait().set_result(bot)
            else:
                self.bots.pop(said["ended"]).has_ended(said["code"])
