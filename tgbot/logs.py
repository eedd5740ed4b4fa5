"""Logs: one event a line, on standard error, for people or as JSON. Ids, never texts; secrets never.

Everything that is written, our events and other libraries', tracebacks and warnings, goes through one
handler, and what it writes is redacted as a whole: there is no second way out.
"""

import logging
import re
import sys
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Literal

import structlog

_TOKEN = re.compile(r"\d{5,}(?::|%3A)[A-Za-z0-9_-]{30,}")
_HIDDEN = "[secret]"
_QUIET = (
    "httpx",
    "httpcore",
    "telegram",
    "aiosqlite",
    "uvicorn",
    "asyncio",
    "matplotlib",
    "fontTools",
    "fpdf",
)


def configure(style: Literal["console", "json"], secrets: Sequence[str] = (), level: str = "INFO") -> None:
    """Set up logging for the whole process. `secrets` never appear, nor anything that looks like a token."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(Redacting(secrets, processors=_ending(style), foreign_pre_chain=shared))
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for library in _QUIET:  # httpx writes the whole address, token included, at INFO
        logging.getLogger(library).setLevel(logging.WARNING)
    logging.getLogger("telegram").setLevel(logging.CRITICAL)  # its errors quote answers, with people's words
    logging.captureWarnings(True)
    _log_what_nobody_caught()


def _ending(style: Literal["console", "json"]) -> list[Any]:
    strip = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if style == "json":
        return [
            strip,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    plain = structlog.dev.plain_traceback  # no local variables: they hold what people wrote
    return [strip, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]


class Redacting(structlog.stdlib.ProcessorFormatter):
    """Formats, then hides every secret in what came out."""

    def __init__(self, secrets: Sequence[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        halves = [half for secret in secrets for half in (secret, secret.partition(":")[2]) if half]
        self._secrets = sorted(halves, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        for secret in self._secrets:
            line = line.replace(secret, _HIDDEN)
        return _TOKEN.sub(_HIDDEN, line)


def _log_what_nobody_caught() -> None:
    """Python would write these tracebacks itself, around the handler."""
    log = logging.getLogger("backcheck")

    def uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            return
        log.critical("uncaught", exc_info=(kind, error, trace))

    def in_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            uncaught(args.exc_type, args.exc_value, args.exc_traceback)

    def unraisable(args: Any) -> None:
        if args.exc_value is not None:
            uncaught(args.exc_type, args.exc_value, args.exc_traceback)

    sys.excepthook = uncaught
    threading.excepthook = in_thread
    sys.unraisablehook = unraisable
