"""The work on each audit record, the same for everybody: the product's core from bytes to findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from streamguard.activity import RawRecord
from streamguard.cli.company import company_tools
from streamguard.detect import DetectConfig
from streamguard.pipeline import OriginReader, ShardLog

if TYPE_CHECKING:
    from collections.abc import Iterator


class Work:
    """Both halves of the core, one after the other, state in memory."""

    def __init__(self) -> None:
        self._tools = company_tools()
        self._readers: dict[int, OriginReader] = {}
        self._log = ShardLog(DetectConfig(), lambda _: None)

    def do(self, topic: str, partition: int, offset: int, timestamp_ms: int, value: bytes) -> Iterator[bytes]:
        """Take one record in; yields the findings it brought, ready to be produced."""
        reader = self._readers.get(partition)
        if reader is None:
            reader = self._readers[partition] = OriginReader(self._tools, format="postgresql.jsonlog")
        reader.read(RawRecord(topic, partition, 0, offset, timestamp_ms, value))
        for finding in self._log.step(reader.take().exposures).findings:
            yield orjson.dumps(finding.ocsf, option=orjson.OPT_SORT_KEYS)
