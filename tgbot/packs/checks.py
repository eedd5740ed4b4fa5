"""`backcheck check`: everything a script can hold against the words of a pack, with file and line.

What keeps the bot from working at all is refused by the loader; this reads the words.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

from tgbot.content import Tier
from tgbot.packs.checks_questions import check_questions
from tgbot.packs.checks_texts import Letters, check_texts
from tgbot.packs.english_rules import rules_of
from tgbot.packs.finder_files import DETECTION, LINES
from tgbot.packs.folder import Folder
from tgbot.packs.loader import Opened
from tgbot.packs.problems import CheckFinding, PackErrors, Problem, Severity, error, warning
from tgbot.packs.signatures import SignatureState, ledger
from tgbot.packs.whole import survey
from tgbot.packs.yamlfile import Where

LONGEST_BUTTON = 36  # characters; a phone cuts off what is longer
NUMBERS_HOLD = timedelta(days=183)


def check(root: Path, today: date, locale: str = "en", letters: Letters | None = None) -> list[CheckFinding]:
    """Everything that is wrong with the words in `root`, by file and line; `letters` tells those that
    the chart and the card can show, or None if nothing can be drawn here."""
    opened, broken = survey(root, locale)
    found = [error("load", problem) for problem in broken]
    if opened:
        rules = rules_of(locale)
        found += [*check_texts(root, opened, rules, today, letters), *_wordings(opened), *_buttons(opened)]
        found += [*_numbers(opened, today), *check_detection(root, opened)]
        found += [CheckFinding("pack.yaml", 1, Severity.NOTE, "words", rules.note)] if rules.note else []
    if opened and not broken:
        found += check_signatures(root, opened, today)
    found += check_questions(root, locale, None if broken else opened)
    return sorted(found)


def failed(findings: Iterable[CheckFinding], *, strict: bool) -> bool:
    """Whether the findings fail the check: errors do, and warnings too when it is strict."""
    worst = Severity.WARNING if strict else Severity.ERROR
    return any(finding.severity <= worst for finding in findings)


def summary(findings: Sequence[CheckFinding]) -> str:
    """One line for the end."""
    counted = Counter(finding.severity for finding in findings)
    if not findings:
        return "nothing to mend"
    return ", ".join(
        f"{counted[kind]} {name}{'s' * (counted[kind] != 1)}"
        for kind, name in ((Severity.ERROR, "error"), (Severity.WARNING, "warning"))
    )


def _wordings(opened: Opened) -> Iterator[CheckFinding]:
    """Every question and alias belongs to one answer."""
    owner: dict[str, str] = {}
    for sheet in opened.answers:
        answer = sheet.value
        wordings: list[tuple[Where, str]] = [(("question",), answer.question)]
        wordings += [(("aliases", index), alias) for index, alias in enumerate(answer.aliases)]
        for where, wording in wordings:
            folded = " ".join(re.findall(r"\w+", wording.casefold()))
            other = owner.setdefault(folded, answer.id)
            if other != answer.id:
                said = f"“{wording}” is already a wording of {other}"
                yield error("wordings", sheet.document.problem(where, said))


def _buttons(opened: Opened) -> Iterator[CheckFinding]:
    for sheet in opened.answers:
        if len(sheet.value.on_button) > LONGEST_BUTTON:
            said = f"a `label` of at most {LONGEST_BUTTON} characters is needed for buttons"
            yield error("buttons", sheet.document.problem(("label",), said))
    for index, topic in enumerate(opened.topics.value):
        if len(topic.title) > LONGEST_BUTTON:
            said = f"the title is longer than {LONGEST_BUTTON} characters"
            yield error("buttons", opened.topics.document.problem((index, "title"), said))


def _numbers(opened: Opened, today: date) -> Iterator[CheckFinding]:
    """Emergency numbers are looked at again every six months."""
    document, countries = opened.countries.document, opened.countries.value
    for iso, country in countries.items():
        if country.verified_on and today - country.verified_on > NUMBERS_HOLD:
            said = f"{country.name}: last verified {country.verified_on}; check the number again"
            yield warning("numbers", document.problem((iso, "verified_on"), said))
    unverified = sum(country.verified_on is None for country in countries.values())
    if unverified:
        said = f"{unverified} of {len(countries)} emergency numbers come from lists; nobody has verified them"
        yield CheckFinding(document.file, 1, Severity.NOTE, "numbers", said)


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
