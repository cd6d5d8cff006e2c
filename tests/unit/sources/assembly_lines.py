"""Audit lines for the tests of merging."""

from __future__ import annotations

from streamguard.activity import Activity, Origin, RowsQuality
from streamguard.sources.assemble import AssemblyConfig

CONFIG = AssemblyConfig(gap_records=5, gap_ms=50)


def line(offset=0, index=0, *, key="k", session="s", time_ms=0, rows=1, complete=False, **more):
    return Activity(
        origin=Origin("t", 0, 0, offset, index),
        time_ms=time_ms,
        source="test",
        user="u",
        statement_key=key,
        session=session,
        rows=rows,
        rows_quality=RowsQuality.EXACT if rows is not None else RowsQuality.UNKNOWN,
        complete=complete,
        tables=(f"t{offset}.{index}",),
        **more,
    )
