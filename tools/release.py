"""`make release`: builds what is published, tries it as a stranger would, and says what changed.

In dist/: the wheel and the sdist, sbom.json (CycloneDX, of what a bot installs), NOTES.md from the changelog,
SHA256SUMS. Nothing is uploaded. `python -m tools.release stamp` turns "Unreleased" into this version
and day, `sbom` writes that list alone.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from tgbot import __version__

ROOT = Path(__file__).parents[1]
DIST = ROOT / "dist"
CHANGELOG = ROOT / "CHANGELOG.md"
_SECTION = re.compile(r"^## (.+)$", re.MULTILINE)
_PAGE = re.compile(r"http://127\.0\.0\.1:\d+\S*")


def build() -> list[Path]:
    """The wheel and the sdist, judged by twine."""
    shutil.rmtree(DIST, ignore_errors=True)
    run(sys.executable, "-m", "hatchling", "build", "-d", str(DIST))
    built = sorted(DIST.iterdir())
    run(sys.executable, "-m", "twine", "check", "--strict", *map(str, built))
    return built


def try_it(wheel: Path, folder: Path) -> None:
    """Install the wheel into an empty environment, with the locked requirements, and walk through it."""
    python = folder / "bin/python"
    run(sys.executable, "-m", "venv", str(folder))
    for lock in ("run", "demo"):
        requirements = str(ROOT / f"requirements/{lock}.txt")
        run(str(python), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", requirements)
    run(str(python), "-m", "pip", "install", "--quiet", "--no-deps", str(wheel))
    backcheck = str(folder / "bin/backcheck")
    assert __version__ in said(backcheck, "--version")
    for attempt in ("first", "second"):
        since = time.perf_counter()
        assert said(backcheck, "ask", "heat or ice?").startswith("found:")
        print(f"{attempt} `ask` from the wheel: {time.perf_counter() - since:.1f} s")
    walk_the_demo(backcheck)


def walk_the_demo(backcheck: str) -> None:
    """Start it, and stop it as Ctrl+C does: it says where the chat is and ends well."""
    demo = subprocess.Popen(
        [backcheck, "demo", "--no-browser", "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    assert demo.stdout
    try:
        line = demo.stdout.readline()
        assert _PAGE.search(line), line
    finally:
        demo.terminate()
        ended = demo.wait(60)
    assert ended == 0, f"the demo ended with {ended}"
    print(line.strip())


def write_sbom() -> None:
    """What a bot installs, by the lock that everybody is told to use: the same file for the same lock."""
    DIST.mkdir(exist_ok=True)
    file = DIST / "sbom.json"
    about = ("--pyproject", "pyproject.toml", "--output-reproducible", "--of", "JSON")
    judge = (sys.executable, "-m", "cyclonedx_py", "requirements", "requirements/run.txt")
    run(*judge, *about, "-o", str(file))
    listed = json.loads(file.read_text(encoding="utf-8"))
    listed["metadata"]["component"]["version"] = __version__  # which the metadata only points to
    file.write_text(json.dumps(listed, indent=2) + "\n", encoding="utf-8")


def notes(text: str) -> str:
    """What the changelog says of this version, or of what is not released yet."""
    parts = _SECTION.split(text)
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    mine = next((title for title in sections if title.startswith(f"{__version__} ")), "Unreleased")
    return f"# Backcheck {__version__}\n{sections[mine]}"


def stamped(text: str, version: str, day: str) -> str:
    """The changelog with "Unreleased" as this version, and an empty one above."""
    assert f"## {version} " not in text, f"{version} was released"
    return text.replace("## Unreleased\n", f"## Unreleased\n\n## {version} – {day}\n", 1)


def write_checksums() -> None:
    lines = [
        f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in sorted(DIST.iterdir())
    ]
    (DIST / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def run(*command: str) -> None:
    subprocess.run(command, check=True, cwd=ROOT)


def said(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def main(arguments: list[str]) -> None:
    text = CHANGELOG.read_text(encoding="utf-8")
    if arguments == ["stamp"]:
        CHANGELOG.write_text(stamped(text, __version__, f"{datetime.now(UTC):%Y-%m-%d}"), encoding="utf-8")
        return
    if arguments == ["sbom"]:
        write_sbom()
        return
    wheel = next(file for file in build() if file.suffix == ".whl")
    with tempfile.TemporaryDirectory(prefix="backcheck-release-") as folder:
        try_it(wheel, Path(folder) / "venv")
    write_sbom()
    (DIST / "NOTES.md").write_text(notes(text), encoding="utf-8")
    write_checksums()
    print("\n".join(f"{file.stat().st_size:>9}  {file.name}" for file in sorted(DIST.iterdir())))


if __name__ == "__main__":
    main(sys.argv[1:])
