"""Commands that tell how the bot is and what happened: counts only."""

import asyncio
import os
from collections.abc import Mapping
from datetime import timedelta
from functools import partial

import click

from tgbot.cli.shared import read_settings
from tgbot.followup.episode import FollowUpState


@click.command()
@click.option("--days", type=click.IntRange(1, 3650), default=30, show_default=True, help="How far back.")
def stats(days: int) -> None:
    """What people asked, what was not understood, what helped: counts only, small ones hidden."""
    from tgbot.clock import SystemClock
    from tgbot.service.questions import counted
    from tgbot.store.opening import open_to_read

    since = (SystemClock().now() - timedelta(days=days)).date()

    async def work() -> Mapping[str, list[tuple[str, str]]]:
        async with open_to_read(read_settings().database.get_secret_value()) as store:
            return await counted(store, since)

    for kind, subjects in (asyncio.run(work()) or {"nothing": []}).items():
        click.echo(f"{kind.replace('_', ' ')} since {since}")
        for subject, times in subjects:
            click.echo(f"  {times:>6}  {subject}")


@click.command("follow-ups")
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
        async with open_to_read(read_settings().database.get_secret_value()) as store:
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


@click.command()
@click.option("--days", type=click.IntRange(1, 3650), default=30, show_default=True, help="How far back.")
@click.option(
    "--accept", nargs=2, type=(int, str), help="Write the wording of group N into an answer: N ANSWER-ID."
)
def questions(days: int, accept: tuple[int, str] | None) -> None:
    """What was not understood, asked back or found unhelpful, by likeness, with the answer it may belong to.

    --accept writes the wording into that answer's file, checks, and undoes it when anything is worse.
    """
    from tgbot import asked_questions
    from tgbot.ask_command import Asker
    from tgbot.asked_questions import likeliest
    from tgbot.clock import SystemClock
    from tgbot.service.store_port import CountedEvent
    from tgbot.store.opening import open_to_read

    settings, today = read_settings(), SystemClock().now().date()

    async def work() -> Mapping[CountedEvent, int]:
        async with open_to_read(settings.database.get_secret_value()) as store:
            return await asked_questions.tallied_questions(store, today - timedelta(days=days))

    tallied, asker = asyncio.run(work()), Asker.open(settings.content)
    groups = asked_questions.grouped(asked_questions.kept_words(tallied), partial(likeliest, asker))
    titles = {id: answer.question for id, answer in asker.pack.answers.items()}
    if accept is None:
        click.echo("\n".join(asked_questions.as_rows(groups, tallied, titles)))
        return
    number, answer = accept
    if not 1 <= number <= len(groups):
        raise click.UsageError(f"There is no group {number}; without --accept they are listed.")
    wording = groups[number - 1].wordings[0]
    before, after = asked_questions.accept(
        settings.content, wording, answer, lambda root: asked_questions.figures(root, today)
    )
    click.echo(f"“{wording}” finds {answer} now. Errors: {before.errors} → {after.errors}.")
    click.echo(f"Messages that miss their answer: {before.missed} → {after.missed}.")
    click.echo("`backcheck reload` tells the bot; sign the answer again if it was signed.")


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


COMMANDS = (stats, follow_ups, questions, doctor)
