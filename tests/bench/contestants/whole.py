"""This pipeline, whole. Usage: whole BOOTSTRAP TOPIC PREFIX RECORDS."""

from __future__ import annotations

import asyncio
import logging
import sys

from bench.machine import build
from bench.measure import Meter
from streamguard.cli.company import company_tools
from streamguard.detect import DetectConfig
from streamguard.stream import Connection, EngineConfig, Topics, Worker, WorkerConfig


def names(prefix: str, audit: str | None = None) -> tuple[Topics, EngineConfig]:
    """Return a run's own topics and groups."""
    own = {name: f"{prefix}.{name}" for name in ("activity", "findings", "incidents", "deadletter")}
    return Topics({} if audit is None else {audit: "postgresql.jsonlog"}, **own), EngineConfig(group=prefix)


def topics_of(prefix: str) -> tuple[str, ...]:
    """Return the topics that must be there before such a run begins."""
    topics, engine = names(prefix)
    return topics.activity, topics.findings, topics.incidents, topics.deadletter, engine.changelog_topic


async def main(bootstrap: str, topic: str, prefix: str, records: int) -> None:
    """Run the worker until everything is judged and written."""
    topics, engine = names(prefix, topic)
    config = WorkerConfig(Connection(bootstrap), topics, DetectConfig(), engine=engine, web_port=None)
    worker = Worker(config, company_tools())
    task = asyncio.create_task(worker.run())
    meter, quiet, read = Meter("this pipeline", records), 0, 0
    while quiet < 5:
        await asyncio.sleep(0.02)
        if task.done():
            await task
        read = sum(sum(role.positions.values()) for role in worker.roles if role.name == "ingest")
        meter.at(read)
        quiet = quiet + 1 if read >= records and all(role.is_idle for role in worker.roles) else 0
    judged = int(worker.metrics.value("streamguard_judged_total"))
    meter.report(read, done=judged, build=build())
    worker.stop()
    await task


if __name__ == "__main__":
    logging.basicConfig(level="CRITICAL")
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
