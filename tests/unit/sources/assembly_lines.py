"""Audit lines for the tests of merging."""

from __future__ import annotations

from streamguard.activity import Activity, Origin, RowsQuality
from streamguard.sources.assemble import AssemblyConfig

CONFIG = AssemblyConfig(gap_records=5, gap_ms=50, ended_ms=10)


def line(offset=0, index=0, *, key="k", session="s", time_ms=0, rows=1, complete=False, **more):
    """Return an audit line of a statement; ``filters`` says which line it was, whatever it is merged with."""
    return Activity(
        origin=Origin("t", 0, 0, offset, index),
        time_ms=time_ms,
        source=more.pop("source", "postgresql.test"),
        user="u",
        statement_key=key,
        session=session,
        rows=rows,
        rows_quality=RowsQuality.EXACT if rows is not None else RowsQuality.UNKNOWN,
        complete=complete,
        tables=(f"t{offset}.{index}",),
        filters=(f"line {offset}.{index}",),
        **more,
    )


def part(offset, kind, text="a", *, session="s", rows=None, time_ms=0, index=0, **more):
    """Return a record of a statement that has no key: a plan, a duration, an error, a beginning."""
    more = {"complete": kind == "error", "fingerprint": text, "verb": "SELECT"} | more
    return line(offset, index, key=f"{offset}.{index}", session=session, rows=rows, time_ms=time_ms, part=kind, **more)
