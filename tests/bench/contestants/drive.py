"""Writes audit lines at a steady rate, waits for findings. Usage: drive BOOTSTRAP TOPIC ACTIVITY FINDINGS RATE SECONDS NAME.

Each line carries the moment it goes out as its time. Among them are probes: somebody new reads a planted table, which is
a finding at once. What is measured lies between the moment a probe's first line is handed to the producer and the moment
its finding is here. The Kafka times of its activity and of its finding, which the worker sets when it begins to write
them, tell on which leg the time went; all clocks are this machine's.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import time
from datetime import UTC, datetime
from itertools import cycle
from typing import TYPE_CHECKING, Any

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.partitioner import murmur2

from bench.figures import percentile
from streamguard.cli.simulation import keyed
from streamguard.simulate import World, small_company

if TYPE_CHECKING:
    from collections.abc import Iterator

PROBES_PER_SECOND = 100
WARM_UP_SECONDS = 2.0
WAIT_SECONDS = 10.0
TICK_SECONDS = 0.01
DAYS = 8
_STAMP = len('{"timestamp":"')
_STAMP_END = _STAMP + len("2026-09-14 08:24:29.934 UTC")
_BATCH_BYTES = 900_000
LEGS = ("to_activity", "to_finding", "back")
"""From a probe to its activity, from there to its finding, from there to the driver."""
_STATEMENT = "select id, email from planted_accounts where id = 7"


class Driver:
    """Sends, and notes when what came back.

    Parameters
    ----------
    producer, consumer
        Started; the consumer reads the findings.
    topic, activity
        Of audit lines, and of what ingest makes of them.
    partitions
        That it has.
    name
        Of this run: probes of another one are not ours.
    """

    def __init__(
        self,
        producer: AIOKafkaProducer,
        consumer: AIOKafkaConsumer,
        topic: str,
        activity: str,
        partitions: int,
        name: str,
    ) -> None:
        self._producer = producer
        self._consumer = consumer
        self._topic = topic
        self._activity = activity
        self._partitions = partitions
        self._name = name
        self._lines = self._endless()
        self._probes = 0
        self._sent: dict[str, float] = {}
        self._ingested: dict[str, float] = {}
        self._mark = re.compile(rf'"({name}-\d+)"'.encode())
        self.seconds: dict[str, float] = {}
        """From a probe to its finding, by the probe's user."""
        self.legs: dict[str, tuple[float, ...]] = {}
        """The same in parts: seconds of each of `LEGS`."""

    async def send(self, rate: float, seconds: float) -> int:
        """Send lines at a steady rate, probes among them; returns how many lines."""
        start = time.time()
        sent = 0
        while (now := time.time() - start) < seconds:
            due = int(rate * now)
            # Chunks: a tick that came late must not make one batch of a size that no shipper has.
            await self._send_some(due - sent, int(PROBES_PER_SECOND * now) - self._probes)
            sent = due
            await asyncio.sleep(TICK_SECONDS)
        await self._producer.flush()
        return sent

    async def receive(self) -> None:
        """Note findings, until cancelled."""
        while True:
            for some in (await self._consumer.getmany(timeout_ms=100)).values():
                now = time.time()
                for record in some:
                    if record.topic == self._activity:
                        # Decoding them all would take the worker's processor.
                        for found in self._mark.findall(record.value):
                            self._ingested.setdefault(found.decode(), record.timestamp / 1000)
                    else:
                        self._note(record, now)

    def _note(self, finding: Any, now: float) -> None:
        user = orjson.loads(finding.value)["evidences"][0]["actor"]["user"]["name"]
        if user not in self._sent or user in self.seconds:
            return
        sent, found = self._sent[user], finding.timestamp / 1000
        self.seconds[user] = now - sent
        if (ingested := self._ingested.get(user)) is not None:
            self.legs[user] = (ingested - sent, found - ingested, now - found)

    def measured(self) -> list[str]:
        """Return the probes that count: those after the warm-up."""
        first = min(self._sent.values()) + WARM_UP_SECONDS
        return [user for user, at in self._sent.items() if at >= first]

    async def _send_some(self, lines: int, probes: int) -> None:
        stamp = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3].encode() + b" UTC"
        batches: dict[int, Any] = {}
        for _ in range(lines):
            partition, key, head, tail = next(self._lines)
            await self._append(batches, partition, key, head + stamp + tail)
        for _ in range(probes):
            self._probes += 1
            user = f"{self._name}-{self._probes}"
            key = user.encode()
            self._sent[user] = time.time()
            for line in _probe(user, stamp.decode()):
                await self._append(batches, self._partition(key), key, line)
        for partition, batch in batches.items():
            await self._producer.send_batch(batch, self._topic, partition=partition)

    async def _append(self, batches: dict[int, Any], partition: int, key: bytes, line: bytes) -> None:
        batch = batches.get(partition)
        if batch is None:
            batch = batches[partition] = self._producer.create_batch()
        if batch.append(key=key, value=line, timestamp=None) is None:
            await self._producer.send_batch(batches.pop(partition), self._topic, partition=partition)
            await self._append(batches, partition, key, line)

    def _partition(self, key: bytes) -> int:
        return (int(murmur2(key)) & 0x7FFFFFFF) % self._partitions

    def _endless(self) -> Iterator[tuple[int, bytes, bytes, bytes]]:
        lines = keyed(World(small_company(days=DAYS)).lines("postgresql.jsonlog"))
        return cycle([(self._partition(key), key, line[:_STAMP], line[_STAMP_END:]) for key, line in lines])


def _probe(user: str, stamp: str) -> list[bytes]:
    """Return what PostgreSQL logs of one statement: pgaudit's line, and how long it took."""
    common = {
        "timestamp": stamp,
        "user": user,
        "dbname": "crm",
        "pid": 4711,
        "remote_host": "10.20.1.1",
        "remote_port": 40000,
        "session_id": user,
        "session_start": stamp,
        "vxid": "3/1",
        "txid": 0,
        "error_severity": "LOG",
        "application_name": "psql",
        "backend_type": "client backend",
        "query_id": 7,
    }
    audit = f'AUDIT: SESSION,1,1,READ,SELECT,TABLE,public.planted_accounts,"{_STATEMENT}",<none>,1'
    messages = (audit, f"duration: 0.114 ms  statement: {_STATEMENT}")
    return [
        orjson.dumps(common | {"line_num": at, "ps": "SELECT", "message": text}) for at, text in enumerate(messages, 1)
    ]


async def main(
    bootstrap: str, topic: str, activity: str, findings: str, rate: float, seconds: float, name: str
) -> None:
    """Send for so long, wait for what is missing, report."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, max_batch_size=_BATCH_BYTES, linger_ms=0)
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await producer.start()
    await consumer.start()
    try:
        partitions = len(await producer.partitions_for(topic))
        read = [TopicPartition(each, at) for each in (activity, findings) for at in await producer.partitions_for(each)]
        consumer.assign(read)
        await consumer.seek_to_end()
        driver = Driver(producer, consumer, topic, activity, partitions, name)
        receiving = asyncio.create_task(driver.receive())
        sent = await driver.send(rate, WARM_UP_SECONDS + seconds)
        probes, deadline = driver.measured(), time.time() + WAIT_SECONDS
        while any(user not in driver.seconds for user in probes) and time.time() < deadline:
            await asyncio.sleep(TICK_SECONDS)
            if receiving.done():
                receiving.result()
        receiving.cancel()
        waits = [driver.seconds[user] for user in probes if user in driver.seconds]
        if not waits:
            raise SystemExit("no finding came back")
        report = {f"p{percent}_seconds": percentile(waits, percent) for percent in (50, 95, 99)}
        for at, leg in enumerate(LEGS):
            parts = [driver.legs[user][at] for user in probes if user in driver.legs]
            report |= {f"{leg}_p{percent}_seconds": percentile(parts, percent) for percent in (50, 95, 99)}
        report |= {"probes": len(probes), "missing": len(probes) - len(waits)}
        report |= {"asked_per_second": rate, "sent_per_second": sent / (WARM_UP_SECONDS + seconds)}
        os.write(1, orjson.dumps(report) + b"\n")
    finally:
        await consumer.stop()
        await producer.stop()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:5], float(sys.argv[5]), float(sys.argv[6]), sys.argv[7]))
