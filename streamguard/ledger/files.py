"""The files of a store: adding, erasing, merging. What the manifest names changes here; `LedgerWriter` saves it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from streamguard.ledger import parquet, rollups, shape
from streamguard.ledger.rows import DAY_MS
from streamguard.ledger.worth import worth_merging

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from streamguard.ledger.manifest import Manifest, Segment

_MAX_SHAPE_FILES: Final = 16
_OLD_DAYS: Final = 2
"""A day is old when the newest is that much younger: few late records come for it."""


class StoreFiles:
    """The Parquet files that a manifest names, and those that it no longer names.

    Parameters
    ----------
    directory
        Of the store.
    manifest
        Changed in place.
    memory_mb, threads
        That DuckDB may take.
    """

    def __init__(self, directory: Path, manifest: Manifest, *, memory_mb: int, threads: int | None) -> None:
        self.directory = directory
        self.manifest = manifest
        self._connection = parquet.connect(directory, threads=threads, memory_mb=memory_mb)
        self._replaced: list[str] = []
        """That the manifest no longer names, but the saved one still does."""
        self._droppable: list[str] = []
        self._touched: set[str] = set()
        for path in directory.glob("*.parquet"):
            # Of a commit that a crash cut short.
            if path.name not in manifest.files:
                path.unlink()
        self._known_shapes = self._load_shapes()

    def close(self) -> None:
        """Close DuckDB."""
        self._connection.close()

    @property
    def rows(self) -> int:
        """Exposures in all files."""
        return sum(segment.rows for some in self.manifest.days.values() for segment in some)

    # -- adding

    def add(self, rows: pa.Table) -> int:
        """Add those exposures that are new, in the files of their days, and return how many they were."""
        return self._add(rows, self.manifest.days, "d")

    def add_steps(self, rows: pa.Table) -> int:
        """Add those steps of cursors that are new, and return how many they were."""
        return self._add(rows, self.manifest.steps, "c")

    def _add(self, rows: pa.Table, into: dict[str, list[Segment]], kind: str) -> int:
        rows = rows.append_column("arrival", pa.array(range(rows.num_rows), pa.int64()))
        days = pc.divide(rows["time_ms"], DAY_MS)
        added = 0
        for day in sorted(pc.unique(days).to_pylist()):
            name = self._name(f"{kind}{day}")
            known = into.get(str(day), [])
            self._connection.register("fresh", rows.filter(pc.equal(days, day)))
            segment = parquet.write_new(self._connection, self.directory, name, "fresh", known)
            self._connection.unregister("fresh")
            self._touched.add(str(day))
            if segment is not None:
                into[str(day)] = [*known, segment]
                added += segment.rows
        return added

    def add_shapes(self, found: Mapping[int, bytes]) -> None:
        """Add those shapes that are new."""
        new = {uid: body for uid, body in found.items() if uid not in self._known_shapes}
        if new:
            bodies = [body.decode() for body in new.values()]
            self._write_shapes(pa.table({"uid": pa.array(new, pa.uint64()), "body": pa.array(bodies)}))

    def _write_shapes(self, bodies: pa.Table) -> None:
        self._connection.register("shapes", bodies)
        name = parquet.write_shapes(self._connection, self.directory, self._name("shapes"), "shapes")
        self._connection.unregister("shapes")
        self.manifest.shapes = [*self.manifest.shapes, name]
        self._known_shapes.update(bodies["uid"].to_pylist())

    def _load_shapes(self) -> set[int]:
        if not self.manifest.shapes:
            return set()
        query = f"select uid from {parquet.shape_source(self.directory, self.manifest.shapes)}"
        return {uid for (uid,) in self._connection.execute(query).fetchall()}

    # -- erasing

    def erase(self, employees: Iterable[str]) -> int:
        """Remove what is before the manifest's floor, and what some employees are forgotten for.

        Returns
        -------
        int
            How many exposures there were of it.
        """
        before = self.rows
        for days in (self.manifest.days, self.manifest.steps):
            self._erase(days, sorted(set(employees)))
        self._drop_shapes()
        return before - self.rows

    def _erase(self, days: dict[str, list[Segment]], employees: Iterable[str]) -> None:
        floor_ms = self.manifest.floor_ms
        for day in [day for day in days if (int(day) + 1) * DAY_MS <= floor_ms]:
            self._replace(days, day, days[day], None)
        for day in [day for day in days if int(day) * DAY_MS < floor_ms]:
            self._rewrite(days, day, "time_ms < $1", [floor_ms])
        for employee in employees:
            until_ms = self.manifest.forgotten[employee]
            for day in [day for day in days if int(day) * DAY_MS < until_ms]:
                self._rewrite(days, day, "employee = $1 and time_ms < $2", [employee, until_ms])

    def unseal(self, before_ms: int) -> None:
        """Remove the sealed statement texts of days that ended before a moment; the exposures stay."""
        days = self.manifest.days
        for day in [day for day in days if (int(day) + 1) * DAY_MS <= before_ms]:
            for segment in days[day]:
                query = f"select 1 from {parquet.source(self.directory, [segment])} where sealed is not null limit 1"
                if self._connection.execute(query).fetchone() is not None:
                    name = self._name(f"d{day}")
                    bare = parquet.write_merged(self._connection, self.directory, name, [segment], sealed=False)
                    self._replace(days, day, [segment], bare)

    def _rewrite(self, days: dict[str, list[Segment]], day: str, condition: str, parameters: list[object]) -> None:
        """Write those segments of a day again that have rows of which a condition is true, without them."""
        for segment in days[day]:
            relation = parquet.source(self.directory, [segment])
            query = f"select 1 from {relation} where {condition} limit 1"
            if self._connection.execute(query, parameters).fetchone() is not None:
                kept = parquet.write_merged(
                    self._connection,
                    self.directory,
                    self._name(segment.name.partition("-")[0]),
                    [segment],
                    kept=f"not ({condition})",
                    parameters=parameters,
                )
                self._replace(days, day, [segment], kept)

    def _drop_shapes(self) -> None:
        """Forget the shapes of which no exposure is left."""
        told = self.manifest
        if not told.shapes:
            return
        relation = parquet.shape_source(self.directory, told.shapes)
        used = "false"
        if told.segments:
            used = f"uid in (select distinct shape from {parquet.source(self.directory, told.segments)})"
        left = self._connection.sql(f"select uid, body from {relation} where {used}").to_arrow_table()
        if left.num_rows < len(self._known_shapes):
            self._replaced += told.shapes
            told.shapes = []
            self._known_shapes = set()
            if left.num_rows:
                self._write_shapes(left)

    # -- merging

    def compact(self) -> None:
        """Merge files where a day, or the shapes, have become many."""
        newest = max(map(int, self.manifest.days), default=0)
        for days in (self.manifest.days, self.manifest.steps):
            for day, segments in list(days.items()):
                is_settled = int(day) <= newest - _OLD_DAYS and day not in self._touched
                some = worth_merging(segments, is_settled=is_settled)
                if some:
                    name = self._name(some[0].name.partition("-")[0])
                    self._replace(days, day, some, parquet.write_merged(self._connection, self.directory, name, some))
        self._touched.clear()
        self._roll_up(newest - _OLD_DAYS)
        if len(self.manifest.shapes) > _MAX_SHAPE_FILES:
            relation = parquet.shape_source(self.directory, self.manifest.shapes)
            bodies = self._connection.sql(f"select uid, body from {relation}").to_arrow_table()
            self._replaced += self.manifest.shapes
            self.manifest.shapes = []
            self._write_shapes(bodies)

    def _roll_up(self, last_day: int) -> None:
        """Count blocks of old days of which there are no totals."""
        blocks = rollups.missing(self.manifest, last_day)
        if not blocks:
            return
        query = f"select uid, body from {parquet.shape_source(self.directory, self.manifest.shapes)}"
        shapes = {uid: shape.decode(body) for uid, body in self._connection.execute(query).fetchall()}
        for block in blocks:
            some = rollups.segments_of(self.manifest, block)
            name = self._name(f"t{block}")
            self.manifest.rollups[block] = rollups.write(self._connection, self.directory, name, some, shapes)

    def _replace(self, days: dict[str, list[Segment]], day: str, old: list[Segment], new: Segment | None) -> None:
        left = [segment for segment in days[day] if segment not in old]
        days[day] = [*left, new] if new is not None else left
        if not days[day]:
            del days[day]
        gone = [segment.name for segment in old]
        for block, rollup in list(self.manifest.rollups.items()):
            if not set(gone).isdisjoint(rollup.segments):
                del self.manifest.rollups[block]
                gone.append(rollup.name)
        self._replaced += gone

    def saved(self) -> None:
        """Note that the manifest is on the disk as it is now."""
        self._droppable += self._replaced
        self._replaced.clear()

    def drop_replaced(self) -> None:
        """Delete what the saved manifest no longer names."""
        for name in self._droppable:
            (self.directory / name).unlink(missing_ok=True)
        self._droppable.clear()

    def _name(self, kind: str) -> str:
        self.manifest.number += 1
        return f"{kind}-{self.manifest.number:08}.parquet"
