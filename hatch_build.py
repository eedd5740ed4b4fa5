"""Learns the finder's words when the wheel is built, so that no start has to (tgbot/packs/learned.py)."""

import subprocess
import sys
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class LearnedWords(BuildHookInterface[Any]):
    """Runs `backcheck learn` on the pack that is packed; an editable install learns by `make`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version != "editable":
            subprocess.run([sys.executable, "-m", "tgbot", "learn"], cwd=self.root, check=True)
