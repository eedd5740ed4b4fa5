"""Commands that run something – the bot, its demo, a Telegram of one's own – and that look at it: whether it
is well, whether it can be, where Telegram posts.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tgbot.cli.words import tell_unsigned
from tgbot.errors import BackcheckError
from tgbot.settings import TOKEN, Settings, read_settings

if TYPE_CHECKING:  # imported when a command runs, so that each starts at once
    from tgbot.chat.telegram_connection import Bot


def start_log(settings: Settings, level: str = "INFO") -> None:
    """Log as the settings say, secrets hidden."""
    from tgbot.logs import configure

    configure(settings.log, settings.secrets(), level)


@contextmanager
def extra(name: str) -> Iterator[None]:
    """Around imports that need an optional extra of the package: without it, say how to get it."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise BackcheckError(
            f"This needs more than is installed ({error.name}): `pip install 'backcheck[{name}]'`."
        ) from error


@click.command()
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
    from tgbot.packs.whole import load_whole
    from tgbot.packs.yaml_files import PackErrors
    from tgbot.supervision import until_stopped

    with extra("simulator"):
        from tgbot.demo import demo as run_demo

    settings = read_settings()
    start_log(settings, level="WARNING")  # whoever tries it out looks at the chat
    with suppress(PackErrors):  # told by whoever reads the words next
        # Changed words are learned before anything runs: said on stderr, and a signal ends it at once.
        load_whole(settings.content, say=lambda line: click.echo(line, err=True))
    until_stopped(lambda stop: run_demo(settings, port, browser, click.echo, stop))


@click.command()
@click.argument("path", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--port", type=click.IntRange(0, 65535), default=8081, show_default=True)
@click.option("--browser/--no-browser", default=True, help="Open the chat page.")
def preview(path: Path | None, port: int, browser: bool) -> None:
    """See the pack in PATH as phones show it. What is saved is there at once; mistakes are told here."""
    with extra("simulator"):
        from tgbot.demo import preview as run_preview
    from tgbot.supervision import until_stopped

    settings = read_settings()
    if path:
        settings = settings.model_copy(update={"content": path})
    start_log(settings, level="CRITICAL")  # what is wrong with the words is told by the preview
    until_stopped(lambda stop: run_preview(settings, port, browser, click.echo, stop))


@click.command()
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
    from tgbot.supervision import until_stopped

    with extra("simulator"):
        from tgbot.simulator.simulator_server import Simulator, serve_until

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
        from tgbot.demo import CannotListenError  # only now: it brings the whole bot

        raise CannotListenError(host, port, error) from error


@click.command()
@click.option("--strict", is_flag=True, help="Only if every word, sign and rule is signed as it stands.")
def run(strict: bool) -> None:
    """Run the bot on Telegram."""
    from tgbot.clock import SystemClock
    from tgbot.supervision import prepare_to_load, until_stopped

    prepare_to_load()
    settings, reload = read_settings(), asyncio.Event()
    start_log(settings)
    tell_unsigned(settings.content, SystemClock().now().date(), strict=strict)
    until_stopped(lambda stop: _running(settings, stop, reload), reload)


async def _running(settings: Settings, stop: asyncio.Event, reload: asyncio.Event) -> None:
    """What takes long is done in here, imports too: a wish to stop is heard meanwhile."""
    from tgbot.clock import SystemClock
    from tgbot.packs.whole import examine, load_whole
    from tgbot.supervision import keep_what_is_loaded
    from tgbot.wiring.foundation import Hooks
    from tgbot.wiring.process import run as run_bot

    read = partial(load_whole, say=lambda line: click.echo(line, err=True))
    hooks = Hooks(loaded=keep_what_is_loaded, read=read, reload=reload, examine=examine)
    await run_bot(settings, SystemClock(), stop, hooks)


@click.command()
def health() -> None:
    """Ask a running bot whether it works; for Docker's HEALTHCHECK."""
    from tgbot.web.health_probe import ask

    click.echo(ask(read_settings().health))


@click.command("reload")
def reload_pack() -> None:
    """Let the running bot take up the words as they are now, all or nothing.

    They are read here first: a pack with a mistake is told with file and line, and the bot is left alone.
    """
    from tgbot.clock import SystemClock
    from tgbot.packs.whole import load_whole
    from tgbot.web.health_probe import reload_by

    settings = read_settings()
    load_whole(settings.content)
    pack = asyncio.run(reload_by(settings.health, SystemClock(), os.kill))
    click.echo(f"The bot speaks from {pack['name']} {pack['version']} now.")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for scripts.")
def doctor(as_json: bool) -> None:
    """Look at everything the bot needs: token, database, words, clock. It changes nothing.

    Each line is ok, look (it works, and somebody should look), or BROKEN, with what to do. Exit code: 0
    when all is well, 1 when something is broken, 2 when something is to be looked at. The bot may run.
    """
    from tgbot.clock import SystemClock
    from tgbot.doctor import Diagnosis, as_json_text, as_lines, examine, exit_code

    found: list[Diagnosis] = []

    async def work() -> None:
        async for diagnosis in examine(os.environ, SystemClock()):
            found.append(diagnosis)
            if not as_json:  # at once: Telegram may take its time
                click.echo("\n".join(as_lines([diagnosis])))

    asyncio.run(work())
    if as_json:
        click.echo(as_json_text(found))
    raise SystemExit(exit_code(found))


@click.group()
def webhook() -> None:
    """Set, show or delete Telegram's webhook for this bot."""


@webhook.command("set")
def set_it() -> None:
    """Tell Telegram BACKCHECK_WEBHOOK and the secret. Needed once after the secret was changed."""
    from tgbot.chat.webhook import set_webhook
    from tgbot.clock import SystemClock
    from tgbot.wiring.foundation import webhook_settings

    wanted = webhook_settings(read_settings())

    async def work() -> None:
        async with _bot() as bot:
            await set_webhook(bot, wanted, SystemClock(), anew=True)

    asyncio.run(work())
    click.echo(f"Telegram posts to {wanted.url}.")


@webhook.command()
def show() -> None:
    """Say what Telegram knows: where it posts, how much waits, and what failed last."""

    async def work() -> list[str]:
        async with _bot() as bot:
            info = await bot.get_webhook_info()
        if not info.url:
            return [f"No webhook is set; {info.pending_update_count} updates wait to be polled."]
        lines = [f"Telegram posts to {info.url}; {info.pending_update_count} updates wait."]
        if info.last_error_date:
            lines.append(f"Last failure, {info.last_error_date:%Y-%m-%d %H:%M}Z: {info.last_error_message}")
        return lines

    click.echo("\n".join(asyncio.run(work())))


@webhook.command()
def delete() -> None:
    """Take it away, so that the bot can poll. What waits at Telegram is kept."""

    async def work() -> None:
        async with _bot() as bot:
            await bot.delete_webhook()

    asyncio.run(work())
    click.echo("No webhook is set any more; a bot without BACKCHECK_WEBHOOK can poll now.")


@asynccontextmanager
async def _bot() -> AsyncIterator["Bot"]:
    """The bot, connected. Raises BackcheckError."""
    from tgbot.chat.startup import build, connect, plainly
    from tgbot.clock import SystemClock
    from tgbot.wiring.foundation import NoTokenError

    settings = read_settings()
    if settings.token is None:
        raise NoTokenError
    proxy = settings.proxy.get_secret_value() if settings.proxy else None
    bot = build(settings.token.get_secret_value(), settings.api_url, None, proxy)
    await connect(bot, SystemClock(), asyncio.Event())
    try:
        with plainly(bot):
            yield bot
    finally:
        await bot.shutdown()


COMMANDS = (demo, preview, simulator, run, health, reload_pack, doctor, webhook)
