"""A bare aiokafka loop: the limit, because nothing is durable. Usage: bare BOOTSTRAP TOPIC OUT RECORDS GROUP."""

from __future__ import annotations

import asyncio
import sys
from importlib.metadata import version

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from bench import rows
from bench.measure import Meter


async def main(bootstrap: str, topic: str, out: str, records: int, group: str) -> None:
    """Read, work, produce."""
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=bootstrap, group_id=group, auto_offset_reset="earliest", max_poll_records=4_000
    )
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await consumer.start()
    await producer.start()
    meter, states, count, done = Meter(f"aiokafka {version('aiokafka')}", records), {}, 0, 0
    while count < records:
        for some in (await consumer.getmany(timeout_ms=500)).values():
            for record in some:
                stepped = rows.step(record.value, states.get)
                if stepped is None:
                    continue
                employee, states[employee], alert = stepped
                done += 1
                if alert is not None:
                    await producer.send(out, alert)
            count += len(some)
        meter.at(count)
    await producer.flush()
    meter.report(count, done=done)
    await consumer.stop()
    await producer.stop()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5]))
