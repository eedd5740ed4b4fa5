"""What `backcheck health` and `backcheck reload` make of what answers, which need not be the bot."""

import asyncio
import http.client
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tgbot.clock import ManualClock
from tgbot.web.health_probe import NotReloadedError, UnwellError, ask, host, reload_by

ADDRESS = ("127.0.0.1", 8080)
READY = {
    "ok": True,
    "problems": [],
    "pid": 1,
    "host": host(),
    "start": "a",
    "pack": {"loads": 0, "problem": ""},
}
Answers = Callable[..., None]


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    """What is answered one after the other, as JSON."""

    def prepare(*bodies: Any) -> None:
        left: Iterator[Any] = iter(bodies)
        monkeypatch.setattr(http.client.HTTPConnection, "request", lambda *_: None)
        monkeypatch.setattr(http.client.HTTPConnection, "getresponse", lambda _: None)
        monkeypatch.setattr(json, "load", lambda _: next(left))

    return prepare


def reload(signalled: list[int]) -> dict[str, Any]:
    return asyncio.run(reload_by(ADDRESS, ManualClock(), lambda pid, _: signalled.append(pid)))


def test_a_reload_says_what_came_of_it(answers: Answers) -> None:
    answers(READY, READY, {**READY, "pack": {"loads": 1, "problem": ""}})
    signalled: list[int] = []

    assert reload(signalled)["loads"] == 1
    assert signalled == [1]


@pytest.mark.parametrize(
    "later", [{"ok": False, "problems": ["starting"]}, {**READY, "start": "b"}], ids=["starting", "started"]
)
def test_a_bot_that_restarts_in_the_middle_is_said_to_have(answers: Answers, later: dict[str, Any]) -> None:
    answers(READY, later)

    with pytest.raises(UnwellError, match="restarted meanwhile"):
        reload([])


def test_no_process_is_signalled_for_a_bot_that_runs_elsewhere(answers: Answers) -> None:
    """Its number is another process of this machine: as root, the first of all."""
    answers({**READY, "host": "f00 pid:[4026532281]"})
    signalled: list[int] = []

    with pytest.raises(NotReloadedError, match="runs elsewhere"):
        reload(signalled)
    assert signalled == []


@pytest.mark.parametrize("body", [{}, [], "ok", {"status": "up"}])
def test_something_else_at_that_port_is_said_not_to_be_the_bot(answers: Answers, body: object) -> None:
    answers(body)

    with pytest.raises(UnwellError, match="is not the bot"):
        ask(ADDRESS)
