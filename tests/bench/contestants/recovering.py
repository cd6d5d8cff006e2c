"""A detect agent that recovers what is in a changelog. Usage: recovering BOOTSTRAP ACTIVITY_TOPIC GROUP.

The agent of the worker, with Faust: it joins its group, reads the changelog to its end, and is done when it would begin
to judge.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import time
from typing import TYPE_CHECKING

import orjson
import psutil

from bench.machine import build
from streamguard.detect import DetectConfig
from streamguard.metrics import Metrics
from streamguard.stream import Connection, EngineConfig, Topics, WorkerConfig
from streamguard.stream.apps import build_detect
from streamguard.stream.collector import seldom_collecting

if TYPE_CHECKING:
    from streamguard.stream.role import Role

PARTITIONS = 4
_LOOK_SECONDS = 0.005


async def _watch(role: Role) -> tuple[float, float]:
    """Return the time, and the CPU time used, when nothing of the changelog had been read for the last time."""
    nothing = role.recovery_position()
    while True:
        moment = time.monotonic(), time.process_time()
        await asyncio.sleep(_LOOK_SECONDS)
        if role.recovery_position() != nothing:
            return moment


async def main(bootstrap: str, activity: str, group: str) -> None:
    """Start the agent and wait until it has recovered."""
    topics = Topics({}, activity=activity)
    config = WorkerConfig(
        Connection(bootstrap), topics, DetectConfig(), engine=EngineConfig(group=group), web_port=None
    )
    role = build_detect(config, PARTITIONS, Metrics())
    process = psutil.Process()
    # Recovery begins and may end while the agent starts.
    watching = asyncio.create_task(_watch(role))
    await role.start()
    while not (role.recovered and role.positions):
        await asyncio.sleep(_LOOK_SECONDS)
        if role.app.failure is not None:
            raise role.app.failure
        await role.tick()
    done, cpu = time.monotonic(), time.process_time()
    began, cpu_began = await watching
    report = {
        "recovery_seconds": done - began,
        "cpu_seconds": cpu - cpu_began,
        "rss_bytes": process.memory_info().rss,
        "build": build(),
    }
    os.write(1, orjson.dumps(report) + b"\n")
    await role.stop()


if __name__ == "__main__":
    logging.basicConfig(level="CRITICAL")
    # As a worker does.
    with seldom_collecting():
        asyncio.run(main(*sys.argv[1:4]))
