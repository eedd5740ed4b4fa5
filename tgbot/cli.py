"""The command line. Every command imports what it needs when it runs, so that each starts at once."""

import asyncio
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import click

from tgbot import __version__
from tgbot.errors import BackcheckError
from tgbot.followup.episode import FollowUpState
from tgbot.settings import TOKEN, Settings
from tgbot.store.private_files import UMASK


@contextmanager
def plain_errors() -> Iterator[None]:
    """What an operator can mend is said in a sentence a problem and ends with 1, without a traceback."""
    try:
        yield
    except BackcheckError as error:
        for sentence in error.sentences:
            click.echo(f"backcheck: {sentence}", err=True)
        sys.exit(1)


class Commands(click.Group):
    """A group whose commands all speak plainly when something is wrong."""

    def invoke(self, ctx: click.Context) -> object:
        with plain_errors():
            return super().invoke(ctx)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="backcheck")
def main() -> None:
    """Answers questions about upper-back spasms on Telegram, and checks back at 72 hours."""
    os.umask(UMASK)


@main.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8081,
    show_default=True,
    help="Where the chat page is; 0 takes a free one.",
)
@click.option("--browser/--no-browser", default=True, help="Open the chat page.")
def demo(port: int, browser: bool) -> None:
    """Chat with the bot in your browser: no account, no token, no network."""
    from tgbot.demo import demo as run_demo
    from tgbot.supervision import until_stopped

    settings = _settings()
    _log(settings, level="WARNING")  # whoever tries it out looks at the chat
    until_stopped(lambda stop: run_demo(settings, port, browser, click.echo, stop))


@main.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8081, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--token", help="The bot's token; any that looks like 123456:ABC. By default a random one.")
@click.option("--allow-host", "hosts", multiple=True, help="Another name it is called by, as in a container.")
@click.option("--lenient", is_flag=True, help="Ignore unknown parameters, as Telegram does.")
@click.option("--limits", is_flag=True, help="Enforce Telegram's flood limits.")
@click.option("--lean", is_flag=True, help="Keep no log of calls; faster.")
def simulator(
    port: int, host: str, token: str | None, hosts: tuple[str, ...], lenient: bool, limits: bool, lean: bool
) -> None:
    """Be Telegram on this machine, for any bot (docs/simulator.md)."""
    from tgbot.clock import TravelClock
    from tgbot.demo import CannotListenError
    from tgbot.simulator.server import Simulator, serve_until
    from tgbot.supervision import until_stopped

    if token and not TOKEN.fullmatch(token):
        raise BackcheckError("`--token` does not look like a bot token; 123456:ABC is one.")
    sim = Simulator(
        TravelClock(), port=port, host=host, token=token, hosts=hosts, strict=not lenient, lean=lean
    )
    if limits:
        sim.enforce_telegrams_limits()
    try:
        until_stopped(lambda stop: serve_until(sim, click.echo, stop))
    except OSError as error:
        raise CannotListenError(host, port, error) from error


@main.command()
def run() -> None:
    """Run the bot on Telegram."""
    from tgbot.clock import SystemClock
    from tgbot.supervision import keep_what_is_loaded, until_stopped
    from tgbot.wiring import Hooks
    from tgbot.wiring import run as run_bot

    settings = _settings()
    _log(settings)
    hooks = Hooks(loaded=keep_what_is_loaded)
    until_stopped(lambda stop: run_bot(settings, SystemClock(), stop, hooks))


@main.command()
def health() -> None:
    """Ask a running bot whether it works; for Docker's HEALTHCHECK."""
    from tgbot.web.health_probe import ask

    click.echo(ask(_settings().health))


@main.command()
def migrate() -> None:
    """Bring the database to this version's schema; a backup is made first. Makes a missing one."""
    from tgbot.clock import SystemClock
    from tgbot.store import opening

    database = _settings().database.get_secret_value()
    opening.must_be_idle(database)
    done = opening.migrate(database, SystemClock().now())
    if not done.before:
        click.echo(f"There was no database at {done.where}: a new, empty one is there now.")
    kept = f" The file from before is {done.backup}." if done.backup else ""
    click.echo(f"Schema {done.before} → {done.after}.{kept}")


@main.command()
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
    settings = _settings()
    root = path or settings.content
    findings = checks.check(
        root, SystemClock().now().date(), locale, PictureRenderer(settings.font).letters()
    )
    for finding in findings:
        click.echo(f"{root}/{finding}")
    click.echo(checks.summary(findings))
    sys.exit(checks.failed(findings, strict=strict))


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Copy the database to FILE while the bot runs."""
    from tgbot.store.sqlite.copying import back_up

    back_up(Path(_settings().database.get_secret_value()), file)
    click.echo(f"{file} is a whole copy.")


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--lost-erasure-log", is_flag=True, help="Restore although the old database cannot be read.")
def restore(file: Path, lost_erasure_log: bool) -> None:
    """Put the backup FILE in the database's place. Stop the bot first."""
    from tgbot.clock import SystemClock
    from tgbot.store.sqlite.backup import restore as restore_database

    database = Path(_settings().database.get_secret_value())
    done = restore_database(file, database, SystemClock().now(), lost_erasure_log)
    click.echo(
        f"Restored. Erased again: {done.erased_again}. Ended again: {done.ended}. "
        f"Held follow-ups: {done.held}."
    )
    if done.kept:
        click.echo(f"The database from before is {done.kept}; it holds people's data, so delete it in time.")
    if done.held:
        click.echo("Nobody is written to before you decide about these: see `backcheck release`.")


@main.command()
@click.option("--send/--cancel", default=None, help="Send what fell due meanwhile, or give it up.")
def release(send: bool | None) -> None:
    """Decide about the follow-ups that a restore has held, with the bot stopped; without an option, see them.

    What fell due since the backup may have been sent already: it is sent now, saying that it is late, or
    given up, and the plan goes on with its next step. What is not due yet is sent at its time either way.
    """
    from tgbot.clock import SystemClock
    from tgbot.packs.protocol_file import load_protocol
    from tgbot.service.episodes import Episodes
    from tgbot.service.ports import Held
    from tgbot.service.releasing import Released, UndecidedError, release
    from tgbot.store.opening import must_be_idle, open_store, open_to_read

    settings, clock = _settings(), SystemClock()
    database = settings.database.get_secret_value()

    async def look() -> Held:
        async with open_to_read(database) as store:
            return await store.operate(lambda tx: tx.queue.held(clock.now()))

    waiting = asyncio.run(look())
    if send is None:
        if waiting.due + waiting.to_come:
            raise UndecidedError(waiting.due, waiting.to_come)
        click.echo("Nothing is held, so there is nothing to decide.")
        return

    async def work(send: bool) -> Released:
        must_be_idle(database)
        async with open_store(database, clock.now()) as store:
            episodes = Episodes(store, clock, load_protocol(settings.content))
            return await release(store, episodes, clock.now(), send=send)

    done = asyncio.run(work(send))
    click.echo(f"To be sent: {done.to_send}. Given up: {done.given_up}.")


@main.command()
@click.argument("text", required=False)
@click.option("--jsonl", is_flag=True, help='Read objects with a "text" from stdin, write one object a line.')
def ask(text: str | None, jsonl: bool) -> None:
    """What the bot finds for TEXT, and why."""
    from tgbot.ask_command import Asker, as_json, objects

    if jsonl == (text is not None):
        raise click.UsageError("Give a text, or --jsonl and lines on stdin.")
    asker = Asker.open(_settings().content)
    if text is not None:
        click.echo("\n".join(asker.told(text)))
        return
    for case in objects(sys.stdin, "stdin"):
        asked = str(case["text"])
        click.echo(json.dumps(as_json(asked, asker.ask(asked)), ensure_ascii=False))


@main.command("eval")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def evaluate(file: Path) -> None:
    """Measure the finder on FILE: JSON lines with text, kind, tier and accept."""
    import time

    from tgbot.ask_command import Asker, measure, objects, table

    asker = Asker.open(_settings().content)
    with file.open(encoding="utf-8") as lines:
        asked = measure(asker, objects(lines, file.name), time.perf_counter)
    click.echo("\n".join(table(asked)))


@main.command()
@click.option("--days", type=click.IntRange(1, 3650), default=30, show_default=True, help="How far back.")
def stats(days: int) -> None:
    """What people asked, what was not understood, what helped: counts only, small ones hidden."""
    from tgbot.clock import SystemClock
    from tgbot.service.operator_counts import counted
    from tgbot.store.opening import open_to_read

    since = (SystemClock().now() - timedelta(days=days)).date()

    async def work() -> Mapping[str, list[tuple[str, str]]]:
        async with open_to_read(_settings().database.get_secret_value()) as store:
            return await counted(store, since)

    for kind, subjects in (asyncio.run(work()) or {"nothing": []}).items():
        click.echo(f"{kind.replace('_', ' ')} since {since}")
        for subject, times in subjects:
            click.echo(f"  {times:>6}  {subject}")


@main.command("follow-ups")
@click.option("--days", type=click.IntRange(1, 3650), default=30, show_default=True, help="How far back.")
@click.option(
    "--state",
    type=click.Choice([one.value for one in FollowUpState]),
    help="List those of one state: id and due time.",
)
def follow_ups(days: int, state: str | None) -> None:
    """What became of the planned messages: counts and ids, never names or words.

    `unconfirmed`: two attempts broke off, and nobody knows whether one arrived. `refused`: Telegram would not
    take it. `expired`: it could not be sent for seven days. `late`: still to be sent, and overdue.
    """
    from tgbot.clock import SystemClock
    from tgbot.store.opening import open_to_read

    now = SystemClock().now()
    since = now - timedelta(days=days)

    async def lines() -> list[str]:
        async with open_to_read(_settings().database.get_secret_value()) as store:
            if state is not None:
                asked = FollowUpState(state)
                found = await store.operate(lambda tx: tx.operations.in_state(asked, since))
                return [f"{due.follow_up}  {due.at:%Y-%m-%d %H:%M}Z" for due in found]
            counts = await store.operate(lambda tx: tx.operations.became(since, now))
            return [
                f"planned for after {since.date()}",
                *(f"  {times:>6}  {name}" for name, times in counts.items()),
            ]

    click.echo("".join(f"{line}\n" for line in asyncio.run(lines())), nl=False)


def _log(settings: Settings, level: str = "INFO") -> None:
    from tgbot.logs import configure

    configure(settings.log, settings.secrets(), level)


def _settings() -> Settings:
    return Settings.read(os.environ)
