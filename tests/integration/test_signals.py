"""Whenever SIGTERM comes, or the terminal goes, a command that runs until it is stopped ends with 0."""

import subprocess
import sys

# What follows `until_stopped` is the time in which asyncio's own handlers are gone.
PROGRAM = """
import os, signal
from tgbot.supervision import until_stopped

signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever runs the tests may have it ignored

async def work(stop):
    os.kill(os.getpid(), signal.SIG{first})
    await stop.wait()
    print("stopped", flush=True)

until_stopped(work)
os.kill(os.getpid(), signal.SIGTERM)
os.kill(os.getpid(), signal.SIGINT)
print("ended")
"""


def ends(program: str) -> tuple[int, str, str]:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def test_a_signal_after_everything_has_stopped_changes_nothing() -> None:
    for first in ("TERM", "INT", "HUP"):
        assert ends(PROGRAM.format(first=first)) == (0, "stopped\nended\n", "")


STAYS = """
import signal
from tgbot.supervision import until_stopped

async def work(stop):
    print(signal.getsignal(signal.SIGHUP) is signal.SIG_IGN)

signal.signal(signal.SIGHUP, signal.SIG_IGN)
until_stopped(work)
"""


def test_who_was_started_by_nohup_outlives_the_terminal() -> None:
    assert ends(STAYS) == (0, "True\n", "")
