"""The stages of this pipeline one after the other, each timed alone. Usage: stages BOOTSTRAP OUT DAYS.

The same code that the worker runs, over the same lines, in pieces as large as its flushes, in one process without Faust.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import time
from typing import TYPE_CHECKING, Any, TypeVar

import orjson

from bench.machine import build
from streamguard.activity import Activity, RawRecord
from streamguard.cli.company import company_tools
from streamguard.detect import DetectConfig
from streamguard.pipeline import ShardLog
from streamguard.simulate import World, small_company
from streamguard.sources.assemble import Assembler
from streamguard.sources.timed import Timed
from streamguard.stream import Connection, EngineConfig, changelog, wire
from streamguard.stream.writer import Outgoing, Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streamguard.activity import Exposure

PIECE = EngineConfig().flush_records
TIME_MS = 1_900_000_000_000
"""Kafka's time of every record: after all of them."""
WARM_UP_SHARE = 10
"""The first part of the lines, one in so many, fills the caches and is not counted: as in a run of the whole."""

_T = TypeVar("_T")


class Stages:
    """Everything that lies between a line and a finding, with a clock for each stage.

    Parameters
    ----------
    writer
        To Kafka, started.
    out
        Topic that everything is written to.
    """

    def __init__(self, writer: Writer, out: str) -> None:
        self._writer = writer
        self._out = out
        self._tools = company_tools()
        self._assembler = Assembler(self._tools.assembly)
        self._state = changelog.PartitionState()
        self._log = ShardLog(DetectConfig(), self._state.entries.get)
        self._flushes = 0
        self.seconds: dict[str, float] = {}

    async def take(self, lines: Sequence[bytes], first_offset: int) -> None:
        """Take one piece all the way."""
        raws = [RawRecord("bench", 0, 0, at, TIME_MS, line) for at, line in enumerate(lines, first_offset)]
        outcomes = self._time("new", lambda: self._decode(raws))
        # Now each text is known letter for letter, so what remains is the reading of the record.
        self._time("reading", lambda: self._decode(raws))
        activities = self._time("assembly", lambda: self._assemble(raws, outcomes))
        expose = self._tools.exposer.expose
        exposures = self._time("exposure", lambda: [expose(activity) for activity in activities])
        batches = self._time("encoding", lambda: list(wire.batches(exposures)))
        await self._time_writing([Outgoing(shard.encode(), value) for shard, value in batches])
        again = self._time("decoding", lambda: [wire.decode(value).records for _, value in batches])
        findings = self._time("detection", lambda: self._judge(again))
        state = self._time("state", self._drain)
        await self._time_writing(findings + state)

    def _decode(self, raws: list[RawRecord]) -> list[list[Any]]:
        decode = self._tools.decoder.decode_for_assembly
        return [decode(raw, "postgresql.jsonlog") for raw in raws]

    def _assemble(self, raws: list[RawRecord], outcomes: list[list[Any]]) -> list[Activity]:
        assembler = self._assembler
        for raw, some in zip(raws, outcomes, strict=True):
            for outcome in some:
                if isinstance(outcome, Timed):
                    assembler.feed_timed(outcome)
                elif isinstance(outcome, Activity):
                    assembler.feed(outcome)
            assembler.advance(raw.offset)
        return self._assembler.take()

    def _judge(self, batches: list[Sequence[Exposure]]) -> list[Outgoing]:
        found = [finding for records in batches for finding in self._log.step(records).findings]
        return [Outgoing(one.employee.encode(), orjson.dumps(one.ocsf, option=orjson.OPT_SORT_KEYS)) for one in found]

    def _drain(self) -> list[Outgoing]:
        changed = self._log.drain()
        self._state.stage_own(changed)
        self._flushes += 1
        return [
            Outgoing(key, value) for key, value in changelog.encode_flush(changelog.Stamp(1, self._flushes), changed)
        ]

    def _time(self, stage: str, work: Callable[[], _T]) -> _T:
        start = time.process_time()
        result = work()
        self._add(stage, start)
        return result

    async def _time_writing(self, records: list[Outgoing]) -> None:
        start = time.process_time()
        await self._writer.write(self._out, 0, records)
        self._add("producing", start)

    def _add(self, stage: str, start: float) -> None:
        self.seconds[stage] = self.seconds.get(stage, 0.0) + time.process_time() - start


async def main(bootstrap: str, out: str, days: int) -> None:
    """Time all stages over a company's lines."""
    lines = list(World(small_company(days=days)).lines("postgresql.jsonlog"))
    writer = Writer(Connection(bootstrap).aiokafka(), EngineConfig().compression)
    await writer.start()
    stages, counted = Stages(writer, out), 0
    gc.freeze()
    for start in range(0, len(lines), PIECE):
        piece = lines[start : start + PIECE]
        await stages.take(piece, start)
        if start < len(lines) // WARM_UP_SHARE:
            stages.seconds.clear()
        else:
            counted += len(piece)
    await writer.stop()
    cost = {stage: seconds / counted * 1e6 for stage, seconds in stages.seconds.items()}
    cost["analysis"] = cost.pop("new") - cost["reading"]
    os.write(1, orjson.dumps({"cpu_us_per_record": cost, "records": counted, "build": build()}) + b"\n")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
