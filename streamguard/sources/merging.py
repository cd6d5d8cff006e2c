"""Two audit records of one statement made one: the largest row count, the union of what was touched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import msgspec

from streamguard.activity import Activity, RowsQuality

if TYPE_CHECKING:
    from collections.abc import Iterable

_Valued: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]

_QUALITY_ORDER: Final = {
    quality: rank
    for rank, quality in enumerate(
        [
            RowsQuality.UNBOUNDED,  # one uncounted way out makes the whole statement uncounted
            RowsQuality.UNKNOWN,
            RowsQuality.LOWER_BOUND,
            RowsQuality.ESTIMATE,
            RowsQuality.AFFECTED,
            RowsQuality.PRODUCED,
            RowsQuality.EXACT,
        ]
    )
}
_replace: Final = msgspec.structs.replace
_FEW: Final = 16
"""Names up to which a tuple is searched faster than a set is made."""
_UNBOUNDED: Final = RowsQuality.UNBOUNDED
_GUESSES: Final = frozenset({RowsQuality.ESTIMATE, RowsQuality.LOWER_BOUND})


class ColumnsTold:
    """What all records of a statement tell of its columns; in whatever order they come, it is the same.

    A text speaks for all its records and for those without a text; another text (a statement inside) speaks for itself.
    A record without a text vouches for its own tables only, unless it is of a kind (``part``) that comes once and so
    lists everything: that goes before a text that cannot tell.
    """

    __slots__ = ("_all", "_is_doubted", "_is_listed", "_known", "_texts")

    def __init__(self) -> None:
        self._texts: dict[str, bool] = {}
        self._is_doubted = self._is_listed = False
        self._known: tuple[str, ...] = ()
        self._all: tuple[str, ...] = ()

    def add(self, activity: Activity) -> None:
        """Take in what a record tells."""
        is_known, text = activity.columns_known, activity.fingerprint
        is_one = self._known is self._all  # as for nearly all statements: then it is kept, and made, once
        self._all = _union(self._all, activity.columns)
        if is_known:
            self._known = self._all if is_one else _union(self._known, activity.columns)
        if text is not None:
            self._texts[text] = is_known or self._texts.get(text, False)
        elif not is_known:
            self._is_doubted = True
        elif activity.part is not None:
            self._is_listed = True

    def add_all(self, other: ColumnsTold) -> None:
        """Take in what the records of a statement inside tell."""
        self._all, self._known = _union(self._all, other._all), _union(self._known, other._known)
        self._is_doubted |= other._is_doubted
        self._is_listed |= other._is_listed
        for text, is_known in other._texts.items():
            self._texts[text] = is_known or self._texts.get(text, False)

    def verdict(self) -> tuple[tuple[str, ...], bool]:
        """Return the columns and whether they are complete."""
        is_known = all(self._texts.values()) if self._texts else not self._is_doubted
        is_listed = self._is_listed and not self._is_doubted and len(self._texts) < 2
        return (self._known, True) if is_known or is_listed else (self._all, False)


def merge(first: Activity, later: Activity, told: ColumnsTold | None = None) -> Activity:
    """Join a further record of the same statement.

    Parameters
    ----------
    first
        The records so far, merged.
    later
        The further record.
    told
        What all of them tell of the columns, the further one included; None: ``first`` is one record as well.

    Notes
    -----
    A record that counts nothing (``rows`` None) never hides one that counts, unless it tells of another text (a
    statement inside) whose rows left uncounted. What tells of the client, the tag and the text is taken from whichever
    has it.
    """
    text, later_text = first.fingerprint, later.fingerprint
    is_same_text = text is None or later_text is None or later_text == text
    rows, quality = _rows(first, later, is_same_text=is_same_text)
    columns, columns_known = (told or _told_by(first, later)).verdict()
    # Of two times the log's own is the better one.
    timed = later if first.time_borrowed and not later.time_borrowed else first
    return _replace(
        first,
        time_ms=timed.time_ms,
        time_borrowed=timed.time_borrowed,
        verb=first.verb if first.verb != "UNKNOWN" else later.verb,
        export=first.export or later.export,
        statement=first.statement or later.statement,
        fingerprint=text or later_text,
        tables=_tables(first.tables, later.tables),
        columns=columns,
        columns_known=columns_known,
        filters=_union(first.filters, later.filters),
        subjects=_union_values(first.subjects, later.subjects),
        scope=_union_values(first.scope, later.scope),
        rows_at_most=_bound(first, later, is_same_text=is_same_text),
        # It is a matter of the text whose fingerprint stays.
        slice=first.slice or (later.slice if is_same_text else None),
        sealed=_sealed(first, later, is_same_text=is_same_text),
        rows=rows,
        rows_quality=quality,
        bytes=_largest(first.bytes, later.bytes),
        duration_ms=_longest(first.duration_ms, later.duration_ms),
        error=first.error or later.error,
        database=_database(first, later),
        session=first.session or later.session,
        client=first.client or later.client,
        application=first.application or later.application,
        proxy_user=first.proxy_user or later.proxy_user,
        query_tag=first.query_tag or later.query_tag,
        comment=first.comment or later.comment,
        part=first.part if first.part == later.part else None,
        records=first.records + later.records,
        produced_ms=_largest(first.produced_ms, later.produced_ms),
    )


def with_duration(first: Activity, duration_ms: float | None, produced_ms: int | None) -> Activity:
    """Join a record of the same text that tells how long it ran and nothing else: what `merge` gives, for less."""
    return _replace(
        first,
        duration_ms=_longest(first.duration_ms, duration_ms),
        part=None,
        records=first.records + 1,
        produced_ms=_largest(first.produced_ms, produced_ms),
    )


def _database(first: Activity, later: Activity) -> str | None:
    """Return the database of both; None where their tables lie in several."""
    a, b = first.database, later.database
    if a == b:
        return a
    if a is not None and b is not None:
        return None
    # A list of accessed objects without a database has objects of several; elsewhere it is merely not told.
    untold = first if a is None else later
    return None if untold.part == "access" else a or b


def _rows(first: Activity, later: Activity, *, is_same_text: bool) -> tuple[int | None, RowsQuality]:
    """Return the count of both."""
    a, b = first.rows, later.rows
    a_quality, b_quality = first.rows_quality, later.rows_quality
    if a is None and b is None:
        return None, a_quality if _QUALITY_ORDER[a_quality] <= _QUALITY_ORDER[b_quality] else b_quality
    # COPY (query) logs the query with its true count and the COPY without one: the record that counts is right.
    if a is None:
        return (None, a_quality) if a_quality is _UNBOUNDED and not is_same_text else (b, b_quality)
    if b is None:
        return (None, b_quality) if b_quality is _UNBOUNDED and not is_same_text else (a, a_quality)
    if is_same_text and (a_quality in _GUESSES) != (b_quality in _GUESSES):
        return (b, b_quality) if a_quality in _GUESSES else (a, a_quality)
    is_first = a > b or (a == b and _QUALITY_ORDER[a_quality] >= _QUALITY_ORDER[b_quality])
    return (a, a_quality) if is_first else (b, b_quality)


def _told_by(*records: Activity) -> ColumnsTold:
    told = ColumnsTold()
    for record in records:
        told.add(record)
    return told


def _bound(first: Activity, later: Activity, *, is_same_text: bool) -> int | None:
    """Return the largest number of rows that the statement allows; the bound of a statement inside is not its own."""
    a, b = first.rows_at_most, later.rows_at_most
    if a is None or b is None:
        return (b if a is None else a) if is_same_text else None
    return min(a, b) if is_same_text else max(a, b)


def _sealed(first: Activity, later: Activity, *, is_same_text: bool) -> bytes | None:
    """Return the sealed text of the statement: of two the longer, which has the values of bind parameters besides."""
    if first.sealed is None or later.sealed is None or not is_same_text:
        return first.sealed or (later.sealed if is_same_text else None)
    return max(first.sealed, later.sealed, key=lambda sealed: (len(sealed), sealed))


def _tables(a: tuple[str, ...], b: tuple[str, ...]) -> tuple[str, ...]:
    """Return the tables of both; where a text says ``customers`` and the log ``public.customers`` it is one table."""
    if a == b or not b:
        return a
    both = _union(a, b)
    qualified = {name.rpartition(".")[2] for name in both if "." in name}
    return tuple(name for name in both if "." in name or name not in qualified)


def _union(a: tuple[str, ...], b: Iterable[str]) -> tuple[str, ...]:
    if a == b:
        return a
    known = a if len(a) < _FEW else set(a)
    return a + tuple(item for item in b if item not in known)


def _union_values(a: _Valued, b: _Valued) -> _Valued:
    if a == b or not b:
        return a
    values = dict(a)
    for column, more in b:
        values[column] = _union(values.get(column, ()), more)
    return tuple(values.items())


def _largest(a: int | None, b: int | None) -> int | None:
    if a is None or b is None:
        return b if a is None else a
    return max(a, b)


def _longest(a: float | None, b: float | None) -> float | None:
    if a is None or b is None:
        return b if a is None else a
    return max(a, b)
