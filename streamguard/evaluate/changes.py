"""What changes in a world's directory: records of the identities topic as lines of a file.

{"time_ms": 1758074400000, "key": "alice.smith", "value": {"id": "alice.smith", "group": "finance"}}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from streamguard.exposure.identityrecord import Wrong, read_change
from streamguard.located import ConfigurationError, Mistake

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from streamguard.exposure import DirectoryHistory


class Line(msgspec.Struct, frozen=True):
    """One change: from ``time_ms`` on, event time, the value is true of the employee ``key``; null takes it back."""

    time_ms: int
    key: str
    value: msgspec.Raw


_decode = msgspec.json.Decoder(Line).decode


def apply_changes(path: Path, history: DirectoryHistory) -> None:
    """Apply the changes in a file, in order.

    Raises
    ------
    ConfigurationError
        With every line that is no change.
    """
    mistakes = []
    for number, raw in enumerate(path.read_bytes().splitlines(), 1):
        try:
            line = _decode(raw)
        except msgspec.DecodeError as error:
            mistakes.append(Mistake(str(path), number, 0, str(error)))
            continue
        value = bytes(line.value)
        problem = apply_change(history, number, (line.time_ms, line.key.encode(), None if value == b"null" else value))
        if problem is not None:
            mistakes.append(Mistake(str(path), number, 0, problem))
    if mistakes:
        raise ConfigurationError(mistakes)


def changed(history: DirectoryHistory, changes: Iterable[tuple[int, bytes, bytes]]) -> DirectoryHistory:
    """Return a history after changes as a simulation gives them: (milliseconds, key, value).

    Raises
    ------
    ValueError
        If one of them is none.
    """
    for number, change in enumerate(changes):
        problem = apply_change(history, number, change)
        if problem is not None:
            raise ValueError(problem)
    return history


def apply_change(history: DirectoryHistory, offset: int, change: tuple[int, bytes, bytes | None]) -> str | None:
    """Apply one change; return what is wrong with it, None if nothing."""
    time_ms, key, value = change
    said = read_change(key, value)
    if isinstance(said, Wrong):
        return said.detail
    history.apply(offset, time_ms, said.employee_id, said.person)
    return None
