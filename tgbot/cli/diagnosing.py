"""`backcheck doctor`: everything that the bot needs, and what to do about what is wrong."""

import asyncio
import os

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for scripts.")
def doctor(as_json: bool) -> None:
    """Look at everything the bot needs: token, database, words, clock. It changes nothing.

    Each line is ok, look (it works, and somebody should look), or BROKEN, with what to do. Exit code: 0
    when all is well, 1 when something is broken, 2 when something is to be looked at. The bot may run.
    """
    from tgbot.clock import SystemClock
    from tgbot.doctor.diagnosis import Diagnosis, exit_code
    from tgbot.doctor.examination import as_json_text, as_lines, examine

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


COMMANDS = (doctor,)
