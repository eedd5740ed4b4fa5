"""Every sign that must be seen today at the latest is recognised in what people type."""

from collections.abc import Iterator
from pathlib import Path

from tgbot.content import Tier
from tgbot.packs.check_findings import CheckFinding, error
from tgbot.packs.finder_files import DETECTION, LINES
from tgbot.packs.folder import Folder
from tgbot.packs.loader import Opened


def check_detection(root: Path, opened: Opened) -> Iterator[CheckFinding]:
    """A sign without a rule in detection.yaml or without an example in alarms.yaml is an error."""
    folder, locale = Folder(root), opened.pack.locale
    detection = folder.sheet(f"{locale}/detection.yaml", DETECTION)
    alarms = folder.sheet(f"{locale}/alarms.yaml", LINES)
    if not (detection and alarms):
        return
    for index, sign in enumerate(opened.red_flags.value.signs):
        if sign.tier is Tier.SOON:
            continue
        for file, known in (("detection", detection.value.rules), ("alarms", alarms.value)):
            if not known.get(sign.id):
                said = f"`{sign.id}` is not recognised in what people type: {file}.yaml has nothing for it"
                yield error("undetectable", opened.red_flags.document.problem(("signs", index), said))
