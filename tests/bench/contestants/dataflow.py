"""Bytewax, stateful_map with recovery. Usage: dataflow BOOTSTRAP TOPIC OUT RECORDS GROUP."""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSink, KafkaSinkMessage, KafkaSource
from bytewax.dataflow import Dataflow
from bytewax.recovery import RecoveryConfig, init_db_dir
from bytewax.testing import run_main

from bench import rows
from bench.measure import Meter

if TYPE_CHECKING:
    from collections.abc import Iterator

EPOCH = timedelta(seconds=1)
"""Between two snapshots, as often as this pipeline commits; by default it is 10 seconds."""
PREFETCHED = 4_000
"""Records of a partition that librdkafka fetches ahead; by default all of them, before the meter starts."""


class Work:
    """Reads, judges, and ends the process when all is done: a dataflow over Kafka has no end."""

    def __init__(self, records: int) -> None:
        self._records = records
        self._count = self._done = 0
        self._meter = Meter(f"bytewax {version('bytewax')}", records)

    def read(self, messages: list) -> Iterator[tuple[str, int | None]]:
        """Yield employees with their rows."""
        for message in messages:
            found = rows.read(message.value)
            # One that is none of ours still has to be counted.
            yield found if found is not None else ("", None)

    def judge(self, state: rows.State | None, count: int | None) -> tuple[rows.State | None, int | None]:
        """Return the new state, and the rows if they are unusual."""
        self._count += 1
        self._meter.at(self._count)
        if count is None:
            alert, learned = None, None
        else:
            self._done += 1
            alert = count if rows.is_unusual(state, count) else None
            learned = rows.learn(state, count)
        if self._count >= self._records:
            self._meter.report(self._count, done=self._done)
            os._exit(0)
        return learned, alert


def main(bootstrap: str, topic: str, out: str, records: int, group: str) -> None:
    """Run until everything is judged."""
    work, brokers = Work(records), bootstrap.split(",")
    flow = Dataflow("rows")
    settings = {"group.id": group, "queued.min.messages": str(PREFETCHED)}
    source = op.input("in", flow, KafkaSource(brokers, [topic], add_config=settings))
    judged = op.stateful_map("judge", op.flat_map_batch("read", source, work.read), work.judge)
    alerts = op.filter_map(
        "alert",
        judged,
        lambda item: KafkaSinkMessage(None, rows.alert(*item)) if item[1] is not None else None,
    )
    op.output("out", alerts, KafkaSink(brokers, out))
    store = Path(f"bytewax-{group}")
    store.mkdir()
    init_db_dir(store, 1)
    run_main(flow, epoch_interval=EPOCH, recovery_config=RecoveryConfig(store))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5])
