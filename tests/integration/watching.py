"""Looks at a bot as whoever watches its health does."""

import asyncio
import os
import socket
from itertools import count

import httpx

BELOW = 32_768
"""Where the ports begin that systems give away by themselves: whoever is given one never meets ours."""
_next = count(os.getpid() * 16)


def a_free_address() -> tuple[str, int]:
    """Nobody listens there, and nobody comes there by chance before the bot does."""
    while True:
        address = ("127.0.0.1", 10_000 + next(_next) % (BELOW - 10_000))
        try:
            socket.create_server(address).close()
        except OSError:
            continue
        return address


async def comes_up(watcher: httpx.AsyncClient) -> httpx.Response:
    async with asyncio.timeout(60):
        while True:
            try:
                answer = await watcher.get("/healthz")
                if "starting" not in answer.json():
                    return answer
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)


async def store_answers(watcher: httpx.AsyncClient) -> httpx.Response:
    """What /readyz says as soon as the store writes: a busy machine may be too slow for it at first."""
    async with asyncio.timeout(60):
        while True:
            answer = await watcher.get("/readyz")
            if "store" not in answer.json()["problems"]:
                return answer
            await asyncio.sleep(0.05)
