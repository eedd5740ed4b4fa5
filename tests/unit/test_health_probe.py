"""What `backcheck health` and `backcheck reload` make of what answers, which need not be the bot."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from tgbot.clock import ManualClock
from tgbot.web.health_probe import NotReloadedError, UnwellError, ask, host, reload_by

READY = {
    "ok": True,
    "problems": [],
    "pid": 1,
    "host": host(),
    "start": "a",
    "pack": {"loads": 0, "problem": ""},
}
Address = tuple[str, int]


@contextmanager
def answering(*bodies: Any) -> Iterator[Address]:
    """The address at which these are answered one after the other, as JSON."""
    left = iter(bodies)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(next(left)).encode())

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        serving = Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        try:
            yield "127.0.0.1", server.server_port
        finally:
            server.shutdown()
            serving.join()


def reload(address: Address, signalled: list[int]) -> dict[str, Any]:
    return asyncio.run(reload_by(address, ManualClock(), lambda pid, _: signalled.append(pid)))


def test_a_reload_says_what_came_of_it() -> None:
    signalled: list[int] = []

    with answering(READY, READY, {**READY, "pack": {"loads": 1, "problem": ""}}) as address:
        assert reload(address, signalled)["loads"] == 1
    assert signalled == [1]


@pytest.mark.parametrize(
    "later", [{"ok": False, "problems": ["starting"]}, {**READY, "start": "b"}], ids=["starting", "started"]
)
def test_a_bot_that_restarts_in_the_middle_is_said_to_have(later: dict[str, Any]) -> None:
    with answering(READY, later) as address, pytest.raises(UnwellError, match="restarted meanwhile"):
        reload(address, [])


def test_no_process_is_signalled_for_a_bot_that_runs_elsewhere() -> None:
    """Its number is another process of this machine: as root, the first of all."""
    elsewhere = {**READY, "host": "f00 pid:[4026532281]"}
    signalled: list[int] = []

    with answering(elsewhere) as address, pytest.raises(NotReloadedError, match="runs elsewhere"):
        reload(address, signalled)
    assert signalled == []


@pytest.mark.parametrize("body", [{}, [], "ok", {"status": "up"}])
def test_something_else_at_that_port_is_said_not_to_be_the_bot(body: object) -> None:
    with answering(body) as address, pytest.raises(UnwellError, match="is not the bot"):
        ask(address)
