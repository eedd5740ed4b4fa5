"""Direct requests know aiohttp's insides, so what is tried with the newest is tried with the oldest, too."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TREE = Path(__file__).parents[2]
OLDEST = Path(sys.prefix) / "oldest"  # where `make test` puts it


@pytest.mark.timeout(600)
def test_both_roads_fail_alike_with_the_oldest_aiohttp_that_is_allowed() -> None:
    with_it = os.environ | {"PYTHONPATH": str(OLDEST)}
    version = subprocess.run(
        [sys.executable, "-c", "import aiohttp; print(aiohttp.__version__)"],
        env=with_it,
        cwd=TREE,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    allowed = (TREE / "pyproject.toml").read_text()
    assert f'"aiohttp>={version.removesuffix(".0")},<4"' in allowed

    tests = [f"tests/integration/{name}.py" for name in ("test_both_roads", "test_telegram_connection")]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", *tests],
        env=with_it,
        cwd=TREE,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout
