"""What is signed as it stands, what was and is not any more, and signatures that are worth nothing."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from tgbot.packs.check_findings import CheckFinding, error, warning
from tgbot.packs.loader import Opened
from tgbot.packs.pack_errors import PackErrors, Problem
from tgbot.packs.review.signatures import SignatureState
from tgbot.packs.review.standings import ledger


def check_signatures(root: Path, opened: Opened, today: date) -> Iterator[CheckFinding]:
    """Unsigned items are counted, not listed: a new pack has hundreds."""
    try:
        found = ledger(root, opened.pack.locale, today, opened)
    except PackErrors as errors:
        yield from (error("signatures", problem) for problem in errors.problems)
        return
    yield from (error("signatures", problem) for problem in found.problems)
    for key, standing in found.standings.items():
        if standing.state not in (SignatureState.SIGNED, SignatureState.UNREVIEWED):
            first = found.items[key].parts[0]
            yield warning("sign-off", Problem(first.file, first.line, f"{key}: {standing}"))
    if found.unsigned:
        said = f"not signed: {found.unsigned}; see `backcheck sign --verify`"
        yield warning("sign-off", opened.about.document.problem(("signatures_needed",), said))
