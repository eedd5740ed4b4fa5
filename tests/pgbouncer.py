"""PgBouncer in transaction mode before the tests' server: Debian's package, where it is installed."""

import atexit
import os
import shutil
import socket
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg

_SETTINGS = """
[databases]
* = host={host} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 8
max_client_conn = 200
ignore_startup_parameters = extra_float_digits
"""


def installed() -> str | None:
    return shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")


@cache
def through_pgbouncer(server_url: str) -> str:
    """The start of addresses of the server's databases, through a PgBouncer of this process's own."""
    (host,) = parse_qs(urlsplit(server_url).query)["host"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="backcheck-bouncer-"))
    folder.chmod(0o755)
    settings = folder / "pgbouncer.ini"
    settings.write_text(_SETTINGS.format(host=host, port=port))
    program = installed()
    assert program, "PgBouncer is not installed"
    user = ["-u", "pgserver"] if os.geteuid() == 0 else []  # not for root; the server's own user
    process = subprocess.Popen([program, "-q", *user, str(settings)], stderr=subprocess.DEVNULL)
    atexit.register(process.wait)
    atexit.register(process.kill)
    address = f"postgresql://postgres@127.0.0.1:{port}/"
    _wait_for(address + "postgres")
    return address


def _wait_for(url: str) -> None:
    for attempt in range(100):
        try:
            psycopg.connect(url, prepare_threshold=None).close()
        except psycopg.OperationalError:
            if attempt == 99:
                raise
            time.sleep(0.05)  # noqa: TID251 – a real program starts in real time
        else:
            return
