"""Which calls wait for their turn, which for a 429 alone, and what a 429 costs whom."""

from typing import Any

import pytest
from telegram.error import RetryAfter, TimedOut

from tgbot.chat.sending import MOST_TRIES, PacedRequests
from tgbot.clock import ManualClock
from tgbot.service.rate_limiter import RateLimiter

ADA, BEN, GROUP = 7, 8, -5


class Line:
    """Calls that are answered as they were told to; `at` is when each was made."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.limiter = RateLimiter(self.clock)
        self.remembered: list[float] = []
        self.at: list[float] = []
        self.paced = PacedRequests(self.limiter, self._remember)

    async def _remember(self, seconds: float) -> None:
        self.remembered.append(seconds)

    async def calls(
        self, endpoint: str, chat: object = ADA, *answers: Exception, urgent: bool | None = None
    ) -> Any:
        left = list(answers)

        async def call(word: str, *, more: str) -> bool:
            assert (word, more) == ("a", "b"), "what is given goes on to the call"
            self.at.append(self.clock.monotonic())
            if left:
                raise left.pop(0)
            return True

        data = {} if chat is None else {"chat_id": chat}
        return await self.paced.process_request(call, ("a",), {"more": "b"}, endpoint, data, urgent)


@pytest.mark.parametrize(
    ("endpoint", "chat", "at"),
    [
        ("sendMessage", ADA, [0, 1.05, 2.1]),
        ("sendPhoto", ADA, [0, 1.05, 2.1]),
        ("sendMessage", GROUP, [0, 3.15, 6.3]),
        ("sendMessage", "@channel", [0, 0, 0]),
        ("editMessageText", ADA, [0, 0, 0]),
        ("sendChatAction", ADA, [0, 0, 0]),
        ("answerCallbackQuery", None, [0, 0, 0]),
    ],
)
async def test_only_a_new_message_waits_for_the_one_before_it_in_its_chat(
    endpoint: str, chat: object, at: list[float]
) -> None:
    line = Line()
    for _ in at:
        assert await line.calls(endpoint, chat) is True

    assert line.at == pytest.approx(at, abs=0.002)


async def test_an_edit_takes_a_token_as_a_message_does_and_an_action_takes_none() -> None:
    line = Line()
    free = line.limiter.take(100)
    line.limiter.give_back(free)
    await line.calls("sendChatAction")
    assert line.limiter.take(100) == free
    line.limiter.give_back(free)
    await line.calls("editMessageText")
    assert line.limiter.take(100) == free - 1


async def test_an_urgent_message_does_not_wait_for_the_one_before_it() -> None:
    line = Line()
    await line.calls("sendMessage")
    await line.calls("sendMessage", urgent=True)
    assert line.at == [0, 0]
    await line.calls("sendMessage", urgent=False)
    assert line.at[2] > 0


async def test_a_429_is_waited_out_by_its_chat_and_by_no_other() -> None:
    line = Line()
    await line.calls("sendMessage", ADA, RetryAfter(5))
    assert line.at == [0, 5]
    assert line.remembered == [], "a chat's is forgotten by a restart"
    await line.calls("sendMessage", BEN)
    assert line.at[2] == 5


@pytest.mark.parametrize("endpoint", ["sendMessage", "editMessageText", "sendChatAction"])
async def test_whatever_is_said_to_a_chat_waits_for_its_429(endpoint: str) -> None:
    line = Line()
    line.limiter.too_many(ADA, 9)
    await line.calls(endpoint, ADA)

    assert line.at == [9]


async def test_a_429_without_a_chat_is_everybodys_and_outlives_a_restart() -> None:
    line = Line()
    await line.calls("answerInlineQuery", None, RetryAfter(4))
    assert line.at == [0, 4]
    assert line.remembered == [4.0]


async def test_a_429_of_the_bots_own_profile_is_of_that_alone() -> None:
    line = Line()
    with pytest.raises(RetryAfter):
        await line.calls("setMyCommands", None, RetryAfter(3_600))

    assert line.limiter.paused_for() == 0
    await line.calls("sendMessage", BEN)
    assert line.at == [0, 0]


async def test_who_meets_429_after_429_gives_up_after_five_tries() -> None:
    line = Line()
    with pytest.raises(RetryAfter):
        await line.calls("sendMessage", ADA, *[RetryAfter(2)] * 9)

    assert MOST_TRIES == 5
    assert line.at == pytest.approx([0, 2, 4, 6, 8])


async def test_what_else_goes_wrong_is_for_the_caller_and_is_not_tried_again() -> None:
    line = Line()
    with pytest.raises(TimedOut):
        await line.calls("sendMessage", ADA, TimedOut())

    assert line.at == [0]
