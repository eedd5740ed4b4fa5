"""A pack read in a process of its own, before a running bot takes it up.

What takes long – half a minute of learning, and telling everything that is wrong with a broken pack – would
hold the interpreter's lock in a thread, and everybody who taps would wait. The process gives way to the bot
on one core, keeps what it learned where the bot finds it, and leaves nothing in memory.
"""

import asyncio
import json
import os
import sys
from pathlib import Path

from tgbot.errors import BackcheckError

_BROKEN = 3  # the exit code for a pack that cannot be used


async def examine(root: Path) -> None:
    """Read it there. Raises BackcheckError with every problem of the pack.

    A process that cannot be started, or is killed, is no problem of the pack: whoever reads it next sees.
    """
    command = (sys.executable, "-m", "tgbot.packs.examining", str(root))
    try:
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    except OSError:
        return
    try:
        said, _ = await process.communicate()
    except BaseException:
        if process.returncode is None:
            process.kill()
        await process.wait()
        raise
    if process.returncode == _BROKEN:
        raise BackcheckError(*json.loads(said))


def main(root: Path) -> int:
    """Problems as JSON on standard output."""
    from tgbot.packs.whole import load_whole

    try:
        load_whole(root)
    except BackcheckError as error:
        json.dump(error.sentences, sys.stdout)
        return _BROKEN
    return 0


if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(10)
    sys.exit(main(Path(sys.argv[1])))
