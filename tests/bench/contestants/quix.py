"""Quix Streams, stateful, with its changelog. Usage: quix BOOTSTRAP TOPIC OUT RECORDS GROUP."""

from __future__ import annotations

import os
import sys
from importlib.metadata import version
from typing import Any

from quixstreams import Application

from bench import rows
from bench.measure import Meter

COMMIT_SECONDS = 1.0
"""As often as this pipeline commits; by default it is 5."""
PREFETCHED = 4_000
"""Records of a partition that librdkafka fetches ahead; by default all of them, before the meter starts."""


class Work:
    """Counts what went by, and how much of it changed a state."""

    def __init__(self, records: int) -> None:
        self._records = records
        self._count = self._done = 0
        self._meter = Meter(f"quixstreams {version('quixstreams')}", records)

    def take(self, value: bytes, state: Any) -> bytes | None:
        """Take in one record; returns the alert that it raised."""
        self._count += 1
        self._meter.at(self._count)
        # The state is that of the record's key, which is the employee.
        stepped = rows.step(value, lambda _: state.get("usual"))
        if stepped is None:
            return None
        _, usual, alert = stepped
        state.set("usual", usual)
        self._done += 1
        return alert

    def report(self) -> None:
        """Say what it cost."""
        self._meter.report(self._count, done=self._done)


def main(bootstrap: str, topic: str, out: str, records: int, group: str) -> None:
    """Run until everything is judged, written and committed."""
    app = Application(
        bootstrap,
        consumer_group=group,
        auto_offset_reset="earliest",
        commit_interval=COMMIT_SECONDS,
        state_dir=f"quix-{group}",
        consumer_extra_config={"queued.min.messages": PREFETCHED},
        loglevel="ERROR",
    )
    work = Work(records)
    source = app.topic(topic, value_deserializer="bytes", key_deserializer="str")
    sink = app.topic(out, value_serializer="bytes", key_serializer="str")
    alerts = app.dataframe(source).apply(work.take, stateful=True)
    alerts = alerts[alerts.apply(lambda alert: alert is not None)]
    alerts.to_topic(sink)
    # It counts what comes out at the end, which is not every record: so it runs until none has come for a while.
    app.run(timeout=1.0)
    work.report()
    # Its threads would hold the process up.
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5])
