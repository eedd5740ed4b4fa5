"""A messenger that remembers what it sent and answers as it was told."""

from collections.abc import Awaitable, Callable, Iterable

from tgbot.screens.screen import Screen
from tgbot.service.ports import Delivery, SentOk


class FakeMessenger:
    """`answers` are given first, one a send; then everything is delivered. `during` runs inside a send."""

    def __init__(self, answers: Iterable[Delivery] = (), during: Callable[[], Awaitable[None]] | None = None):
        self._answers = list(answers)
        self._during = during
        self.attempts: list[int] = []
        self.delivered: list[int] = []
        self.screens: list[Screen] = []

    async def send(self, chat_id: int, screen: Screen) -> Delivery:
        self.attempts.append(chat_id)
        if self._during:
            await self._during()
        answer = self._answers.pop(0) if self._answers else SentOk(1000 + len(self.attempts))
        if isinstance(answer, SentOk):
            self.delivered.append(chat_id)
            self.screens.append(screen)
        return answer
