"""Who starts the process anew is told that it works, and a process that has not for long ends itself.

systemd is told by the datagrams of sd_notify(3), which need a socket and no library.
"""

import socket
from collections.abc import Callable, Mapping

import structlog

from tgbot.errors import BackcheckError
from tgbot.service.ports import Clock

log = structlog.get_logger(__name__)

LONGEST = 600.0  # seconds for which a part may be silent: an outage of the network is often shorter
LOOK_SECONDS = 10.0


class SilentTooLongError(BackcheckError):
    """A part has given no sign of life for so long that a new start is the better try."""

    def __init__(self, parts: list[str]) -> None:
        super().__init__(f"No sign of life for ten minutes: {', '.join(parts)}. The process ends.")


class Systemd:
    """Tells systemd how the service is; nothing when it was not systemd that started it."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        address = environ.get("NOTIFY_SOCKET", "")
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        microseconds = environ.get("WATCHDOG_USEC", "")
        self.patience = int(microseconds) / 1_000_000 if microseconds.isdecimal() else None

    def tell(self, state: str) -> None:
        """Such as READY=1. Never raises: the service works without."""
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as datagrams:
                datagrams.connect(self._address)
                datagrams.sendall(state.encode())
        except OSError as error:
            log.warning("systemd_not_told", error=error.strerror)


class Watchdog:
    """`silent` names the parts that give no sign of life."""

    def __init__(self, clock: Clock, silent: Callable[[], list[str]], systemd: Systemd) -> None:
        self._clock = clock
        self._silent = silent
        self._systemd = systemd
        self._since: float | None = None

    async def run(self) -> None:
        """Look until cancelled. Raises SilentTooLongError."""
        pause = min(LOOK_SECONDS, (self._systemd.patience or LOOK_SECONDS * 3) / 3)
        self._systemd.tell("READY=1")
        try:
            while True:
                self.look()
                await self._clock.sleep(pause)
        finally:
            self._systemd.tell("STOPPING=1")

    def look(self) -> None:
        """While all is well systemd's watchdog is fed; without it systemd kills at its own patience."""
        parts, now = self._silent(), self._clock.monotonic()
        if not parts:
            self._since = None
            self._systemd.tell("WATCHDOG=1")
            return
        self._since = now if self._since is None else self._since
        if now - self._since >= LONGEST:
            raise SilentTooLongError(parts)
