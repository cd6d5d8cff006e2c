"""Moments as people write them on the command line, and as they read them."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from streamguard.cli.output import fail


def now_ms() -> int:
    """Return this moment in milliseconds: what people mean who name none."""
    return time.time_ns() // 1_000_000


def moment_ms(text: str, option: str) -> int:
    """Return a moment in milliseconds, or end the command. Without an offset it is UTC; a date is its beginning."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        fail(f"{option} must be a date or a time, such as 2026-12-01 or 2026-12-01T18:00+01:00")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp() * 1000)


def moment_text(time_ms: int) -> str:
    """Return a moment as people read it, in UTC."""
    return f"{datetime.fromtimestamp(time_ms / 1000, tz=UTC):%Y-%m-%d %H:%M} UTC"
