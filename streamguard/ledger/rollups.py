"""Totals of some days together, made when the days are over: questions about many people read these, not every row.

A rollup counts the exposures of some segments by employee, peer group and what questions may count by: categories and
regions. Segments never change, so a rollup is right as long as all of its segments are in the manifest; whoever takes
one of them out takes the rollup out. What came later to one of its days is in other segments, and read from there.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from streamguard.ledger import parquet
from streamguard.ledger.manifest import Rollup
from streamguard.ledger.rows import DAY_MS

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence
    from pathlib import Path

    import duckdb

    from streamguard.ledger.ledger import Span
    from streamguard.ledger.manifest import Manifest, Segment
    from streamguard.ledger.shape import Shape

BLOCK_DAYS: Final = 8
"""In one rollup: a question about a month reads three of them, and the days at its ends row by row."""
LEAST_ROWS: Final = 200_000
"""Of a block that is worth a rollup: fewer are counted at once."""


def block_of(day: str) -> str:
    """Return the block that a day is in."""
    return str(int(day) // BLOCK_DAYS)


def missing(told: Manifest, last_day: int) -> list[str]:
    """Return the blocks of which there should be a rollup, and is none.

    Parameters
    ----------
    told
        What the store holds.
    last_day
        To which few exposures are still added, and to no day before.
    """
    rows: dict[str, int] = defaultdict(int)
    for day, segments in told.days.items():
        rows[block_of(day)] += sum(segment.rows for segment in segments)
    return [
        block
        for block, count in sorted(rows.items())
        if count >= LEAST_ROWS and (int(block) + 1) * BLOCK_DAYS - 1 <= last_day and block not in told.rollups
    ]


def segments_of(told: Manifest, block: str) -> list[Segment]:
    """Return the segments of a block's days."""
    return [segment for day, some in sorted(told.days.items()) if block_of(day) == block for segment in some]


def write(
    connection: duckdb.DuckDBPyConnection,
    directory: Path,
    name: str,
    segments: Sequence[Segment],
    shapes: Mapping[int, Shape],
) -> Rollup:
    """Count some segments into a file.

    Parameters
    ----------
    shapes
        Of all statements, by number. Of those that count alike in every question, one stands for all.
    """
    first_of: dict[Hashable, int] = {}
    same = [
        first_of.setdefault((tuple(sorted(one.categories.items())), one.regions), uid) for uid, one in shapes.items()
    ]
    alike = pa.table({"uid": pa.array(shapes, pa.uint64()), "first": pa.array(same, pa.uint64())})
    connection.register("alike", alike)
    query = (
        "select employee, peer_group, min(shape) as shape, count(*) as statements, "
        "coalesce(sum(row_count), 0)::decimal(38, 0) as row_count, count(*) - count(row_count) as uncounted "
        f"from {parquet.source(directory, segments)} join alike on shape = uid "
        "group by employee, peer_group, first order by employee, peer_group, shape"
    )
    size = parquet.write_rows(connection, directory / name, query)
    connection.unregister("alike")
    return Rollup(name, size, [segment.name for segment in segments])


def usable(told: Manifest, span: Span) -> list[Rollup]:
    """Return the rollups that lie within a span."""
    found = []
    for block, rollup in sorted(told.rollups.items()):
        begin_ms = int(block) * BLOCK_DAYS * DAY_MS
        if begin_ms >= span.from_ms and begin_ms + BLOCK_DAYS * DAY_MS <= span.to_ms:
            found.append(rollup)
    return found


def without(told: Manifest, rolled: Sequence[Rollup]) -> dict[str, list[Segment]]:
    """Return the segments of each day that some rollups have not counted."""
    counted = {name for rollup in rolled for name in rollup.segments}
    left = {day: [one for one in some if one.name not in counted] for day, some in told.days.items()}
    return {day: some for day, some in left.items() if some}
