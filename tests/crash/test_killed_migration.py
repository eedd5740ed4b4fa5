"""Migrations killed with kill -9 at every statement: always a whole version, and the next start finishes."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conformance.people import NOW
from tgbot.store.sqlite.connection import connect
from tgbot.store.sqlite.migrate import migrate, shipped, statements_of, version_of

pytestmark = pytest.mark.crash

KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from tgbot.store.sqlite.migrate import migrate, statements_of

folder, statements = Path(sys.argv[1]), int(sys.argv[2])

def counted(sql):
    global left
    for statement in statements_of(sql):
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        yield statement
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)

sys.modules[migrate.__module__].statements_of = counted
for left in range(statements + 1):
    if not (pid := os.fork()):
        migrate(folder / f"{left}.db", datetime(2026, 11, 23, tzinfo=UTC))
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""  # each is killed one statement later than the one before


def version(path: Path) -> int:
    connection = connect(path)
    try:
        return version_of(connection)
    finally:
        connection.close()


def test_a_kill_at_any_statement_leaves_a_whole_version(tmp_path: Path) -> None:
    statements = sum(len(list(statements_of(step.sql))) + 1 for step in shipped())
    run = [sys.executable, "-c", KILLED, str(tmp_path), str(statements)]
    ended = subprocess.run(run, capture_output=True, text=True, timeout=60, check=True)

    assert ended.stdout.split() == ["-9"] * statements + ["0"]
    for after in range(statements + 1):
        path = tmp_path / f"{after}.db"
        found = version(path) if path.exists() else 0
        assert found in range(len(shipped()) + 1)
        assert migrate(path, NOW).before == found
        assert version(path) == shipped()[-1].number
