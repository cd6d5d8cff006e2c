"""The works to compare by. Both take records in the order of their partition and return what is to be produced."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import orjson

from bench import rows
from streamguard.activity import RawRecord
from streamguard.cli.company import company_tools
from streamguard.detect import DetectConfig
from streamguard.pipeline import OriginReader, ShardLog

if TYPE_CHECKING:
    from collections.abc import Sequence


class Record(NamedTuple):
    """One record, whoever fetched it."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    value: bytes


class Work(Protocol):
    """What a contestant does with records of one partition."""

    done: int
    """Statements judged so far: whoever judged fewer than the others did not do the same work."""

    def do(self, records: Sequence[Record]) -> list[bytes]:
        """Take records in; returns the findings they brought."""


class CoreWork:
    """The product's core from bytes to findings, state in memory."""

    def __init__(self) -> None:
        self.done = 0
        self._tools = company_tools()
        self._readers: dict[int, OriginReader] = {}
        self._log = ShardLog(DetectConfig(), lambda _: None)

    def do(self, records: Sequence[Record]) -> list[bytes]:
        """Take records of one partition in."""
        partition = records[0].partition
        reader = self._readers.get(partition)
        if reader is None:
            reader = self._readers[partition] = OriginReader(self._tools, format="postgresql.jsonlog")
        for topic, _, offset, timestamp_ms, value in records:
            reader.read(RawRecord(topic, partition, 0, offset, timestamp_ms, value))
        step = self._log.step(reader.take().exposures)
        self.done += step.judged
        return [orjson.dumps(finding.ocsf, option=orjson.OPT_SORT_KEYS) for finding in step.findings]


class RowsWork:
    """`rows.step`, state in memory."""

    def __init__(self) -> None:
        self.done = 0
        self._states: dict[str, rows.State] = {}

    def do(self, records: Sequence[Record]) -> list[bytes]:
        """Take records in."""
        alerts = []
        for record in records:
            stepped = rows.step(record.value, self._states.get)
            if stepped is None:
                continue
            employee, self._states[employee], alert = stepped
            self.done += 1
            if alert is not None:
                alerts.append(alert)
        return alerts


WORKS: dict[str, type[CoreWork | RowsWork]] = {"core": CoreWork, "rows": RowsWork}
