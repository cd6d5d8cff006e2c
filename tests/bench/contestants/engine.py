"""This pipeline's engine with the small work, durable like the product. Usage: engine BOOTSTRAP TOPIC OUT RECORDS GROUP.

Runs of records, state in the changelog with its terms and marks, declared offsets: `Detect`'s own way of writing.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import TYPE_CHECKING, Any

import orjson

from bench import rows
from bench.machine import build as which_build
from bench.measure import Meter
from streamguard.detect import DetectConfig
from streamguard.metrics import Metrics
from streamguard.stream import Connection, EngineConfig, Topics, WorkerConfig
from streamguard.stream.apps import _agent, _app
from streamguard.stream.collector import seldom_collecting
from streamguard.stream.delivery import RunSchema
from streamguard.stream.detect import Detect
from streamguard.stream.role import TICK_SECONDS
from streamguard.stream.writer import Outgoing, Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from faust.types import TP

    from streamguard.stream.resume import Resume

_NEXT = b"next"


class RowsLog:
    """One partition's states, and the next offset: what was taken in before a crash is not taken in twice."""

    def __init__(self, load: Callable[[bytes], bytes | None]) -> None:
        self._load = load
        self._states: dict[str, Any] = {}
        self._dirty: dict[str, None] = {}
        self._next = int(load(_NEXT) or 0)
        self.done = 0

    def step(self, offset: int, line: bytes) -> bytes | None:
        """Take in one line; returns the alert it raised."""
        if offset < self._next:
            return None
        self._next = offset + 1
        stepped = rows.step(line, self._state)
        if stepped is None:
            return None
        employee, self._states[employee], alert = stepped
        self._dirty[employee] = None
        self.done += 1
        return alert

    def drain(self) -> list[tuple[bytes, bytes]]:
        """Return the entries changed since the last call, sorted by key."""
        changed = [(b"e" + employee.encode(), orjson.dumps(self._states[employee])) for employee in self._dirty]
        self._dirty.clear()
        return [*sorted(changed), (_NEXT, str(self._next).encode())]

    def _state(self, employee: str) -> Sequence[float] | None:
        if employee not in self._states:
            stored = self._load(b"e" + employee.encode())
            self._states[employee] = orjson.loads(stored) if stored else None
        state: Sequence[float] | None = self._states[employee]
        return state


class Rows(Detect):
    """Writes alerts, then state, then declares: `Detect` with another work."""

    name = "rows"
    _logs: dict[TP, Any]

    def begin(self, tp: TP, resume: Resume) -> None:
        """Begin with the restored state."""
        super().begin(tp, resume)
        self._logs[tp] = RowsLog(self._table.state(tp.partition).entries.get)

    def take_in(self, tp: TP, records: Sequence[Any]) -> int | None:
        """Work on a run of records."""
        step = self._logs[tp].step
        for record in records:
            alert = step(record.offset, record.value)
            if alert is not None:
                # Out the way that dead letters take, to a topic of their own.
                self._letters.append(Outgoing(None, alert))
        return int(records[-1].timestamp)

    @property
    def done(self) -> int:
        """Statements judged."""
        return sum(log.done for log in self._logs.values())


def build(bootstrap: str, topic: str, out: str, group: str) -> Rows:
    """Return the role, ready to start."""
    engine = EngineConfig(group=group)
    config = WorkerConfig(Connection(bootstrap), Topics({}), DetectConfig(), engine=engine, web_port=None)
    app = _app(group, config)
    # As `build_detect` declares it.
    changelog = app.topic(
        changelog_topic(group), schema=RunSchema(), partitions=4, acks=False, internal=True, allow_empty=True
    )
    table = app.Table("state", key_type=bytes, value_type=bytes, partitions=4, changelog_topic=changelog)
    role = Rows(
        app,
        Writer(config.connection.aiokafka(), engine.compression),
        Metrics(),
        flush_seconds=engine.flush_seconds,
        flush_records=engine.flush_records,
        table=table,
        config=config.detect,
        activity_topic=out,
        findings_topic=out,
        deadletter_topic=out,
    )
    _agent(app, app.topic(topic, schema=RunSchema()), role)
    return role


def changelog_topic(group: str) -> str:
    """Return the name of the changelog."""
    return f"{group}-state-changelog"


async def main(bootstrap: str, topic: str, out: str, records: int, group: str) -> None:
    """Run the role until everything is judged and written."""
    role = build(bootstrap, topic, out, group)
    meter, read = Meter("this pipeline's engine", records), 0
    await role.start()
    while read < records or not role.is_idle:
        await asyncio.sleep(TICK_SECONDS)
        if role.app.failure is not None:
            raise role.app.failure
        await role.tick()
        read = sum(role.positions.values())
        meter.at(read)
    meter.report(read, done=role.done, build=which_build())
    await role.stop()


if __name__ == "__main__":
    logging.basicConfig(level="CRITICAL")
    # As a worker does.
    with seldom_collecting():
        asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5]))
