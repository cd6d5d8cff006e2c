"""A million employees without a million lives: one peer group lives through ten days, and is there many times.

Every shard of the population is a copy of it, under a name of its own. So each employee's state is as large as a real
one, and nobody shares memory with anybody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from streamguard.activity import Exposure, RawRecord
from streamguard.detect import DetectConfig
from streamguard.exposure import Catalogue, Directory, Exposer
from streamguard.pipeline import OriginReader, OriginTools, ShardLog
from streamguard.simulate import World, WorldConfig
from streamguard.simulate.config import Headcount
from streamguard.sources import Decoder
from streamguard.stream import EngineConfig, changelog
from streamguard.stream.writer import Outgoing, Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from streamguard.stream import Connection

SHARD_EMPLOYEES = 200
DAYS = 10
"""Of which the last one is kept for the measurement."""
_GROUP = "support"
_SHARD = f"{_GROUP}/0"
_DAY_MS = 24 * 3_600_000
_FLUSH_ENTRIES = EngineConfig().flush_records


class Group(msgspec.Struct, frozen=True):
    """One peer group: its state after all days but the last, and what it does on that one."""

    entries: list[tuple[bytes, bytes]]
    """Keys without the shard's name."""
    last_day: list[Exposure]

    def shard(self, number: int) -> Iterator[tuple[bytes, bytes]]:
        """Yield the state entries of a copy, in memory of their own."""
        prefix = shard_name(number).encode()
        for key, value in self.entries:
            yield prefix + key, bytes(bytearray(value))


def shard_name(number: int) -> str:
    """Return the name of a copy."""
    return f"{_GROUP}/{number}"


def train(path: Path) -> Group:
    """Let the group live, and write what came of it to a file, for other processes to `load`."""
    ones = Headcount(*(0 if field != _GROUP else SHARD_EMPLOYEES for field in Headcount.__struct_fields__))
    world = World(WorldConfig(days=DAYS, headcount=ones, plots=(), new_hires=0.0, role_changes=0.0, vacations=0.0))
    tools = _tools(world, path.parent)
    reader = OriginReader(tools, format="postgresql.jsonlog")
    for offset, line in enumerate(world.lines("postgresql.jsonlog")):
        reader.read(RawRecord("bench", 0, 0, offset, None, line))
    exposures = [one for one in reader.take().exposures if one.shard == _SHARD]
    last_ms = exposures[-1].activity.time_ms - _DAY_MS
    log = ShardLog(DetectConfig(), lambda _: None)
    past = [one for one in exposures if one.activity.time_ms < last_ms]
    log.step(past)
    length = len(_SHARD)
    group = Group([(key[length:], value) for key, value in log.drain()], exposures[len(past) :])
    path.write_bytes(msgspec.msgpack.encode(group))
    return group


def load(path: Path) -> Group:
    """Return what `train` has written."""
    return msgspec.msgpack.decode(path.read_bytes(), type=Group)


def shards_of(employees: int) -> int:
    """Return how many copies make so many employees."""
    return max(1, employees // SHARD_EMPLOYEES)


async def fill(
    connection: Connection, topic: str, group: Group, employees: int, say: Callable[[int], None] = lambda _: None
) -> int:
    """Write the state of so many employees to a changelog, as a worker would have; returns how many entries."""
    writer = Writer(connection.aiokafka(), EngineConfig().compression)
    await writer.start()
    written = 0
    try:
        partitions = await writer.partitions(topic)
        for partition in range(partitions):
            key, value = changelog.encode_opening(1, 0, ())
            await writer.write(topic, partition, [Outgoing(key, value)])
            waiting: list[tuple[bytes, bytes]] = []
            flush = 0
            for number in range(partition, shards_of(employees), partitions):
                waiting += group.shard(number)
                if len(waiting) >= _FLUSH_ENTRIES or number + partitions >= shards_of(employees):
                    flush += 1
                    records = changelog.encode_flush(changelog.Stamp(1, flush), sorted(waiting))
                    await writer.write(topic, partition, (Outgoing(*record) for record in records))
                    written += len(waiting)
                    waiting = []
                    say(written)
    finally:
        await writer.stop()
    return written


def _tools(world: World, directory: Path) -> OriginTools:
    identities, catalogue = directory / "identities.yaml", directory / "catalogue.yaml"
    identities.write_text(world.identities_yaml(), encoding="utf-8")
    catalogue.write_text(world.catalogue_yaml("postgresql.jsonlog"), encoding="utf-8")
    return OriginTools(decoder=Decoder(), exposer=Exposer(Directory.load(identities), Catalogue.load(catalogue)))
