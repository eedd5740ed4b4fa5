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

left = int(sys.argv[2])

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
migrate(Path(sys.argv[1]), datetime(2026, 11, 23, tzinfo=UTC))
"""


def version(path: Path) -> int:
    connection = connect(path)
    try:
        return version_of(connection)
    finally:
        connection.close()


def test_a_kill_at_any_statement_leaves_a_whole_version(tmp_path: Path) -> None:
    statements = sum(len(list(statements_of(step.sql))) + 1 for step in shipped())
    for after in range(statements + 1):
        path = tmp_path / f"{after}.db"
        ended = subprocess.run([sys.executable, "-c", KILLED, str(path), str(after)], timeout=60, check=False)

        assert ended.returncode == (0 if after == statements else -9)
        found = version(path) if path.exists() else 0
        assert found in range(len(shipped()) + 1)
        assert migrate(path, NOW).before == found
        assert version(path) == shipped()[-1].number
