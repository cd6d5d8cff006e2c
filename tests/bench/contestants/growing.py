"""The detector over the state of many employees. Usage: growing BOOTSTRAP GROUP_FILE EMPLOYEES RUNS.

Every run does the same work, whoever else there is: five peer groups as they live (``whole``), and as many employees
from peer groups all over, so that each group has few at work (``spread``). What it is compared with is a worker that has
no more than those five groups, right before. The state table is the worker's own; Kafka and Faust are left out.
"""

from __future__ import annotations

import gc
import os
import sys
import time
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import orjson

from bench import population
from bench.machine import build
from streamguard.detect import DetectConfig
from streamguard.pipeline import ShardLog
from streamguard.stream import EngineConfig, changelog

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamguard.activity import Exposure

FEW_SHARDS = 5
PIECE = EngineConfig().flush_records


class Worker:
    """One partition's log and state, as the detect agent holds them, on a day that has begun in every peer group.

    Parameters
    ----------
    group
        That every shard is a copy of.
    shards
        How many there are.
    """

    def __init__(self, group: population.Group, shards: int) -> None:
        self._group = group
        self._state = changelog.PartitionState()
        for number in range(shards):
            self._state.stage_own(group.shard(number))
        self._log = ShardLog(DetectConfig(), self._state.entries.get)
        self._flushes = 0
        first = group.last_day[0]
        self.measure([msgspec.structs.replace(first, shard=population.shard_name(number)) for number in range(shards)])

    def measure(self, exposures: Sequence[Exposure]) -> dict[str, float]:
        """Judge exposures and encode what changed, flush by flush; returns what an exposure costs."""
        gc.collect()
        gc.freeze()
        seconds, written, packed = 0.0, 0, 0
        for at in range(0, len(exposures), PIECE):
            start = time.process_time()
            self._log.step(exposures[at : at + PIECE])
            changed = self._log.drain()
            self._state.stage_own(changed)
            self._flushes += 1
            records = list(changelog.encode_flush(changelog.Stamp(1, self._flushes), changed))
            seconds += time.process_time() - start
            plain = b"".join(key + value for key, value in records)
            written += len(plain)
            packed += len(zlib.compress(plain))
        count = len(exposures)
        return {
            "cpu_us_per_event": seconds / count * 1e6,
            "changelog_bytes_per_event": written / count,
            "packed_bytes_per_event": packed / count,
        }


class Load:
    """What a peer group does on a day, for any of its copies."""

    def __init__(self, group: population.Group) -> None:
        self._exposures = group.last_day[1:]
        self._everybody = sorted({exposure.employee for exposure in self._exposures})

    def whole(self, shards: Sequence[int]) -> list[Exposure]:
        """Return the day of everybody in some shards, in the order of time."""
        return self._day({number: set(self._everybody) for number in shards})

    def spread(self, shards: Sequence[int], employees: int) -> list[Exposure]:
        """Return the day of so many employees, as few as possible of each shard, another one in each."""
        chosen: dict[int, set[str]] = {}
        for place in range(employees):
            number, turn = shards[place % len(shards)], place // len(shards)
            chosen.setdefault(number, set()).add(self._everybody[(number + turn) % len(self._everybody)])
        return self._day(chosen)

    @property
    def employees(self) -> int:
        """How many of a group are at work on the day."""
        return len(self._everybody)

    def _day(self, chosen: dict[int, set[str]]) -> list[Exposure]:
        found = [
            msgspec.structs.replace(exposure, shard=population.shard_name(number))
            for number, employees in chosen.items()
            for exposure in self._exposures
            if exposure.employee in employees
        ]
        return sorted(found, key=lambda exposure: exposure.activity.time_ms)


def main(path: Path, employees: int, runs: int) -> None:
    """Build the state once, and measure with fresh shards in each run."""
    group, shards = population.load(path), population.shards_of(employees)
    load, few = Load(group), range(FEW_SHARDS)
    block = shards // runs
    # Half of each run's shards for the one, half for the other; a small population is built anew for each run.
    is_small = block < 2 * FEW_SHARDS
    worker = None if is_small else Worker(group, shards)
    found: list[dict[str, Any]] = []
    for run in range(runs):
        base = Worker(group, FEW_SHARDS).measure(load.whole(few))
        first = 0 if is_small else run * block
        some = worker if worker is not None else Worker(group, shards)
        whole = some.measure(load.whole(range(first, first + FEW_SHARDS)))
        spread: dict[str, float] | None = None
        if not is_small:
            rest = range(first + FEW_SHARDS, first + block)
            spread = some.measure(load.spread(rest, FEW_SHARDS * load.employees))
        found.append({"base": base, "whole": whole, "spread": spread})
    os.write(1, orjson.dumps({"runs": found, "build": build()}) + b"\n")


if __name__ == "__main__":
    main(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
