"""A large ledger store for measuring: the statements of a simulated company, as a hundred thousand employees run them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from streamguard.ledger import LedgerWriter, manifest, parquet
from streamguard.ledger.rows import DAY_MS, SCHEMA, to_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from streamguard.activity import Exposure
    from streamguard.ledger.manifest import Segment

FIRST_DAY = 20_700
PEERS = 500
OWN_SHAPES = 20
"""Shapes that an employee uses."""
CUSTOMERS = 20_000_000
WORKING_DAYS = 5
"""Days that are made up; the others are like them, which takes a third of the time."""
_AT_ONCE = 4_000_000
"""Exposures of a day are sorted in memory: more become several segments."""


def write_store(
    directory: Path,
    sample: Sequence[Exposure],
    *,
    exposures: int,
    days: int,
    employees: int,
    said: Callable[[int], None],
) -> None:
    """Write a store of its own format, with as many exposures a day.

    Parameters
    ----------
    sample
        Whose shapes are used.
    said
        Told after each file how many exposures there are.
    """
    bodies = to_rows(sample).shapes
    with LedgerWriter(directory) as writer:
        told = writer.manifest
    connection = parquet.connect(directory, memory_mb=4_096)
    connection.register(
        "shapes", pa.table({"uid": pa.array(bodies, pa.uint64()), "body": [b.decode() for b in bodies.values()]})
    )
    told.shapes = [parquet.write_shapes(connection, directory, "shapes-1.parquet", "shapes")]
    connection.execute(
        "create table numbered as select uid, row_number() over (order by uid) - 1 as number from shapes"
    )
    each = exposures // days
    for number in range(days):
        segments = told.days.setdefault(str(FIRST_DAY + number), [])
        for start in range(0, each, _AT_ONCE):
            # No two are alike, so nothing need be compared.
            if number < WORKING_DAYS:
                count = min(_AT_ONCE, each - start)
                made = _made(FIRST_DAY + number, start, count, employees, len(bodies))
                query = f"select {parquet._WRITTEN} from ({made}) {parquet._SORTED}"
            else:
                query = _repeated(directory, told.days, number, len(segments))
            segment = parquet._write(connection, directory / f"d{FIRST_DAY + number}-{start}.parquet", query)
            assert segment is not None
            segments.append(segment)
            said(sum(segment.rows for some in told.days.values() for segment in some))
    told.newest_ms = {"0": (FIRST_DAY + days) * DAY_MS}
    manifest.save(directory, told)
    connection.close()
    with LedgerWriter(directory, memory_mb=4_096) as writer:
        # What the service does with days that are over.
        writer.commit()


def _repeated(directory: Path, days: dict[str, list[Segment]], number: int, place: int) -> str:
    """Return SQL for a day that is like one of the first, at its own time and with its own origins and row counts."""
    back = number - number % WORKING_DAYS
    changed = {
        "time_ms": f"time_ms + {back * DAY_MS} as time_ms",
        "offset": f'"offset" + {back * 1_000_000} as "offset"',
        "row_count": f"row_count + (hash(time_ms, {number}) % 2)::bigint as row_count",
    }
    columns = ", ".join(changed.get(name, parquet.quoted(name)) for name in SCHEMA.names)
    segment = days[str(FIRST_DAY + number - back)][place]
    return f"select {columns} from {parquet.source(directory, [segment])}"


def _made(day: int, start: int, count: int, employees: int, shapes: int) -> str:
    """Return SQL that makes up a day's exposures: working hours, one or some rows, half of them about one customer."""
    made = {
        "time_ms": f"{day * DAY_MS + 25_200_000} + (hash(i, 1, {day}) % 36_000_000)::bigint",
        "employee": "printf('e-%06d', who)",
        "account": "if(who % 500 = 0, 'service', 'human')",
        "peer_group": f"printf('group-%03d', who // {PEERS})",
        "shard": f"printf('group-%03d/0', who // {PEERS})",
        "utc_offset_minutes": "60 * (who % 4)::integer",
        "login": "printf('user%06d', who)",
        "client": "printf('10.%d.%d.7', who // 256 % 256, who % 256)",
        "application": "'crm-ui'",
        # A few sessions a day.
        "session": f"printf('%x.%x', {day * 86_400} + (hash(i, 4) % 3)::bigint, who)",
        "shape": "uid",
        "row_count": "case when hash(i, 5) % 10 < 8 then 1 when hash(i, 5) % 100 < 99 then hash(i, 6) % 300 end::bigint",
        "quality": "if(hash(i, 5) % 100 < 99, 'exact', 'unknown')",
        "subjects_at_most": "3_000_000",
        "lag_ms": "(hash(i, 7) % 3_000)::bigint",
        "topic": "'audit'",
        "partition": "(who % 16)::bigint",
        "epoch": "12_345_678",
        "offset": f"(({(day - FIRST_DAY) * 10_000_000} + i) // 16)::bigint",
        "index": "(i % 16)::bigint",
        "subjects": f"case when hash(i, 8) % 2 = 0 then [md5((hash(i, 9, {day}) % {CUSTOMERS})::varchar)] end",
    }
    columns = ", ".join(f"{made.get(name, 'null')} as {parquet.quoted(name)}" for name in SCHEMA.names)
    own = f"(who * 7 + (hash(i, 3) % {OWN_SHAPES})::bigint) % {shapes}"
    people = f"select i, (hash(i, 2, {day}) % {employees})::bigint as who from range({start}, {start + count}) r(i)"
    return f"select {columns} from ({people}) join numbered on number = {own}"
