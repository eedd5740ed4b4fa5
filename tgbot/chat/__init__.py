"""The only importer of `telegram`."""

import os

# PTB warns at every 429 unless one opts in to durations as timedelta, which is what it will become.
os.environ.setdefault("PTB_TIMEDELTA", "true")
