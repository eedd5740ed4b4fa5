"""What the figures were measured on: enough to compare them, nothing that names the machine."""

import platform
import re
import sqlite3
from pathlib import Path

from benchmarks.peers.installing import Absent
from benchmarks.stage import Stage


def described(stage: Stage) -> str:
    """The machine and the versions, as Markdown."""
    cpu = Path("/proc/cpuinfo")
    model = re.search(r"model name\s*: (.+)", cpu.read_text()) if cpu.exists() else None
    processor = model[1] if model else platform.machine()
    lines = [
        f"- Cores: {len(stage.cores) or 'unknown'}, {processor}; {_where(stage)}",
        f"- {platform.system()}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}",
    ]
    for entrant in stage.entrants:
        about = f"not measured: {entrant.why}" if isinstance(entrant, Absent) else entrant.about
        lines.append(f"- {entrant.name}: {about}")
    return "\n".join(lines)


def _where(stage: Stage) -> str:
    if stage.pinned:
        return "the bot has one to itself, the mock server another"
    if len(stage.cores) == 1:
        return "the bot and the mock server share it, so everything is slower than it could be"
    return "nothing is pinned here, so figures move about"
