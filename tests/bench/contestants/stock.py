"""A stock Faust agent, as its documentation shows one, with its state in a table that is written to a changelog.

Usage: stock BOOTSTRAP TOPIC OUT RECORDS GROUP WORK; with the work ``nothing`` it only takes the events.
"""

from __future__ import annotations

import os
import sys
from importlib.metadata import version

import faust

from bench import rows
from bench.measure import Meter

bootstrap, topic, out, group, work = *sys.argv[1:4], *sys.argv[5:7]
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
meter = Meter(f"faust-streaming {version('faust-streaming')}", records)


async def finish(count: int, done: int) -> None:
    """Report once everything is written."""
    await app.producer.flush()
    meter.report(count, done=done)
    os._exit(0)


if work == "rows":
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

    @app.agent(source)
    async def idle_agent(stream) -> None:
        """Take one event after the other."""
        count = 0
        async for _ in stream:
            count += 1
            meter.at(count)
            if count >= records:
                await finish(count, count)


if __name__ == "__main__":
    sys.argv = ["faust", "worker", "-l", "error", "--without-web"]
    app.main()
