"""A stock Faust agent, as its documentation shows one. Usage: stock BOOTSTRAP TOPIC OUT RECORDS GROUP."""

from __future__ import annotations

import os
import sys

import faust

from bench.measure import Meter
from bench.work import Work

bootstrap, topic, out, records, group = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5]
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
meter, work = Meter("stock Faust agent", records), Work()


@app.agent(source)
async def agent(stream) -> None:
    """Work on one event after the other."""
    count = 0
    async for event in stream.events():
        message = event.message
        for finding in work.do(
            message.topic, message.partition, message.offset, int(message.timestamp * 1000), event.value
        ):
            await sink.send(value=finding)
        count += 1
        meter.at(count)
        if count >= records:
            meter.report(count)
            os._exit(0)


if __name__ == "__main__":
    sys.argv = ["faust", "worker", "-l", "error", "--without-web"]
    app.main()
