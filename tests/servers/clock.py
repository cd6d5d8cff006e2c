"""A server's own clock, moved by libfaketime, so that its log carries days of history within seconds.

libfaketime is preloaded into the server and reads an offset in seconds from a file. An offset, rather than a
date, means the same to every process of the server, however late it forks, and time keeps flowing. Only the
wall clock moves: sleeps and time-outs go by the monotonic one.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from servers.process import ServerError

if TYPE_CHECKING:
    from pathlib import Path


def library() -> Path | None:
    """Return libfaketime, where Debian's package puts it, or None."""
    from pathlib import Path

    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    return found[0] if found else None


class Clock:
    """The clock of a server's processes.

    Parameters
    ----------
    file
        Where the offset is written; the server must be able to read it.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._library = library()
        self._write("+0")

    @property
    def movable(self) -> bool:
        """Whether libfaketime is installed."""
        return self._library is not None

    def environment(self) -> dict[str, str]:
        """Return the variables that put a process under this clock; none without libfaketime."""
        if self._library is None:
            return {}
        return {
            "LD_PRELOAD": str(self._library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            # A new offset counts from the next look at the clock on, not up to 10 seconds later.
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
            # Semaphores under /dev/shm would outlive a killed server.
            "FAKETIME_DISABLE_SHM": "1",
        }

    def set(self, moment: datetime) -> None:
        """Set the clock; it flows on from there.

        Raises
        ------
        ServerError
            When libfaketime is not installed.
        ValueError
            When the moment has no time zone.
        """
        if not self.movable:
            raise ServerError("moving a server's clock needs libfaketime: apt-get install libfaketime")
        if moment.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        self._write(f"{(moment - datetime.now(UTC)).total_seconds():+.6f}")

    def _write(self, offset: str) -> None:
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{offset}\n")
        fresh.chmod(0o644)
        # A reader sees the old offset or the new one, never half of it.
        fresh.replace(self._file)
