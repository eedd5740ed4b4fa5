"""The pack's sentences with their places filled; what is filled in is escaped."""

from html import escape

from tgbot.content import ContentPack


class Html(str):
    """Text that is Telegram HTML already and is not escaped again."""

    __slots__ = ()


class Words:
    """`say` gives Telegram HTML; `plain` gives what buttons, alerts and command lists show."""

    def __init__(self, pack: ContentPack) -> None:
        self._ui = pack.ui

    def say(self, key: str, **values: object) -> str:
        """A sentence as HTML. A value that is HTML already is wrapped in `Html`."""
        return self._ui[key].format_map({name: _escaped(value) for name, value in values.items()})

    def plain(self, key: str, **values: object) -> str:
        """A sentence for a place that shows no markup."""
        return self._ui[key].format_map(values)


def _escaped(value: object) -> str:
    return value if isinstance(value, Html) else escape(str(value), quote=False)
