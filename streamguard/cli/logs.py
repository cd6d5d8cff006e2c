"""Logs: JSON lines on standard error for machines, plain lines for people, and never a value of personal data."""

from __future__ import annotations

import logging
import re
import sys
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor, WrappedLogger

_PERSONAL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+|\+?\d[\d /().-]{7,}\d")
"""E-mail addresses, and digits enough for a phone, card or account number."""
_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
"""IPv4 addresses have as many digits, and brokers are found by them."""
_REDACTED = "[redacted]"
_OWN_WORDS = frozenset({"level", "timestamp", "logger"})
_REPEATS_PER_LOGGER = 20
"""Libraries repeat themselves thousands of times while a broker is away; the first lines say it all."""


def redact(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Remove whatever looks like personal data from every text of a log event (a structlog processor)."""
    for key, value in event.items():
        if key == "event" or (isinstance(value, str) and key not in _OWN_WORDS):
            event[key] = _PERSONAL.sub(_hidden, str(value))
    return event


def _hidden(match: re.Match[str]) -> str:
    return match[0] if _ADDRESS.fullmatch(match[0]) else _REDACTED


class _NoRepeats(logging.Filter):
    """Lets each kind of message of each logger through a bounded number of times a minute."""

    def __init__(self) -> None:
        super().__init__()
        self._window = 0
        self._seen: dict[tuple[str, str], int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        window = int(record.created // 60)
        if window != self._window:
            self._window = window
            self._seen.clear()
        key = (record.name, str(record.msg))
        self._seen[key] = count = self._seen.get(key, 0) + 1
        return count <= _REPEATS_PER_LOGGER


def configure_logs(*, json: bool, level: str = "info") -> None:
    """Send StreamGuard's and the libraries' logs through the same redaction to standard error."""
    shared: list[Processor] = [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    renderer = (
        structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    handler.addFilter(_NoRepeats())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel("WARNING")
    logging.getLogger("streamguard").setLevel(level.upper())


def quiet_logs() -> None:
    """For commands that show a picture: only what ends them."""
    configure_logs(json=False, level="error")
    logging.getLogger().setLevel("CRITICAL")
