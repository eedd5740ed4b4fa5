"""Looks at a bot as whoever watches its health does."""

import asyncio
import socket

import httpx


def a_free_address() -> tuple[str, int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        host, port, *_ = free.getsockname()
    return host, port


async def comes_up(watcher: httpx.AsyncClient) -> httpx.Response:
    async with asyncio.timeout(20):
        while True:
            try:
                return await watcher.get("/healthz")
            except httpx.ConnectError:
                await asyncio.sleep(0.05)


async def store_answers(watcher: httpx.AsyncClient) -> httpx.Response:
    """What /readyz says as soon as the store writes: a busy machine may be too slow for it at first."""
    async with asyncio.timeout(20):
        while True:
            answer = await watcher.get("/readyz")
            if "store" not in answer.json()["problems"]:
                return answer
            await asyncio.sleep(0.05)
