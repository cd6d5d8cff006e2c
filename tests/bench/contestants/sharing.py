"""A worker that says how far it is, until its standard input ends. Usage: sharing BOOTSTRAP TOPIC PREFIX DIRECTORY.

The directory holds a simulated company's identities and catalogue. Its peer groups are split small, so that there are
enough shards to share out.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import time
from pathlib import Path

import orjson

from bench.contestants.whole import names
from bench.machine import build
from streamguard.detect import DetectConfig
from streamguard.exposure import Catalogue, Directory, Exposer, ExposureConfig
from streamguard.pipeline import OriginTools
from streamguard.sources import Decoder
from streamguard.stream import Connection, Worker, WorkerConfig

SHARD_SIZE = 10
_REPORT_SECONDS = 0.1


def tools(directory: Path) -> OriginTools:
    """Return the core's tools for the company."""
    known, catalogue = Directory.load(directory / "identities.yaml"), Catalogue.load(directory / "catalogue.yaml")
    return OriginTools(decoder=Decoder(), exposer=Exposer(known, catalogue, ExposureConfig(shard_size=SHARD_SIZE)))


async def main(bootstrap: str, topic: str, prefix: str, directory: str) -> None:
    """Work, and report."""
    topics, engine = names(prefix, topic)
    config = WorkerConfig(Connection(bootstrap), topics, DetectConfig(), engine=engine, web_port=None)
    worker = Worker(config, tools(Path(directory)))
    task = asyncio.create_task(worker.run())
    asked = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
    while not asked.done():
        await asyncio.sleep(_REPORT_SECONDS)
        if task.done():
            await task
        if worker.roles:
            _report(worker)
    worker.stop()
    await task


def _report(worker: Worker) -> None:
    ingest = next(role for role in worker.roles if role.name == "ingest")
    report = {
        "read": sum(ingest.positions.values()),
        "partitions": min(len(role.positions) for role in worker.roles if role.name in {"ingest", "detect"}),
        "is_idle": all(role.is_idle for role in worker.roles),
        "judged": worker.metrics.value("streamguard_judged_total"),
        "cpu_seconds": time.process_time(),
        "build": build(),
    }
    os.write(1, orjson.dumps(report) + b"\n")


if __name__ == "__main__":
    logging.basicConfig(level="CRITICAL")
    asyncio.run(main(*sys.argv[1:5]))
