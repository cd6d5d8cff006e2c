"""CPU time of this process per audit record, warm-up excluded."""

from __future__ import annotations

import json
import os
import resource
import time
from pathlib import Path


class Meter:
    """Starts counting after the warm-up and reports one JSON line at the end."""

    def __init__(self, name: str, records: int) -> None:
        self.name = name
        self.records = records
        self._warm_up = records // 10
        self._start: tuple[float, float, int] | None = None

    def at(self, count: int) -> None:
        """Note that so many records were done."""
        if self._start is None and count >= self._warm_up:
            self._start = (_cpu_seconds(), time.monotonic(), count)

    def report(self, count: int, **extra: object) -> None:
        """Print the result."""
        if self._start is None:
            raise RuntimeError("the run was too short to measure")
        cpu, wall, first = self._start
        done = count - first
        out = {
            "name": self.name,
            "read": count,
            "records": done,
            "cpu_us_per_record": (_cpu_seconds() - cpu) / done * 1e6,
            "wall_records_per_second": done / (time.monotonic() - wall),
            "peak_mb": _peak_mb(),
            **extra,
        }
        # The descriptor itself: Faust's worker turns sys.stdout into its log.
        os.write(1, json.dumps(out).encode() + b"\n")


def _peak_mb() -> int:
    """Return this program's own peak: ``ru_maxrss`` begins with that of the process that started it."""
    status = Path("/proc/self/status")
    if status.exists():
        found = [line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
        if found:
            return int(found[0]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
