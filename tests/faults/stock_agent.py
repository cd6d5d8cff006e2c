"""A stock Faust agent that sums rows per employee in a table, as Faust's documentation shows it.

Usage: stock_agent BOOTSTRAP APP TOPIC.
"""

from __future__ import annotations

import sys

import faust
import orjson

bootstrap, name, topic = sys.argv[1:4]
app = faust.App(
    name,
    broker=f"kafka://{bootstrap}",
    store="memory://",
    topic_partitions=4,
    topic_replication_factor=1,
    topic_disable_leader=True,
    consumer_auto_offset_reset="earliest",
    broker_session_timeout=3,
    broker_heartbeat_interval=0.5,
    web_enabled=False,
)
source = app.topic(topic, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw", partitions=4)
state = app.Table("state", default=int, partitions=4)


@app.agent(source)
async def agent(stream) -> None:
    """Add up."""
    async for value in stream:
        event = orjson.loads(value)
        state[event["employee"]] += event["rows"]


if __name__ == "__main__":
    sys.argv = ["faust", "worker", "-l", "error", "--without-web"]
    app.main()
