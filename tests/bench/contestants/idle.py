"""This pipeline's delivery with nothing to do: fetch, run, declare, commit. Usage: idle BOOTSTRAP TOPIC GROUP RECORDS."""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import TYPE_CHECKING, Any

from bench.machine import build
from bench.measure import Meter
from streamguard.detect import DetectConfig
from streamguard.metrics import Metrics
from streamguard.stream import Connection, EngineConfig, Topics, WorkerConfig
from streamguard.stream.apps import _agent, _app
from streamguard.stream.collector import seldom_collecting
from streamguard.stream.consumer import Safe
from streamguard.stream.delivery import RunSchema
from streamguard.stream.role import TICK_SECONDS, Role
from streamguard.stream.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from faust.types import TP

    from streamguard.stream.resume import Resume


class Idle(Role):
    """Takes everything, keeps nothing, and says so."""

    name = "idle"

    def begin(self, tp: TP, resume: Resume) -> None:
        """Begin where the last one stopped."""
        self.consumer.declare_safe(tp, Safe(resume.offset))

    def drop(self) -> None:
        """Nothing was kept."""

    def take_in(self, tp: TP, records: Sequence[Any]) -> int | None:
        """Do nothing."""
        return int(records[-1].timestamp)

    async def write(self) -> None:
        """Declare what was taken."""
        for tp, offset in self.positions.items():
            self.consumer.declare_safe(tp, Safe(offset))


async def main(bootstrap: str, topic: str, group: str, records: int) -> None:
    """Take all records."""
    engine = EngineConfig(group=group)
    config = WorkerConfig(Connection(bootstrap), Topics({}), DetectConfig(), engine=engine, web_port=None)
    app = _app(group, config)
    role = Idle(
        app,
        Writer(config.connection.aiokafka(), engine.compression),
        Metrics(),
        flush_seconds=engine.flush_seconds,
        flush_records=engine.flush_records,
    )
    _agent(app, app.topic(topic, schema=RunSchema()), role)
    meter, read = Meter("this pipeline's delivery", records), 0
    await role.start()
    while read < records or not role.is_idle:
        await asyncio.sleep(TICK_SECONDS)
        if role.app.failure is not None:
            raise role.app.failure
        await role.tick()
        read = sum(role.positions.values())
        meter.at(read)
    meter.report(read, done=read, build=build())
    await role.stop()


if __name__ == "__main__":
    logging.basicConfig(level="CRITICAL")
    # As a worker does.
    with seldom_collecting():
        asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
