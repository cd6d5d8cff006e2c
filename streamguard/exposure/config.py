"""What the exposure room must be told besides the two files."""

from __future__ import annotations

import msgspec


class ExposureConfig(msgspec.Struct, frozen=True):
    """Settings of the exposure room.

    Parameters
    ----------
    search_path
        Schemas of tables that are named without one, first match wins (PostgreSQL's ``search_path``).
    shard_size
        Employees who share one peer shard, at most: a larger peer group is split by a hash of the employee id.
        Splitting costs recall, so groups stay whole up to several hundred people.
    unknown_shards
        Shards over which logins that map to nobody are spread.
    cache_size
        Different (database, tables, columns) whose verdicts are remembered. Never changes a result.
    """

    search_path: tuple[str, ...] = ("public",)
    shard_size: int = 500
    unknown_shards: int = 8
    cache_size: int = 50_000
