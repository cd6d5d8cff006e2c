"""A stock Faust agent, as its documentation shows one. Usage: stock BOOTSTRAP TOPIC OUT RECORDS GROUP WORK.

With the work ``rows`` its state is in a Faust table, written to a changelog; with ``core`` it is in memory, because
Faust's tables cannot hold it: in its favour.
"""

from __future__ import annotations

import os
import sys

import faust

from bench import rows
from bench.measure import Meter
from bench.work import CoreWork, Record

bootstrap, topic, out, group, work_name = *sys.argv[1:4], *sys.argv[5:7]
records = int(sys.argv[4])
app = faust.App(
    group,
    broker=[f"kafka://{address}" for address in bootstrap.split(",")],
    store="memory://",
    topic_disable_leader=True,
    topic_allow_declare=False,
    consumer_auto_offset_reset="earliest",
    web_enabled=False,
)
source = app.topic(topic, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")
sink = app.topic(out, value_type=bytes, value_serializer="raw")
meter = Meter("stock Faust agent", records)


async def finish(count: int, done: int) -> None:
    """Report once everything is written."""
    await app.producer.flush()
    meter.report(count, done=done)
    os._exit(0)


if work_name == "rows":
    usual = app.Table("usual", partitions=4)

    @app.agent(source)
    async def agent_with_table(stream) -> None:
        """Work on one event after the other, state in a table."""
        count = done = 0
        async for value in stream:
            stepped = rows.step(value, usual.get)
            if stepped is not None:
                employee, state, alert = stepped
                usual[employee] = state
                done += 1
                if alert is not None:
                    await sink.send(value=alert)
            count += 1
            meter.at(count)
            if count >= records:
                await finish(count, done)

else:
    work = CoreWork()

    @app.agent(source)
    async def agent(stream) -> None:
        """Work on one event after the other, state in memory."""
        count = 0
        async for event in stream.events():
            at = event.message
            record = Record(at.topic, at.partition, at.offset, int(at.timestamp * 1000), event.value)
            for finding in work.do([record]):
                await sink.send(value=finding)
            count += 1
            meter.at(count)
            if count >= records:
                await finish(count, work.done)


if __name__ == "__main__":
    sys.argv = ["faust", "worker", "-l", "error", "--without-web"]
    app.main()
