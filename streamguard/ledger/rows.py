"""Exposures as rows of the store, and back: what stays of an exposure besides its shape."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
import pyarrow as pa

from streamguard.activity import Account, Activity, Exposure, Origin, RowsQuality
from streamguard.ledger import shape as shapes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from streamguard.ledger.shape import Shape

DAY_MS: Final = 86_400_000
FORGOTTEN: Final = frozenset({"statement_key", "complete", "query_tag", "comment", "duration_ms", "part", "records"})
"""Fields of an activity that nobody needs who looks back: they served the merging of records."""

SCHEMA: Final = pa.schema(
    [
        ("time_ms", pa.int64()),
        ("employee", pa.string()),
        ("account", pa.string()),
        ("peer_group", pa.string()),
        ("shard", pa.string()),
        ("utc_offset_minutes", pa.int32()),
        ("login", pa.string()),
        ("proxy_login", pa.string()),
        ("client", pa.string()),
        ("application", pa.string()),
        ("session", pa.string()),
        ("shape", pa.uint64()),
        ("row_count", pa.int64()),
        ("quality", pa.string()),
        ("bytes", pa.int64()),
        ("rows_at_most", pa.int64()),
        ("subjects_at_most", pa.int64()),
        ("slice_begin", pa.string()),
        ("slice_next", pa.string()),
        ("lag_ms", pa.int64()),
        ("topic", pa.string()),
        ("partition", pa.int64()),
        ("epoch", pa.int64()),
        ("offset", pa.int64()),
        ("index", pa.int64()),
        ("subjects", pa.list_(pa.string())),
        ("subject_counts", pa.list_(pa.int32())),
        ("odd_subjects", pa.string()),
        ("sealed", pa.binary()),
    ]
)
"""One row an exposure. ``lag_ms``: Kafka time minus event time. ``subjects``: the keyed hashes of all columns of the
shape one after the other, 32 hexadecimal digits each (16 bytes in a file); ``subject_counts``: how many are of which
column, where there are several columns; ``odd_subjects``: JSON of subjects that are no such hashes."""

COLUMNS: Final = tuple(SCHEMA.names)
ORIGIN: Final = ("topic", "partition", "epoch", "offset", "index")
_MOST: Final = 2**63 - 1
_HASH = re.compile(r"[0-9a-f]{32}")
_decode_odd = msgspec.json.Decoder(tuple[tuple[str, tuple[str, ...]], ...]).decode


class Taken(NamedTuple):
    """Rows of `SCHEMA` in the order of the exposures, and the encoded shapes that they name, by number."""

    rows: pa.Table
    shapes: dict[int, bytes]


def to_rows(exposures: Iterable[Exposure]) -> Taken:
    """Take exposures apart."""
    bodies: dict[int, bytes] = {}
    rows = [_row(exposure, bodies) for exposure in exposures]
    columns = zip(*rows, strict=True) if rows else [()] * len(COLUMNS)
    arrays = [pa.array(column, kind) for column, kind in zip(columns, SCHEMA.types, strict=True)]
    return Taken(pa.table(arrays, schema=SCHEMA), bodies)


def _row(exposure: Exposure, bodies: dict[int, bytes]) -> tuple[Any, ...]:
    told = exposure.activity
    body = shapes.encode(shapes.shape_of(exposure))
    uid = shapes.uid_of(body)
    bodies[uid] = body
    begin, behind = told.slice or (None, None)
    return (
        told.time_ms,
        exposure.employee,
        exposure.account.value,
        exposure.peer_group,
        exposure.shard,
        exposure.utc_offset_minutes,
        told.user,
        told.proxy_user,
        told.client,
        told.application,
        told.session,
        uid,
        _within(told.rows),
        told.rows_quality.value,
        _within(told.bytes),
        _within(told.rows_at_most),
        _within(exposure.subjects_at_most),
        begin,
        behind,
        None if told.produced_ms is None else told.produced_ms - told.time_ms,
        *told.origin,
        *_subject_columns(told.subjects),
        told.sealed,
    )


def _within(count: int | None) -> int | None:
    """Return what a column can hold of a count: a log may claim any number."""
    return count if count is None else max(-_MOST, min(_MOST, count))


def _subject_columns(
    subjects: Sequence[tuple[str, tuple[str, ...]]],
) -> tuple[list[str] | None, list[int] | None, str | None]:
    if not subjects:
        return None, None, None
    hashes = [value for _, values in subjects for value in values]
    if not all(map(_HASH.fullmatch, hashes)):
        return None, None, msgspec.json.encode(subjects).decode()
    counts = [len(values) for _, values in subjects] if len(subjects) > 1 else None
    return hashes, counts, None


def from_row(row: Sequence[Any], shape: Shape) -> Exposure:
    """Put an exposure together again, from a row in the order of `COLUMNS`."""
    (
        time_ms, employee, account, peer_group, shard, utc_offset, login, proxy_login, client, application, session,
        _, rows, quality, size, at_most, subjects_at_most, begin, behind, lag_ms, topic, partition, epoch, offset,
        index, hashes, counts, odd, sealed,
    ) = row  # fmt: skip
    activity = Activity(
        origin=Origin(topic, partition, epoch, offset, index),
        time_ms=time_ms,
        time_borrowed=shape.time_borrowed,
        source=shape.source,
        user=login,
        statement_key="",
        instance=shape.instance,
        database=shape.database,
        client=client,
        application=application,
        session=session,
        proxy_user=proxy_login,
        verb=shape.verb,
        export=shape.export,
        statement=shape.statement,
        fingerprint=shape.fingerprint,
        tables=shape.tables,
        columns=shape.columns,
        columns_known=shape.columns_known,
        filters=shape.filters,
        subjects=_subjects(shape.subject_columns, hashes, counts, odd),
        scope=shape.scope,
        rows_at_most=at_most,
        slice=None if begin is None else (begin, behind),
        sealed=sealed,
        rows=rows,
        rows_quality=RowsQuality(quality),
        bytes=size,
        error=shape.error,
        produced_ms=None if lag_ms is None else time_ms + lag_ms,
    )
    return Exposure(
        activity=activity,
        employee=employee,
        account=Account(account),
        peer_group=peer_group,
        shard=shard,
        utc_offset_minutes=utc_offset,
        categories=shape.categories,
        membership=shape.membership,
        sensitivity=shape.sensitivity,
        regions=shape.regions,
        subjects_at_most=subjects_at_most,
        honey=shape.honey,
    )


def _subjects(
    columns: tuple[str, ...], hashes: list[str] | None, counts: list[int] | None, odd: str | None
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if odd is not None:
        return _decode_odd(odd)
    if not columns:
        return ()
    values = iter(hashes or ())
    return tuple(
        (column, tuple(islice(values, count)))
        for column, count in zip(columns, counts or [len(hashes or ())], strict=True)
    )
