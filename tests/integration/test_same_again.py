"""Whoever does the same at the same time sees the same.

Nothing hangs on the machine's clock, on dice, or on the order in which a process happens to keep a set.
"""

import asyncio
import os
import sys
from pathlib import Path


async def _all_that_is_shown(hash_seed: str, folder: Path) -> list[bytes]:
    written = folder / hash_seed
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.fakes.every_screen", str(written)),
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
    )
    assert await process.wait() == 0
    return written.read_bytes().splitlines()


async def test_another_process_shows_the_same_under_every_command_and_button(tmp_path: Path) -> None:
    once, again = await asyncio.gather(*(_all_that_is_shown(seed, tmp_path) for seed in ("1", "2")))

    assert len(once) > 1_000
    assert [(before, after) for before, after in zip(once, again, strict=True) if before != after] == []
