"""Where the contestants meet: the mock on one core, one bot at a time on the other, and its costs."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self
from urllib.request import ProxyHandler, Request, build_opener

from benchmarks import talk
from benchmarks.mock.scenario import Report, Scenario
from benchmarks.mock.screens import FIRST_PERSON
from benchmarks.peers.installing import PEERS, Absent, Peer, install
from tests.fakes.certificates import of_localhost

TOKEN = "123456:benchmark"  # noqa: S105 – of nobody
TO_START = 45.0  # seconds until the first answer: on a busy machine a first start learns for twenty
SLACK = 20.0  # seconds that a report may come late
_DIRECTLY = build_opener(ProxyHandler({}))  # whatever proxy this machine uses otherwise

OURS = "Backcheck"
LIFTED = 100_000  # messages a second
BOTS = (*PEERS, "ours")


class FailedError(Exception):
    """A contestant that does not start, or ends by itself."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Of a process so far: processor time in seconds, memory in bytes. Only Linux tells."""

    processor: float = 0.0
    memory: int = 0


class Bot:
    """A contestant that runs."""

    def __init__(self, stage: "Stage", process: "subprocess.Popen[bytes]") -> None:
        self._stage = stage
        self.process = process
        self.first_answer = 0.0  # seconds from its start

    def plays(self, scenario: Scenario) -> tuple[Report, float]:
        """What became of it, and the processor time that it took the bot."""
        before = self.usage()
        report = self._stage.play(scenario)
        if self.process.poll() is not None:
            raise FailedError(f"ended by itself with {self.process.returncode}")
        return report, self.usage().processor - before.processor

    def usage(self) -> Usage:
        folder = Path("/proc") / str(self.process.pid)
        if not (folder / "stat").exists():
            return Usage()
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
        ticks = int(fields[11]) + int(fields[12])
        return Usage(ticks / os.sysconf("SC_CLK_TCK"), int(fields[21]) * os.sysconf("SC_PAGE_SIZE"))


class Stage:
    """`folder` is temporary; everything that is written stands there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._url = ""
        self.screens = folder / "screens.json"
        self.cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
        self.entrants: list[Peer | Absent] = []
        self.tapped: tuple[str, ...] = ()
        self._opened = 0
        self.further: Mapping[str, str] = {}  # settings of ours, beside those that all runs have

    @classmethod
    @contextmanager
    def opened(cls, bots: Collection[str], *, tls: bool = False) -> Iterator[Self]:
        """With the mock, and these of BOTS, peers installed. Leaves no process and no file behind. With `tls`
        ours finds the mock behind it."""
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="backcheck-bench-")))
            stage = cls(folder)
            stage.tapped = talk.write(stage.screens)
            ours = Peer(OURS, (sys.executable, "-m", "tgbot", "run"), "this checkout")
            stage.entrants = [*install(folder, bots), *([ours] if "ours" in bots else [])]
            stack.enter_context(stage._mock(tls=tls))
            stack.enter_context(stage._on(stage.cores[:1]))
            yield stage

    @property
    def peers(self) -> list[Peer]:
        return [peer for peer in self.entrants if isinstance(peer, Peer)]

    @property
    def pinned(self) -> bool:
        return len(self.cores) > 1

    @contextmanager
    def _mock(self, *, tls: bool) -> Iterator[None]:
        command = [sys.executable, "-m", "benchmarks.mock", str(self.screens)]
        if tls:
            certificate, _ = of_localhost(self.folder)
            command.append(str(certificate))
            self.further = {**self.further, "SSL_CERT_FILE": str(certificate)}
        with self._process(command, self.cores[:1], os.environ, stdout=subprocess.PIPE) as process:
            assert process.stdout
            port, *secured = process.stdout.readline().split()
            self._url = f"http://127.0.0.1:{int(port)}"
            if secured:
                self.further = {**self.further, "BACKCHECK_API_URL": f"https://localhost:{int(secured[0])}"}
            yield

    @contextmanager
    def bot(self, peer: Peer) -> Iterator[Bot]:
        """The contestant, once it has answered its first tap. Raises FailedError when it does not."""
        self.begin(Scenario(seconds=TO_START, total=1, patience=0))
        self._opened += 1
        with self.started(peer, self.folder / f"{self._opened}.db") as bot:
            first = self.report(TO_START)
            if first.unanswered:
                raise FailedError(f"answered nothing in {TO_START:.0f} s; it said:\n{self.said()}")
            bot.first_answer = first.drained
            yield bot

    @contextmanager
    def started(self, peer: Peer, database: Path | str, sends: int = 0, together: int = 1) -> Iterator[Bot]:
        """The contestant's process: a peer taps or sends, ours does what stands in its database."""
        command = list(peer.start)
        environ = {"PATH": os.environ["PATH"], "HOME": str(self.folder)}
        if peer.name == OURS:
            environ |= {
                "BACKCHECK_TOKEN": TOKEN,
                "BACKCHECK_API_URL": self._url,
                "BACKCHECK_DATABASE": str(database),
                "BACKCHECK_MESSAGES_PER_SECOND": str(LIFTED),  # what Telegram allows is not what is measured
                **self.further,
            }
        else:
            command += [self._url, TOKEN, str(self.screens), str(sends), str(FIRST_PERSON), str(together)]
        with ExitStack() as stack:
            said = stack.enter_context((self.folder / "said").open("wb"))
            process = self._process(command, self.cores[-1:], environ, stdout=said, stderr=said)
            yield Bot(self, stack.enter_context(process))

    @contextmanager
    def _process(
        self, command: list[str], cores: list[int], environ: Mapping[str, str], **streams: Any
    ) -> Iterator["subprocess.Popen[bytes]"]:
        """A process on these cores. No thread of it is ever elsewhere, as it inherits them from us."""
        with self._on(cores):
            process = subprocess.Popen(command, env=dict(environ), **streams)
        with process:
            try:
                yield process
            finally:
                process.kill()

    @contextmanager
    def _on(self, cores: list[int]) -> Iterator[None]:
        if not self.pinned:
            yield
            return
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, cores)
        try:
            yield
        finally:
            os.sched_setaffinity(0, before)

    def said(self) -> str:
        """The last lines of the bot that ran last."""
        return "\n".join((self.folder / "said").read_text(errors="replace").splitlines()[-8:])

    def play(self, scenario: Scenario) -> Report:
        """Begin it and wait for the report."""
        self.begin(scenario)
        return self.report(scenario.seconds + scenario.patience)

    def begin(self, scenario: Scenario) -> None:
        body = json.dumps(asdict(scenario)).encode()
        self._ask(Request(f"{self._url}/bench/begin", body), SLACK)  # noqa: S310 – our own address

    def report(self, longest: float) -> Report:
        return Report.read(self._ask(Request(f"{self._url}/bench/report"), longest + SLACK))  # noqa: S310

    @staticmethod
    def _ask(request: Request, patience: float) -> dict[str, Any]:
        with _DIRECTLY.open(request, timeout=patience) as answer:
            read: dict[str, Any] = json.load(answer)
        return read
