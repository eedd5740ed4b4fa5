"""Installs the peers from their packages, each into a folder of its own that is thrown away afterwards.

A folder of its own matters: PTB is a third faster when some other package has brought `sniffio` along.
"""

import json
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Collection
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

PATIENCE = 90.0  # seconds for one installation
_HERE = Path(__file__).parent
_VERSIONS = (
    "import importlib.metadata as m, json, sys;"
    "have = {d.name: d.version for d in m.distributions()};"
    "print(json.dumps([f'{n} {have[n]}' for n in sys.argv[1:] if n in have]))"
)


@dataclass(frozen=True, slots=True)
class Peer:
    """`start` is its command line; `about` names the versions that run."""

    name: str
    start: tuple[str, ...]
    about: str


@dataclass(frozen=True, slots=True)
class Absent:
    """It could not be installed, and why."""

    name: str
    why: str


def install(folder: Path, wanted: Collection[str]) -> list[Peer | Absent]:
    """Those of PEERS that are wanted, in their order: the first is what the others are compared with."""
    found: list[Peer | Absent] = []
    for short, (name, how) in PEERS.items():
        if short not in wanted:
            continue
        try:
            found.append(how(folder / short))
        except (subprocess.SubprocessError, OSError, LookupError) as error:
            found.append(Absent(name, _reason(error)))
    return found


def _ptb(folder: Path) -> Peer:
    return _python(
        "PTB default", "ptb_bot.py", folder, "python-telegram-bot", ("python-telegram-bot", "httpx")
    )


def _aiogram(folder: Path) -> Peer:
    return _python("aiogram", "aiogram_bot.py", folder, "aiogram[fast]", ("aiogram", "aiohttp", "uvloop"))


def _python(name: str, script: str, folder: Path, package: str, tell: tuple[str, ...]) -> Peer:
    """From the registry that this machine uses; without one, what the tests' own lock has installed."""
    try:
        python = _fresh(folder, package)
        about = _run([str(python), "-c", _VERSIONS, *tell])
        return Peer(name, (str(python), str(_HERE / script)), ", ".join(json.loads(about)))
    except (subprocess.SubprocessError, OSError):
        about = f"{tell[0]} {version(tell[0])} as in the lock (nothing could be installed)"
        return Peer(name, (sys.executable, str(_HERE / script)), about)


def _fresh(folder: Path, package: str) -> Path:
    uv, python = shutil.which("uv"), folder / "bin" / "python"
    if uv:
        _run([uv, "venv", "--quiet", "--python", sys.executable, str(folder)])
        _run([uv, "pip", "install", "--quiet", "--python", str(python), package])
    else:
        venv.create(folder, with_pip=True)
        _run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", package])
    return python


def _grammy(folder: Path) -> Peer:
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        raise LookupError("node and npm are not installed")
    folder.mkdir()
    quiet = ("--silent", "--no-audit", "--no-fund", "--no-save", "--ignore-scripts")
    _run([npm, "install", *quiet, "--prefix", str(folder), "grammy", "@grammyjs/runner"])
    script = str(shutil.copy(_HERE / "grammy_bot.mjs", folder))  # node looks for packages beside the script
    packages = {
        name: folder / "node_modules" / name / "package.json" for name in ("grammy", "@grammyjs/runner")
    }
    versions = [f"{name} {json.loads(file.read_text())['version']}" for name, file in packages.items()]
    return Peer("grammY runner", (node, script), ", ".join([*versions, f"Node {_run([node, '--version'])}"]))


def _run(command: list[str]) -> str:
    """What it prints. Raises SubprocessError when it fails or takes too long."""
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=PATIENCE)
    return done.stdout.strip()


def _reason(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        return f"`{Path(error.cmd[0]).name} {error.cmd[1]}` failed; is there a network?"
    if isinstance(error, subprocess.TimeoutExpired):
        return f"installing took longer than {PATIENCE:.0f} s"
    return str(error)


PEERS: dict[str, tuple[str, Callable[[Path], Peer]]] = {
    "ptb": ("PTB default", _ptb),
    "aiogram": ("aiogram", _aiogram),
    "grammy": ("grammY runner", _grammy),
}
