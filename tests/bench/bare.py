"""A bare aiokafka loop: the limit, because nothing is durable. Usage: bare BOOTSTRAP TOPIC OUT RECORDS GROUP WORK."""

from __future__ import annotations

import asyncio
import sys

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from bench.measure import Meter
from bench.work import WORKS, Record


async def main(bootstrap: str, topic: str, out: str, records: int, group: str, work_name: str) -> None:
    """Read, work, produce."""
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=bootstrap, group_id=group, auto_offset_reset="earliest", max_poll_records=4_000
    )
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await consumer.start()
    await producer.start()
    meter, work, count = Meter("bare aiokafka loop", records), WORKS[work_name](), 0
    while count < records:
        for some in (await consumer.getmany(timeout_ms=500)).values():
            # All that came of a partition at once, as this pipeline does: a call for each record is no limit.
            for finding in work.do([Record(r.topic, r.partition, r.offset, r.timestamp, r.value) for r in some]):
                await producer.send(out, finding)
            count += len(some)
        meter.at(count)
    await producer.flush()
    meter.report(count, done=work.done)
    await consumer.stop()
    await producer.stop()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5], sys.argv[6]))
