"""A worker that says how far it is. Usage: sharing BOOTSTRAP TOPIC PREFIX DIRECTORY.

It joins its groups at once, but takes in nothing before the first line on its standard input, and works until that
ends. The directory holds a simulated company's identities and catalogue. Its peer groups are split small, so that there
are enough shards to share out.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from bench.contestants.whole import names
from bench.machine import build
from streamguard.detect import DetectConfig
from streamguard.exposure import Catalogue, Directory, Exposer, ExposureConfig
from streamguard.pipeline import OriginTools
from streamguard.sources import Decoder
from streamguard.stream import Connection, Worker, WorkerConfig
from streamguard.stream.ingest import Ingest

if TYPE_CHECKING:
    from faust.types import TP

SHARD_SIZE = 10
IDLE_CUT_SECONDS = 0.02
"""Nobody writes to the log while it is read, so nothing is gained by waiting for its last statements' further lines."""
_REPORT_SECONDS = 0.05


def tools(directory: Path) -> OriginTools:
    """Return the core's tools for the company."""
    known, catalogue = Directory.load(directory / "identities.yaml"), Catalogue.load(directory / "catalogue.yaml")
    return OriginTools(decoder=Decoder(), exposer=Exposer(known, catalogue, ExposureConfig(shard_size=SHARD_SIZE)))


def hold_until(begun: asyncio.Event) -> None:
    """Have the ingest agent wait with what was fetched: else who joins first has read much before partitions are shared."""
    take_event = Ingest.take_event

    async def held(self: Ingest, tp: TP, run: Any) -> None:
        await begun.wait()
        await take_event(self, tp, run)

    Ingest.take_event = held


async def main(bootstrap: str, topic: str, prefix: str, directory: str) -> None:
    """Work, and report."""
    topics, engine = names(prefix, topic)
    engine = replace(engine, idle_cut_seconds=IDLE_CUT_SECONDS)
    config = WorkerConfig(Connection(bootstrap), topics, DetectConfig(), engine=engine, web_port=None)
    worker, begun, built = Worker(config, tools(Path(directory))), asyncio.Event(), build()
    hold_until(begun)
    task = asyncio.create_task(worker.run())
    asked = asyncio.create_task(_follow_input(begun))
    while not asked.done():
        await asyncio.sleep(_REPORT_SECONDS)
        if task.done():
            await task
        if worker.roles:
            _report(worker, built)
    worker.stop()
    await task


async def _follow_input(begun: asyncio.Event) -> None:
    """Begin with the first line; return when there will be no more."""
    await asyncio.to_thread(sys.stdin.readline)
    begun.set()
    await asyncio.to_thread(sys.stdin.read)


def _report(worker: Worker, built: str) -> None:
    ingest = next(role for role in worker.roles if role.name == "ingest")
    report = {
        "read": sum(ingest.positions.values()),
        "partitions": [len(role.positions) for role in worker.roles],
        "is_idle": all(role.is_idle for role in worker.roles),
        "judged": worker.metrics.value("streamguard_judged_total"),
        "cpu_seconds": time.process_time(),
        "build": built,
    }
    os.write(1, orjson.dumps(report) + b"\n")


if __name__ == "__main__":
    logging.basicConfig(level="CRITICAL")
    asyncio.run(main(*sys.argv[1:5]))
