"""Questions about many people at once, answered by DuckDB without making a record of each exposure."""

from __future__ import annotations

from enum import StrEnum
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from streamguard.activity import Verdict
from streamguard.ledger import parquet, rollups
from streamguard.ledger.rows import DAY_MS
from streamguard.ledger.store import chosen_rows

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import duckdb

    from streamguard.ledger.ledger import Span
    from streamguard.ledger.manifest import Manifest
    from streamguard.ledger.shape import Shape
    from streamguard.ledger.store import LedgerStore


class By(StrEnum):
    """What exposures are counted by."""

    EMPLOYEE = "employee"
    GROUP = "group"
    """The peer group."""
    DAY = "day"
    """Of event time in UTC, as a date."""
    CATEGORY = "category"
    """Of personal data that was seen, or, marked, that may have been: an exposure counts in each of its categories."""
    REGION = "region"
    """Of the data subjects, ``unknown`` among them: an exposure counts in each of its regions."""


class Total(NamedTuple):
    """What was counted under one key.

    Attributes
    ----------
    key
        A word for each `By` that was asked for, in that order.
    statements
        Exposures.
    rows
        Of those with a row count, all together.
    uncounted
        Exposures of which the log gives no row count.
    """

    key: tuple[str, ...]
    statements: int
    rows: int
    uncounted: int


UNKNOWN_REGION = "unknown"
_GROUPED = {By.EMPLOYEE: "employee", By.GROUP: "peer_group", By.DAY: f"time_ms // {DAY_MS}"}
_LABELS = (By.CATEGORY, By.REGION)
_COUNTS = "count(*) as statements, coalesce(sum(row_count), 0)::hugeint as rows, count(*) - count(row_count) as none"
_SUMS = (
    "coalesce(sum(statements), 0)::bigint as statements, coalesce(sum(row_count), 0)::hugeint as rows, "
    "coalesce(sum(uncounted), 0)::bigint as none"
)


def totals(
    store: LedgerStore,
    span: Span,
    by: Sequence[By],
    employees: Collection[str] | None = None,
    limit: int | None = None,
) -> list[Total]:
    """Count exposures and their rows, largest first.

    Parameters
    ----------
    span
        In which they happened.
    by
        What to count by; nothing: one total of all.
    employees
        Whose; None: everybody's.
    limit
        Totals to return, at most.

    Raises
    ------
    LedgerError
        As `LedgerStore.exposures`.
    """
    names = None if employees is None else store.stored_names(employees)

    def ask(told: Manifest, connection: duckdb.DuckDBPyConnection) -> list[Any]:
        # Which days the exposures of a rollup are of it does not tell.
        rolled = [] if By.DAY in by else rollups.usable(told, span)
        chosen = chosen_rows(store.directory, rollups.without(told, rolled), span, names)
        parts, parameters = [(chosen.sql, _COUNTS)], chosen.parameters
        if rolled:
            who = "true" if names is None else "employee in (select unnest($1::varchar[]))"
            parts.append((f"(select * from {parquet.source(store.directory, rolled)} where {who})", _SUMS))
            parameters = [] if names is None else [sorted(names)]
        _register_classes(connection, store.shapes(told, connection), by)
        return connection.execute(_query(parts, by, limit), parameters).fetchall()

    with store.asking(ask) as (found, _):
        return [_total(by, row, names or {}) for row in found]


def _total(by: Sequence[By], row: Sequence[Any], names: Mapping[str, str]) -> Total:
    *words, statements, rows, uncounted = row
    key = tuple(names.get(word, word) if one is By.EMPLOYEE else word for one, word in zip(by, words, strict=True))
    return Total(key, statements, int(rows), uncounted)


def _query(parts: Sequence[tuple[str, str]], by: Sequence[By], limit: int | None) -> str:
    """Count by columns and class of shape first, then by what classes stand for: numbers, instead of many words.

    Parameters
    ----------
    parts
        Relations, and how each is counted.
    """
    plain = [one for one in by if one not in _LABELS]
    has_labels = len(plain) < len(by)
    grouped = "".join(f"{_GROUPED[one]} as key_{one}, " for one in plain) + ("class, " if has_labels else "")
    joined = " join classes on shape = uid" if has_labels else ""
    inner = " union all ".join(
        f"select {grouped}{counts} from {relation}{joined} group by all" for relation, counts in parts
    )
    if has_labels:
        inner = f"select * from ({inner}) join labels using (class)"
    keys = "".join(f"{_shown(one)} as {one}, " for one in by)
    order = "".join(f", {place}" for place in range(1, len(by) + 1))
    return (
        f"select {keys}sum(statements)::bigint as total, sum(rows)::hugeint, sum(none)::bigint from ({inner}) "
        f"group by all having total > 0 order by total desc{order}" + (f" limit {int(limit)}" if limit else "")
    )


def _shown(one: By) -> str:
    if one is By.DAY:
        return f"strftime(make_timestamp_ms(key_day * {DAY_MS}), '%Y-%m-%d')"
    return f"label_{one}" if one in _LABELS else f"key_{one}"


def _register_classes(connection: duckdb.DuckDBPyConnection, shapes: Mapping[int, Shape], by: Sequence[By]) -> None:
    """Make the tables ``classes`` (shape, class) and ``labels`` (class, what it counts under)."""
    wanted = [one for one in _LABELS if one in by]
    if not wanted:
        return
    classes: dict[tuple[tuple[str, ...], ...], int] = {}
    numbers = [
        classes.setdefault(tuple(_words(shape, one) for one in wanted), len(classes)) for shape in shapes.values()
    ]
    uids = pa.table({"uid": pa.array(shapes, pa.uint64()), "class": pa.array(numbers, pa.int32())})
    rows = [(number, *labels) for words, number in classes.items() for labels in product(*words)]
    columns = list(zip(*rows, strict=True)) or [()] * (1 + len(wanted))
    names = ["class", *(f"label_{one}" for one in wanted)]
    kinds = [pa.int32(), *(pa.string() for _ in wanted)]
    labels = pa.table([pa.array(c, k) for c, k in zip(columns, kinds, strict=True)], names=names)
    connection.execute("drop table if exists classes")
    connection.execute("drop table if exists labels")
    connection.register("new_classes", uids)
    connection.register("new_labels", labels)
    connection.execute("create table classes as from new_classes")
    connection.execute("create table labels as from new_labels")


def _words(shape: Shape, one: By) -> tuple[str, ...]:
    if one is By.REGION:
        return tuple(sorted(set(shape.regions))) or (UNKNOWN_REGION,)
    told = [
        category if verdict is Verdict.SEEN else f"{category} (cannot tell)"
        for category, verdict in shape.categories.items()
        if verdict is not Verdict.NOT_SEEN
    ]
    return tuple(sorted(told))
