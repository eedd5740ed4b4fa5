"""A long-running command runs on the fast loop; what it has loaded is not walked through again and again."""

import subprocess
import sys

PROGRAM = """
import asyncio, gc
from tgbot.supervision import keep_what_is_loaded, prepare_to_load, until_stopped

loaded = [[] for _ in range(1000)]

async def work(stop):
    before = gc.get_freeze_count()
    prepare_to_load()
    keep_what_is_loaded()
    print(type(asyncio.get_running_loop()).__module__)
    print(gc.get_freeze_count() - before > 1000, gc.get_threshold()[0])

until_stopped(work)
"""


def test_it_runs_on_uvloop_and_keeps_what_is_loaded_out_of_the_collector() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60)

    assert (done.stdout.split(), done.stderr) == (["uvloop", "True", "10000"], "")


def test_without_uvloop_it_runs_on_asyncio_s_own_loop() -> None:
    hidden = "import sys; sys.modules['uvloop'] = None\n" + PROGRAM
    done = subprocess.run([sys.executable, "-c", hidden], capture_output=True, text=True, timeout=60)

    assert done.stdout.split()[:1] == ["asyncio.unix_events"]
