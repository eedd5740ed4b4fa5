"""Backcheck: answers questions about upper-back spasms and checks back on you."""

import os

__version__ = "1.0.0"

# Before numpy is loaded anywhere: the finder's products are small, and a second thread to share them with
# takes a core from everybody else and makes a long message three times as slow when none is free.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
