"""Caddy with the shipped Caddyfile before a webhook's replicas: Debian's package, where it is installed."""

import asyncio
import os
import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.crash.front import PATH, Front, listens
from tests.crash.settling import until
from tests.integration.watching import a_free_address

SHIPPED = Path(__file__).parents[2] / "deploy/Caddyfile"


def installed() -> str | None:
    return shutil.which("caddy")


def knows_request_buffers(program: str) -> bool:
    """Since 2.7; Debian 12's 2.6 has `buffer_requests` for it."""
    told = subprocess.run([program, "version"], capture_output=True, text=True, check=True).stdout
    found = re.match(r"v?(\d+)\.(\d+)", told)
    assert found, told
    return (int(found[1]), int(found[2])) >= (2, 7)


def on_this_machine(shipped: str, port: int, replicas: list[tuple[str, int]], buffers: bool) -> str:
    """The shipped file with a port in the place of the domain, and the replicas in that of Compose's name."""
    to = " ".join(f"{host}:{number}" for host, number in replicas)
    text = re.sub(r"dynamic a backcheck 8082 \{[^}]*\}", f"to {to}", shipped)
    text = text.replace("bot.example.org {", f"http://127.0.0.1:{port} {{")
    if not buffers:
        text = text.replace("request_buffers 1MiB", "buffer_requests")
    return "{\n\tadmin off\n\tauto_https off\n}\n" + text


@asynccontextmanager
async def caddy(replicas: int, folder: Path) -> AsyncIterator[Front]:
    """Running, with a free address for each replica."""
    program = installed()
    assert program
    door = Front(replicas)
    host, port = a_free_address()
    file = folder / "Caddyfile"
    file.write_text(on_this_machine(SHIPPED.read_text(), port, door.replicas, knows_request_buffers(program)))
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    with (folder / "caddy.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            program, "run", "--adapter", "caddyfile", "--config", str(file),
            env=environ, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            await until(lambda: listens((host, port)), 30, "Caddy is not up")
            door.url = f"http://{host}:{port}{PATH}"
            yield door
        finally:
            process.kill()
            await process.wait()
