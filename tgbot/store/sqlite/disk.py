"""How full the disk is on which the database lies."""

import shutil
from pathlib import Path


def free_share(path: Path) -> float:
    """The free share of the file's disk, 0 to 1; 0 when its folder is gone: nothing can be written."""
    try:
        usage = shutil.disk_usage(path.absolute().parent)
    except OSError:
        return 0.0
    return usage.free / usage.total
