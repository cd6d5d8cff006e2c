"""Looks back: the ledger's protocol over the files of a store."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import duckdb
from msgspec.structs import replace

from streamguard.ledger import manifest as manifests
from streamguard.ledger import parquet, shape
from streamguard.ledger.manifest import LedgerError, Manifest
from streamguard.ledger.pseudonyms import PREFIX, Pseudonyms
from streamguard.ledger.rows import COLUMNS, DAY_MS, from_row

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path

    from streamguard.activity import Exposure
    from streamguard.ledger.ledger import Span
    from streamguard.ledger.manifest import Segment
    from streamguard.ledger.shape import Shape

_CHUNK_ROWS: Final = 5_000
_SHAPE: Final = COLUMNS.index("shape")
_T = TypeVar("_T")


class LedgerStore:
    """Answers from a store, whether or not somebody writes to it meanwhile.

    Parameters
    ----------
    directory
        Of the store.
    pseudonyms
        With the key under which employees are stored; without one only their pseudonyms can be asked for.
    threads, memory_mb
        That DuckDB may take; None: its defaults.
    """

    def __init__(
        self,
        directory: Path,
        pseudonyms: Pseudonyms | None = None,
        *,
        threads: int | None = None,
        memory_mb: int | None = None,
    ) -> None:
        self.directory = directory
        self._pseudonyms = pseudonyms or Pseudonyms(None)
        self._threads = threads
        self._memory_mb = memory_mb
        self._shapes: dict[int, Shape] = {}
        self._shape_files: tuple[str, ...] = ()

    def manifest(self) -> Manifest:
        """Return what the store holds now.

        Raises
        ------
        LedgerError
            If there is no store.
        """
        found = manifests.load(self.directory)
        if found is None:
            raise LedgerError(f"there is no ledger in {self.directory}: `streamguard ledger run` builds one")
        return found

    def complete_until(self) -> int | None:
        """Return the event time up to which every partition was taken in; None: nothing was yet."""
        return self.manifest().complete_until_ms

    def exposures(self, span: Span, employees: Collection[str] | None = None) -> Iterator[Exposure]:
        """Return exposures in the order of (time, origin). Employees who were asked for have the names asked with.

        Raises
        ------
        LedgerError
            If there is no store, or its employees are pseudonyms and there is no key.
        """
        return self._read(span, employees, lambda told: told.days)

    def steps(self, span: Span, employees: Collection[str] | None = None) -> Iterator[Exposure]:
        """Return the steps of cursors, in the same order: who fetched how many rows of what was declared before.

        Raises
        ------
        LedgerError
            As `exposures`.
        """
        return self._read(span, employees, lambda told: told.steps)

    def _read(
        self, span: Span, employees: Collection[str] | None, of: Callable[[Manifest], dict[str, list[Segment]]]
    ) -> Iterator[Exposure]:
        names = None if employees is None else self.stored_names(employees)

        def ask(told: Manifest, connection: duckdb.DuckDBPyConnection) -> tuple[list[Any], dict[int, Shape]]:
            shapes = self.shapes(told, connection)
            chosen = chosen_rows(self.directory, of(told), span, names)
            query = f"select {parquet.READ_COLUMNS} from {chosen.sql} order by time_ms, {parquet.ORIGIN_COLUMNS}"
            # All files have been read when the first rows come: they were sorted.
            return connection.execute(query, chosen.parameters).fetchmany(_CHUNK_ROWS), shapes

        with self.asking(ask) as ((first, shapes), connection):
            rows = first
            while rows:
                for row in rows:
                    exposure = from_row(row, shapes[row[_SHAPE]])
                    yield exposure if names is None else _named(exposure, names[exposure.employee])
                rows = connection.fetchmany(_CHUNK_ROWS)

    # -- for other questions to the files

    def stored_names(self, employees: Collection[str]) -> dict[str, str]:
        """Return under which names employees are stored, each with the one that was asked with.

        Raises
        ------
        LedgerError
            If they are pseudonyms and there is no key.
        """
        plain = [name for name in employees if not name.startswith(PREFIX)]
        if plain and not self._pseudonyms.are_on and self.manifest().masked:
            raise LedgerError(
                f"the employees in {self.directory} are pseudonyms: only with the key (ledger.pseudonym_key) can the "
                "question for one be asked"
            )
        return {name: name for name in employees} | {self._pseudonyms.employee(name): name for name in plain}

    @contextmanager
    def asking(
        self, ask: Callable[[Manifest, duckdb.DuckDBPyConnection], _T]
    ) -> Iterator[tuple[_T, duckdb.DuckDBPyConnection]]:
        """Ask the files of the manifest; again, with the new one, if the writer replaced files meanwhile."""
        connection = parquet.connect(self.directory, threads=self._threads, memory_mb=self._memory_mb)
        try:
            yield self._answer(ask, connection), connection
        finally:
            connection.close()

    def _answer(
        self, ask: Callable[[Manifest, duckdb.DuckDBPyConnection], _T], connection: duckdb.DuckDBPyConnection
    ) -> _T:
        told = self.manifest()
        while True:
            try:
                return ask(told, connection)
            except duckdb.IOException as error:
                before, told = told, self.manifest()
                if told.files == before.files:
                    raise LedgerError(
                        f"a file of the ledger in {self.directory} cannot be read: {error}. If it is gone, build the "
                        "store anew from the topic, in another directory"
                    ) from error

    def shapes(self, told: Manifest, connection: duckdb.DuckDBPyConnection) -> dict[int, Shape]:
        """Return the statement shapes of a manifest by number."""
        if told.shapes and tuple(told.shapes) != self._shape_files:
            relation = parquet.shape_source(self.directory, told.shapes)
            found = connection.execute(f"select uid, body from {relation}").fetchall()
            self._shapes = {uid: self._shapes.get(uid) or shape.decode(body) for uid, body in found}
            self._shape_files = tuple(told.shapes)
        return self._shapes


class Chosen(NamedTuple):
    """A relation for SQL, and its parameters."""

    sql: str
    parameters: list[object]


def chosen_rows(directory: Path, days: dict[str, list[Segment]], span: Span, names: Collection[str] | None) -> Chosen:
    """Return the rows of a span in the segments of some days, and of some employees by their stored names."""
    whole: list[Segment] = []
    cut: list[Segment] = []
    for day, some in sorted(days.items()):
        begin_ms = int(day) * DAY_MS
        if begin_ms >= span.from_ms and begin_ms + DAY_MS <= span.to_ms:
            # Nothing of a whole day needs to be looked at for its time.
            whole += some
        elif begin_ms < span.to_ms and begin_ms + DAY_MS > span.from_ms:
            cut += some
    parts: list[str] = []
    parameters: list[object] = []
    who = "true"
    if names is not None:
        parameters.append(sorted(names))
        who = "employee in (select unnest($1::varchar[]))"
    if whole:
        parts.append(f"select * from {parquet.source(directory, whole)} where {who}")
    if cut:
        when = f"time_ms >= {int(span.from_ms)} and time_ms < {int(span.to_ms)}"
        parts.append(f"select * from {parquet.source(directory, cut)} where {when} and {who}")
    if not parts:
        return Chosen(parquet.NO_ROWS, [])
    return Chosen(f"({' union all '.join(parts)})", parameters)


def _named(exposure: Exposure, name: str) -> Exposure:
    return exposure if exposure.employee == name else replace(exposure, employee=name)
