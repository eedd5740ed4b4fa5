"""Commands that run something: the bot, its demo, a Telegram of one's own."""

import click

from tgbot.cli.review import tell_unsigned
from tgbot.cli.shared import extra, learn_first, read_settings, start_log
from tgbot.errors import BackcheckError
from tgbot.settings import TOKEN


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
    from tgbot.supervision import until_stopped

    with extra("simulator"):
        from tgbot.demo import demo as run_demo

    settings = read_settings()
    start_log(settings, level="WARNING")  # whoever tries it out looks at the chat
    learn_first(settings)
    until_stopped(lambda stop: run_demo(settings, port, browser, click.echo, stop))


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
        from tgbot.demo import CannotListenError
        from tgbot.simulator.server import Simulator, serve_until

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


@click.command()
@click.option("--strict", is_flag=True, help="Only if every word, sign and rule is signed as it stands.")
def run(strict: bool) -> None:
    """Run the bot on Telegram."""
    from tgbot.clock import SystemClock
    from tgbot.supervision import keep_what_is_loaded, until_stopped
    from tgbot.wiring import Hooks
    from tgbot.wiring import run as run_bot

    settings = read_settings()
    start_log(settings)
    tell_unsigned(settings.content, SystemClock().now().date(), strict=strict)
    learn_first(settings)
    hooks = Hooks(loaded=keep_what_is_loaded)
    until_stopped(lambda stop: run_bot(settings, SystemClock(), stop, hooks))


@click.command()
def health() -> None:
    """Ask a running bot whether it works; for Docker's HEALTHCHECK."""
    from tgbot.web.health_probe import ask

    click.echo(ask(read_settings().health))


COMMANDS = (demo, simulator, run, health)
