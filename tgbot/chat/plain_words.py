"""Words that are meant for the bot itself: "hello", "stop", "delete my data" are commands without a slash."""

from collections.abc import Mapping

from tgbot.domain.normalising import split

_FROM, _TO = "typed.", ".command"  # typed.cancel.command: stop, unsubscribe


def meanings(ui: Mapping[str, str]) -> dict[str, str]:
    """Every such message of ui.yaml, as its words, and the name of its command."""
    return {
        " ".join(split(said)): key.removeprefix(_FROM).removesuffix(_TO)
        for key, line in ui.items()
        if key.startswith(_FROM)
        for said in line.split(",")
    }
