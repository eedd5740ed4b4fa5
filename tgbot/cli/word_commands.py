"""Commands about the words: are they in order, what is found for a message, learn them."""

import json
import sys
from pathlib import Path

import click

from tgbot.cli.shared import read_settings
from tgbot.errors import BackcheckError


@click.command()
@click.argument("path", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--strict", is_flag=True, help="Warnings fail too: above all, a missing sign-off.")
@click.option("--locale", default="en", show_default=True, help="The language to check.")
def check(path: Path | None, strict: bool, locale: str) -> None:
    """Check the words: every problem with its file and line."""
    from tgbot.clock import SystemClock
    from tgbot.packs import checks
    from tgbot.pictures.renderer import PictureRenderer

    if not locale.replace("-", "").isalnum():
        raise BackcheckError("`--locale` is the name of a language's folder in the pack, such as en.")
    settings = read_settings()
    root = path or settings.content
    findings = checks.check(root, SystemClock().now().date(), locale, PictureRenderer(settings.font).letters)
    for finding in findings:
        click.echo(f"{root}/{finding}")
    click.echo(checks.summary(findings))
    sys.exit(checks.failed(findings, strict=strict))


@click.command()
@click.argument("text", required=False)
@click.option("--jsonl", is_flag=True, help='Read objects with a "text" from stdin, write one object a line.')
def ask(text: str | None, jsonl: bool) -> None:
    """What the bot finds for TEXT, and why."""
    from tgbot.ask_command import Asker, as_json, objects

    if jsonl == (text is not None):
        raise click.UsageError("Give a text, or --jsonl and lines on stdin.")
    asker = Asker.open(read_settings().content)
    if text is not None:
        click.echo("\n".join(asker.told(text)))
        return
    for case in objects(sys.stdin, "stdin"):
        asked = str(case["text"])
        click.echo(json.dumps(as_json(asked, asker.ask(asked)), ensure_ascii=False))


@click.command("eval")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def evaluate(file: Path) -> None:
    """Measure the finder on FILE: JSON lines with text, kind, tier and accept."""
    import time

    from tgbot.ask_command import Asker, measure, objects, table

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


COMMANDS = (check, ask, evaluate, learn)
