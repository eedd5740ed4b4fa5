"""Commands about the words: are they in order, what is found for a message, what people asked; and for those
who review them: book, changes, sign, review, new-pack.
"""

import asyncio
import json
import sys
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import asdict
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tgbot.errors import BackcheckError
from tgbot.settings import read_settings, shipped_content

if TYPE_CHECKING:  # imported when a command runs, so that each starts at once
    from tgbot.packs.review_items import Item
    from tgbot.packs.signatures import Comments, Ledger, Reviewer, Signature

PACK = click.option(
    "--pack", type=click.Path(path_type=Path, exists=True, file_okay=False), help="Another pack's folder."
)
LOCALE = click.option("--locale", default="en", show_default=True, help="The language.")
ALL_SIGNED_SHOWN = 12  # items that are listed before somebody signs them; of more the kinds are counted


@click.command()
@click.argument("path", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--strict", is_flag=True, help="Warnings fail too: above all, a missing sign-off.")
@click.option("--locale", default="en", show_default=True, help="The language to check.")
def check(path: Path | None, strict: bool, locale: str) -> None:
    """Check the words: every problem with its file and line."""
    from tgbot.packs import checks
    from tgbot.pictures.renderer import PictureRenderer

    if not locale.replace("-", "").isalnum():
        raise BackcheckError("`--locale` is the name of a language's folder in the pack, such as en.")
    settings = read_settings()
    root = path or settings.content
    findings = checks.check(root, _today(), locale, PictureRenderer(settings.font).letters)
    for finding in findings:
        click.echo(f"{root}/{finding}")
    click.echo(checks.summary(findings))
    sys.exit(checks.failed(findings, strict=strict))


@click.command()
@click.argument("text", required=False)
@click.option("--jsonl", is_flag=True, help='Read objects with a "text" from stdin, write one object a line.')
def ask(text: str | None, jsonl: bool) -> None:
    """What the bot finds for TEXT, and why."""
    from tgbot.asking import Asker, as_json, objects, writable

    if jsonl == (text is not None):
        raise click.UsageError("Give a text, or --jsonl and lines on stdin.")
    asker = Asker.open(read_settings().content)
    if text is not None:
        click.echo(writable("\n".join(asker.told(text))))
        return
    for case in objects(sys.stdin, "stdin"):
        asked = str(case["text"])
        click.echo(writable(json.dumps(as_json(asked, asker.ask(asked)), ensure_ascii=False)))


@click.command("eval")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def evaluate(file: Path) -> None:
    """Measure the finder on FILE: JSON lines with text, kind, tier and accept."""
    import time

    from tgbot.asking import Asker, measure, objects, table

    asker = Asker.open(read_settings().content)
    with file.open(encoding="utf-8") as lines:
        asked = measure(asker, objects(lines, file.name), time.perf_counter)
    click.echo("\n".join(table(asked)))


@click.command()
def learn() -> None:
    """Learn the finder's words, if they changed, so that no start has to; the build does this."""
    from tgbot.packs.finder_index import learn_for_package
    from tgbot.packs.loader import load

    root = read_settings().content
    learn_for_package(root, load(root), click.echo)


@click.command()
@click.option("--days", type=click.IntRange(1, 3650), default=30, show_default=True, help="How far back.")
@click.option(
    "--accept", nargs=2, type=(int, str), help="Write the wording of group N into an answer: N ANSWER-ID."
)
def questions(days: int, accept: tuple[int, str] | None) -> None:
    """What was not understood, asked back or found unhelpful, by likeness, with the answer it may belong to.

    --accept writes the wording into that answer's file, checks, and undoes it when anything is worse.
    """
    from tgbot import asking
    from tgbot.service.store_port import CountedEvent
    from tgbot.store.opening import open_to_read

    settings, today = read_settings(), _today()

    async def work() -> Mapping[CountedEvent, int]:
        async with open_to_read(settings.database.get_secret_value()) as store:
            return await store.operate(lambda tx: tx.operations.tallied(today - timedelta(days=days)))

    tallied, asker = asyncio.run(work()), asking.Asker.open(settings.content)
    groups = asking.grouped(asking.kept_words(tallied), partial(asking.likeliest, asker))
    titles = {id: answer.question for id, answer in asker.pack.answers.items()}
    if accept is None:
        click.echo("\n".join(asking.as_rows(groups, tallied, titles)))
        return
    number, answer = accept
    if not 1 <= number <= len(groups):
        raise click.UsageError(f"There is no group {number}; without --accept they are listed.")
    wording = groups[number - 1].wordings[0]
    before, after = asking.accept(settings.content, wording, answer, lambda root: asking.figures(root, today))
    click.echo(f"“{wording}” finds {answer} now. Errors: {len(before.errors)} → {len(after.errors)}.")
    click.echo(f"Messages that miss their answer: {before.missed} → {after.missed}.")
    click.echo("`backcheck reload` tells the bot; sign the answer again if it was signed.")


@click.command()
@click.argument("items", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every item that is not signed as it stands.")
@click.option(
    "--from", "file", type=click.Path(path_type=Path), help="What a reviewer agreed to in the book."
)
@click.option("--verify", is_flag=True, help="Sign nothing: say of each item what its signatures are worth.")
@click.option("--name", help="Given name and surname.")
@click.option("--role", help="Such as physiotherapist.")
@click.option("--body", help="Who registers this profession, such as the GMC.")
@click.option("--number", help="The registration number there.")
@click.option("--scope", help="What was reviewed, in a few words.")
@click.option("--on", help="The day of the review, such as 2026-12-01.")
@click.option("--until", help="The last day on which it holds, at most two years later.")
@PACK
@LOCALE
def sign(
    items: tuple[str, ...],
    everything: bool,
    file: Path | None,
    verify: bool,
    pack: Path | None,
    locale: str,
    **given: str | None,
) -> None:
    """Sign ITEMS, such as answer/q-sleep or 'card/*', exactly as they stand.

    What no option says is asked for. How reviewing and signing go together is in docs/review.md.
    """
    from tgbot.packs import signatures
    from tgbot.packs.signatures import Reviewer, read_comments

    root, today = _root(pack), _today()
    found = _ledger(root, locale, today)
    chosen = signatures.chosen(items, found.items) if items else []
    if verify:
        _verify(root, found, {item.key for item in chosen})
        return
    comments = read_comments(file) if file else None
    if everything:
        chosen = [
            item
            for key, item in found.items.items()
            if found.standings[key].state is not signatures.SignatureState.SIGNED
        ]
    if comments:
        chosen = _agreed(comments, found.items)
    if not chosen:
        raise BackcheckError("Nothing to sign: name items, or use --all or --from; --verify lists them.")
    _show(chosen)
    by = _signature(given, comments.reviewer if comments else Reviewer(), locale, today)
    click.confirm("Did this person read all of it as it stands now, and agree?", abort=True)
    signatures.sign(root, by, chosen)
    click.echo(f"{len(chosen)} signed in {root / 'signatures.yaml'}.")


def _verify(root: Path, found: "Ledger", named: AbstractSet[str]) -> None:
    """Of each item that is named, or of all."""
    for key, standing in found.standings.items():
        if not named or key in named:
            click.echo(f"{key:<32} {standing}")
    for problem in found.problems:
        click.echo(f"{root}/{problem}")
    click.echo(f"Not signed: {found.unsigned}." if found.unsigned else "Everything is signed.")
    raise SystemExit(1 if found.unsigned or found.problems else 0)


def _agreed(comments: "Comments", items: Mapping[str, "Item"]) -> list["Item"]:
    for key in comments.outdated(items):
        click.echo(f"{key} was agreed to in other words than it has now: to be read again, not signed.")
    return comments.agreed(items)


def _show(chosen: list["Item"]) -> None:
    if len(chosen) <= ALL_SIGNED_SHOWN:
        for item in chosen:
            click.echo(f"  {item.key}  {item.title}")
        return
    from collections import Counter

    from tgbot.packs.review_items import PLURAL

    for kind, count in Counter(item.kind for item in chosen).items():
        click.echo(f"  {count} {PLURAL[kind]}")


def _signature(given: Mapping[str, str | None], known: "Reviewer", locale: str, today: date) -> "Signature":
    """The signature's person and dates: from options, else asked for, the reviewer's own words offered."""
    from tgbot.packs.signatures import ROLES, Signature

    asked = {
        "name": ("Name", known.name),
        "role": (f"Role ({', '.join(ROLES)})", known.role),
        "body": ("Registered with", known.body),
        "number": ("Registration number", known.number),
        "scope": ("What was reviewed", "everything listed here"),
        "on": ("Reviewed on", str(today)),
        "until": ("Holds until", str(today + timedelta(days=365))),
    }
    said = {
        name: (given.get(name) or click.prompt(text, default=offered or None)).strip()
        for name, (text, offered) in asked.items()
    }
    person = {name: said[name] for name in ("name", "role", "body", "number", "scope")}
    return Signature(**person, on=_day(said["on"]), until=_day(said["until"]), language=locale, items={})


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BackcheckError(f"{text} is not a day like 2026-12-01.") from None


@click.command("review")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--edit", is_flag=True, help="Walk through what is to do, each in your editor.")
@PACK
@LOCALE
def list_comments(file: Path, edit: bool, pack: Path | None, locale: str) -> None:
    """What a reviewer wrote in the book: the FILE they saved, item by item, with file and line.

    [x] is done: the words have changed since, and the reviewer reads them again before signing. [·] is only a
    note to something agreed to.
    """
    from tgbot.packs.signatures import read_comments, todo

    root = _root(pack)
    found, comments = _ledger(root, locale, _today()), read_comments(file)
    who = ", ".join(filter(None, asdict(comments.reviewer).values()))
    click.echo(f"{who or 'Somebody'}, in the book of {comments.made}")
    left = 0
    for comment, item in todo(comments, found.items):
        done = item is None or item.digest != comment.digest
        box = "x" if done else "·" if comment.verdict == "agree" else " "
        left += box == " "
        title = f" ({item.title})" if item else ""
        click.echo(f"\n[{box}] {comment.item} – {comment.verdict or 'note'}{title}")
        for place in item.places if item else ():
            click.echo(f"    {root / place}")
        for line in comment.note.splitlines():
            click.echo(f"    > {line}")
        if edit and item and box == " " and click.confirm("    Open it?", default=True):
            click.edit(filename=str(root / item.parts[0].file))
    agreed, outdated = comments.agreed(found.items), comments.outdated(found.items)
    click.echo(f"\nTo do: {left}. Agreed: {len(agreed)}. Agreed, but changed since: {len(outdated)}.")
    if agreed:
        click.echo(f"They agree to: {', '.join(item.key for item in agreed)}")
        click.echo(f"They sign what they agreed to with: backcheck sign --from {file}")


OUTPUT = click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), help="A file that ends in .html or .pdf."
)


@click.command()
@OUTPUT
@PACK
@LOCALE
def book(output: Path | None, pack: Path | None, locale: str) -> None:
    """Write the review book: everything the bot says and every rule it acts by, for people to review."""
    from tgbot.packs.book import book as book_page

    root = _root(pack)
    output = output or Path("review-book.html")
    _write(output, book_page(root, locale, _today()))


@click.command()
@click.option("--since", required=True, help="A day, a signatures.yaml, or the folder of another pack.")
@OUTPUT
@PACK
@LOCALE
def changes(since: str, output: Path | None, pack: Path | None, locale: str) -> None:
    """Write a review book of only what changed, old and new side by side.

    Since a day: since what was signed until then. Since signatures.yaml: since what was signed last.
    """
    from tgbot.packs.book import changes as changes_page
    from tgbot.packs.book import earlier

    root, today = _root(pack), _today()
    before = earlier(root, since, locale, _ledger(root, locale, today).items)
    output = output or Path("review-changes.html")
    _write(output, changes_page(root, locale, today, before, since))


def _write(output: Path, page: str) -> None:
    """The page as it is, or printed."""
    from tempfile import TemporaryDirectory

    from tgbot.packs.book import print_pdf

    try:
        if output.suffix == ".pdf":
            with TemporaryDirectory() as folder:
                (html := Path(folder) / "book.html").write_text(page, encoding="utf-8")
                print_pdf(html, output)
        elif output.suffix == ".html":
            output.write_text(page, encoding="utf-8")
        else:
            raise BackcheckError("`--output` must end in .html or .pdf.")
    except OSError as error:
        raise BackcheckError(f"{output} cannot be written ({error.strerror}).") from None
    click.echo(f"{output} is written.")


@click.command("new-pack")
@click.argument("folder", type=click.Path(path_type=Path))
def new_pack(folder: Path) -> None:
    """Copy the shipped words to FOLDER, for making them your own. Nothing there is signed."""
    from tgbot.packs.whole import copy_pack

    copy_pack(shipped_content(), folder)
    click.echo(f"{folder} is yours: see docs/content.md. Check it with: backcheck check {folder}")
    click.echo(f"The bot uses it with BACKCHECK_CONTENT={folder.absolute()}")


def _ledger(root: Path, locale: str, today: date) -> "Ledger":
    from tgbot.packs.signatures import ledger

    return ledger(root, locale, today)


class UnsignedError(BackcheckError):
    """The bot was to run only with words that are signed."""


def tell_unsigned(root: Path, today: date, *, strict: bool) -> None:
    """Log how much is not signed as it stands. Raises UnsignedError instead if it is `strict`."""
    import structlog

    from tgbot.packs.signatures import of_pack

    if not strict and not of_pack(root):  # nothing to hold against the words: a start is quick
        structlog.get_logger(__name__).warning("not_signed", what="anything; see `backcheck sign --verify`")
        return
    found = _ledger(root, "en", today)
    if strict and (found.unsigned or found.problems):
        wrong = [f"not signed: {found.unsigned}; see `backcheck sign --verify`"] if found.unsigned else []
        raise UnsignedError(*wrong, *map(str, found.problems))
    if found.unsigned:
        structlog.get_logger(__name__).warning("not_signed", what=found.unsigned)
    for problem in found.problems:
        structlog.get_logger(__name__).warning("signature_worth_nothing", problem=str(problem))


def _root(pack: Path | None) -> Path:
    return pack or read_settings().content


def _today() -> date:
    from tgbot.clock import SystemClock

    return SystemClock().now().date()


COMMANDS = (check, ask, evaluate, questions, learn, book, changes, sign, list_comments, new_pack)
