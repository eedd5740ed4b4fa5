"""How a PostgreSQL server is reached, and what its failures mean.

Everything works behind PgBouncer in transaction mode: no prepared statements, no session's settings, and only
locks that end with the transaction.
"""

import asyncio
import re
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import AsyncConnection
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

from tgbot.errors import DatabaseError
from tgbot.service.store_port import ImpossibleStateError, StoreError, StoreFullError

PostgresConnection = AsyncConnection[dict[str, Any]]
Pool = AsyncConnectionPool[PostgresConnection]

PATIENCE = 15.0  # seconds after which we end a statement, when the server does not even say that it does

# A network that swallows packets is noticed within these; what the operator's URL says goes first.
_DEFAULTS = {
    "application_name": "backcheck",
    "connect_timeout": "5",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "15000",
}
OPTIONS: dict[str, Any] = {"autocommit": True, "prepare_threshold": None, "row_factory": dict_row}


@dataclass(frozen=True, slots=True)
class DatabaseTimeouts:
    """In seconds: after `statement` the server ends a statement; `connection` is the wait for a free one."""

    statement: int = 10
    connection: float = 5.0


TIMEOUTS = DatabaseTimeouts()


class NoConnectionError(StoreError):
    """There was nobody to ask, so nothing has happened: another connection may be tried."""


def conninfo(url: str) -> str:
    """libpq's words for a URL, with our defaults. Raises DatabaseError."""
    return make_conninfo("", **{**_DEFAULTS, **_parts(url)})


def in_psycopg(sql: str) -> str:
    """Our way to name a parameter (:name) in the driver's."""
    return re.sub(r"(?<![:\w]):([a-z_]+)", r"%(\1)s", sql)


def where(url: str) -> str:
    """The server and the database, without user and password."""
    parts = _parts(url)
    return f"{parts.get('host', 'localhost')}:{parts.get('port', 5432)}/{parts.get('dbname', '')}"


def _parts(url: str) -> dict[str, Any]:
    try:
        return conninfo_to_dict(url)
    except psycopg.ProgrammingError:  # its own sentence would quote the password
        raise DatabaseError("BACKCHECK_DATABASE is no PostgreSQL address that can be read.") from None


async def open_pool(url: str, connections: int, timeouts: DatabaseTimeouts = TIMEOUTS) -> Pool:
    """Connections to the server. Raises DatabaseError when none can be made."""
    pool: Pool = AsyncConnectionPool(
        conninfo(url),
        connection_class=AsyncConnection[dict[str, Any]],
        kwargs=OPTIONS,
        min_size=1,
        max_size=connections,
        timeout=timeouts.connection,
        reconnect_timeout=30.0,
        open=False,
        name="backcheck",
    )
    try:
        await pool.open(wait=True, timeout=timeouts.connection)
    except psycopg.Error as error:  # a pool's timeout is one, too
        await pool.close()
        seconds = f"{timeouts.connection:.0f} seconds"
        raise DatabaseError(f"The database at {where(url)} cannot be reached within {seconds}.") from error
    return pool


def begin(people: list[int], statement: int) -> str:
    """What opens a transaction, in one round trip: limits (`statement` in seconds), people's locks (ids in
    order, so that nobody waits in a circle), and whether the server may be written to."""
    ids = ",".join(f"{person:d}" for person in sorted(people))
    locks = f"SELECT count(pg_advisory_xact_lock(id)) FROM unnest('{{{ids}}}'::bigint[]) id; "  # noqa: S608
    return (
        f"BEGIN; SET LOCAL statement_timeout = '{statement}s'; "
        f"SET LOCAL idle_in_transaction_session_timeout = '{3 * statement}s'; {locks if people else ''}"
        "SELECT current_setting('transaction_read_only') AS read_only"
    )


async def ask(connection: PostgresConnection, sql: str, values: Any = None) -> list[dict[str, Any]]:
    """The rows of a statement's last result. Raises what `failure_of` makes of an error."""
    try:
        async with asyncio.timeout(PATIENCE):
            cursor = await connection.execute(sql, values)
            while cursor.nextset():
                pass
            return await cursor.fetchall() if cursor.description else []
    except TimeoutError:
        await connection.close()
        raise StoreError(f"The database did not answer within {PATIENCE:.0f} seconds.") from None
    except psycopg.Error as error:
        if isinstance(error, psycopg.errors.ReadOnlySqlTransaction):
            await connection.close()  # after a failover: this server is no leader any more
        raise failure_of(error) from error


def failure_of(error: psycopg.Error) -> Exception:
    """What an error of the driver means to the port's callers."""
    said = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    if isinstance(error, psycopg.IntegrityError | psycopg.DataError):
        return ImpossibleStateError(said)
    if isinstance(error, psycopg.errors.DiskFull):
        return StoreFullError(f"The database says: {said}.")
    return StoreError(f"The database says: {said}.")
