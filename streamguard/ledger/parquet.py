"""The Parquet files of a store, as DuckDB writes and reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import duckdb
import pyarrow as pa

from streamguard.ledger.manifest import Rollup, Segment, sync
from streamguard.ledger.rows import COLUMNS, ORIGIN, SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

_FORMAT: Final = "(format parquet, compression zstd, parquet_version v2)"
"""Version 2 has deltas of whole numbers: times and offsets take three bytes instead of eight."""
_HEXADECIMAL: Final = "list_transform(subjects, lambda h: replace(h::varchar, '-', '')) as subjects"


def quoted(name: str) -> str:
    """Return a column's name for SQL."""
    return f'"{name}"'


ORIGIN_COLUMNS: Final = ", ".join(map(quoted, ORIGIN))
EVERY_COLUMN: Final = ", ".join(map(quoted, COLUMNS))
READ_COLUMNS: Final = EVERY_COLUMN.replace(quoted("subjects"), _HEXADECIMAL)
"""Hashes of data subjects are UUIDs in a file, because those are 16 bytes of fixed length there."""
_WRITTEN: Final = EVERY_COLUMN.replace(quoted("subjects"), "subjects::uuid[] as subjects")
_ODD_TYPES: Final = {"subjects": "uuid[]", "subject_counts": "integer[]", "shape": "ubigint", "sealed": "blob"}


def _type_of(field: pa.Field) -> str:
    return _ODD_TYPES.get(field.name, "bigint" if pa.types.is_integer(field.type) else "varchar")


_NULLS: Final = ", ".join(f"null::{_type_of(field)} as {quoted(field.name)}" for field in SCHEMA)
NO_ROWS: Final = f"(select {_NULLS} where false)"
"""A relation like a file's, for a span in which there is nothing."""
_SORTED: Final = f"order by employee, time_ms, {ORIGIN_COLUMNS}"


def connect(directory: Path, *, threads: int | None = None, memory_mb: int | None = None) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB in memory that may spill into the store's directory.

    Parameters
    ----------
    threads, memory_mb
        At most; None: as many as there are cores, and four fifths of the memory.
    """
    connection = duckdb.connect(":memory:")
    connection.execute("set temp_directory = $1", [str(directory / "spill")])
    connection.execute("set enable_progress_bar = false")
    if threads is not None:
        connection.execute(f"set threads = {int(threads)}")
    if memory_mb is not None:
        connection.execute(f"set memory_limit = '{int(memory_mb)}MiB'")
    return connection


def source(directory: Path, segments: Iterable[Segment | Rollup]) -> str:
    """Return the SQL that reads some segments, or rollups."""
    paths = ", ".join(_literal(directory / segment.name) for segment in segments)
    return f"read_parquet([{paths}])"


def write_new(
    connection: duckdb.DuckDBPyConnection, directory: Path, name: str, relation: str, known: Sequence[Segment]
) -> Segment | None:
    """Write those rows of a relation as a segment that no known segment has; each once, the first of several.

    Parameters
    ----------
    relation
        Rows of `rows.SCHEMA` with their ``arrival``.
    known
        The day's segments so far.
    """
    unseen = f"select * from {relation} qualify row_number() over (partition by {ORIGIN_COLUMNS} order by arrival) = 1"
    if known:
        bounds = f"(select min(time_ms) from {relation}) and (select max(time_ms) from {relation})"
        before = f"select {ORIGIN_COLUMNS} from {source(directory, known)} where time_ms between {bounds}"
        unseen = f"select * from ({unseen}) anti join ({before}) using ({ORIGIN_COLUMNS})"
    return _write(connection, directory / name, f"select {_WRITTEN} from ({unseen}) {_SORTED}")


def write_merged(
    connection: duckdb.DuckDBPyConnection,
    directory: Path,
    name: str,
    segments: Sequence[Segment],
    *,
    kept: str = "true",
    parameters: Sequence[object] = (),
    sealed: bool = True,
) -> Segment | None:
    """Write those rows of some segments as one that a condition keeps; without ``sealed`` texts if they go."""
    columns = EVERY_COLUMN if sealed else EVERY_COLUMN.replace(quoted("sealed"), "null::blob as sealed")
    query = f"select {columns} from {source(directory, segments)} where {kept} {_SORTED}"
    return _write(connection, directory / name, query, parameters)


def write_shapes(connection: duckdb.DuckDBPyConnection, directory: Path, name: str, relation: str) -> str:
    """Write shapes (``uid``, ``body``) of a relation, sorted."""
    path = directory / name
    connection.execute(f"copy (select uid, body from {relation} order by uid) to {_literal(path)} {_FORMAT}")
    sync(path)
    return name


def write_rows(connection: duckdb.DuckDBPyConnection, path: Path, query: str) -> int:
    """Write the answer to a query; return the size of the file in bytes."""
    connection.execute(f"copy ({query}) to {_literal(path)} {_FORMAT}")
    sync(path)
    return path.stat().st_size


def shape_source(directory: Path, names: Iterable[str]) -> str:
    """Return the SQL that reads files of shapes."""
    return f"read_parquet([{', '.join(_literal(directory / name) for name in names)}])"


def _write(
    connection: duckdb.DuckDBPyConnection, path: Path, query: str, parameters: Sequence[object] = ()
) -> Segment | None:
    """Run a query into a file; None, and no file, where it has no rows."""
    answer = connection.execute(f"copy ({query}) to {_literal(path)} {_FORMAT}", list(parameters)).fetchone()
    rows = 0 if answer is None else int(answer[0])
    if not rows:
        path.unlink()
        return None
    sync(path)
    return Segment(path.name, rows, path.stat().st_size)


def _literal(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
