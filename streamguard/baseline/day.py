"""What one employee did on the open behavioural day: what the decision and its explanation need, bounded.

Names of tables, categories and regions come from the catalogue or the log and are cut and counted, so that no
input can make an entry large. Values of personal data never get here.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from streamguard.activity import Verdict
from streamguard.baseline.codec import clip

if TYPE_CHECKING:
    from streamguard.activity import Exposure
    from streamguard.baseline.codec import Reader, Writer

MOST_TABLES, TABLE_BYTES = 8, 72
MOST_CATEGORIES, CATEGORY_BYTES = 24, 32
MOST_REGIONS, REGION_BYTES = 8, 16
MOST_ROWS = 2**53
"""A single count above this is taken as this: no table is larger, and sums stay finite."""
_MOST_TOTAL = 2**62
BURST_GAP_MS = 15 * 60_000
"""Statements closer than this belong to one burst: "48,210 rows in 12 minutes"."""
_CODES = {Verdict.NOT_SEEN: 0, Verdict.CANNOT_TELL: 1, Verdict.SEEN: 2}
_VERDICTS = {code: verdict for verdict, code in _CODES.items()}
_TIMES = struct.Struct("<qqqqB")


class DayNotes:
    """Totals, names and times of one employee's open day. All times are event time in milliseconds."""

    __slots__ = (
        "_categories_met",
        "_names_met",
        "burst_rows",
        "burst_start_ms",
        "categories",
        "category_rows",
        "first_ms",
        "largest_ms",
        "largest_rows",
        "last_ms",
        "regions",
        "rows",
        "sensitivity",
        "statements",
        "subjects_at_most",
        "table_rows",
        "tables",
        "without_rows",
    )

    def __init__(self) -> None:
        self.rows = 0
        self.statements = 0
        self.without_rows = 0
        """Statements whose rows the log does not count."""
        self.first_ms = 0
        self.last_ms = 0
        self.burst_rows = 0
        self.burst_start_ms = 0
        self.largest_rows = 0
        self.largest_ms = 0
        self.sensitivity = 0
        self.subjects_at_most = 0
        """Largest bound of the people in reach; 0: unknown."""
        self.tables: list[str] = []
        self.table_rows: dict[str, int] = {}
        """Rows of the statements that touched a table."""
        self.categories: dict[str, Verdict] = {}
        self.category_rows: dict[str, int] = {}
        """Rows of the statements that exposed a category, or may have."""
        self.regions: list[str] = []
        self._categories_met: dict[str, Verdict] | None = None
        self._names_met: tuple[str | None, tuple[str, ...], tuple[str, ...]] | None = None

    def add(self, exposure: Exposure) -> int | None:
        """Take in a statement; return its rows, None if they are not known."""
        rows = exposure.activity.rows
        if rows is None:
            self.without_rows += 1
        else:
            rows = 0 if rows < 0 else min(rows, MOST_ROWS)
            self.rows = min(self.rows + rows, _MOST_TOTAL)
        self._add_time(exposure.activity.time_ms, rows or 0)
        self.statements += 1
        if exposure.sensitivity > self.sensitivity:
            self.sensitivity = min(exposure.sensitivity, 255)
        if exposure.subjects_at_most is not None and exposure.subjects_at_most > self.subjects_at_most:
            self.subjects_at_most = min(exposure.subjects_at_most, _MOST_TOTAL)
        self._add_names(exposure)
        if rows:
            self._add_rows(exposure, rows)
        return rows

    def write(self, out: Writer) -> None:
        """Append the day to an entry."""
        out.fields(_TIMES, self.first_ms, self.last_ms, self.burst_start_ms, self.largest_ms, self.sensitivity)
        for number in (
            self.rows,
            self.statements,
            self.without_rows,
            self.burst_rows,
            self.largest_rows,
            self.subjects_at_most,
        ):
            out.count(number)
        out.count(len(self.tables))
        for table in self.tables:
            out.text(table)
            out.count(self.table_rows.get(table, 0))
        out.count(len(self.categories))
        for category in sorted(self.categories):
            out.text(category)
            out.count(_CODES[self.categories[category]])
            out.count(self.category_rows.get(category, 0))
        out.count(len(self.regions))
        for region in self.regions:
            out.text(region)

    @classmethod
    def read(cls, source: Reader) -> DayNotes:
        """Restore what :meth:`write` wrote."""
        new = cls()
        new.first_ms, new.last_ms, new.burst_start_ms, new.largest_ms, new.sensitivity = source.fields(_TIMES)
        new.rows, new.statements, new.without_rows = source.count(), source.count(), source.count()
        new.burst_rows, new.largest_rows, new.subjects_at_most = (
            source.count(),
            source.count(),
            source.count(),
        )
        for _ in range(source.count()):
            table = source.text()
            new.tables.append(table)
            _put(new.table_rows, table, source.count())
        for _ in range(source.count()):
            category = source.text()
            new.categories[category] = _VERDICTS[source.count()]
            _put(new.category_rows, category, source.count())
        new.regions = [source.text() for _ in range(source.count())]
        return new

    def _add_time(self, time_ms: int, rows: int) -> None:
        if not self.statements:
            self.first_ms = self.last_ms = self.burst_start_ms = time_ms
        elif time_ms - self.last_ms > BURST_GAP_MS:
            self.burst_rows, self.burst_start_ms = 0, time_ms
        self.burst_rows = min(self.burst_rows + rows, _MOST_TOTAL)
        if time_ms >= self.last_ms:
            self.last_ms = time_ms
        else:
            self.burst_start_ms = min(self.burst_start_ms, time_ms)
            self.first_ms = min(self.first_ms, time_ms)
        if rows > self.largest_rows:
            self.largest_rows, self.largest_ms = rows, time_ms

    def _add_names(self, exposure: Exposure) -> None:
        activity = exposure.activity
        # Most statements of a day touch what the one before touched: that needs no merging.
        met = (activity.database, activity.tables, exposure.regions)
        if met != self._names_met:
            self._names_met = met
            self._add_tables(activity.database, activity.tables)
            self._add_regions(exposure.regions)
        if exposure.categories != self._categories_met:
            self._categories_met = exposure.categories
            self._add_categories(exposure.categories)

    def _add_rows(self, exposure: Exposure, rows: int) -> None:
        activity = exposure.activity
        for table in activity.tables:
            name = _table_name(activity.database, table)
            if name in self.tables:
                _put(self.table_rows, name, min(self.table_rows.get(name, 0) + rows, _MOST_TOTAL))
        for category, verdict in exposure.categories.items():
            if verdict is not Verdict.NOT_SEEN:
                name = clip(category, CATEGORY_BYTES)
                if name in self.categories:
                    _put(self.category_rows, name, min(self.category_rows.get(name, 0) + rows, _MOST_TOTAL))

    def _add_tables(self, database: str | None, tables: tuple[str, ...]) -> None:
        for table in tables:
            name = _table_name(database, table)
            if name not in self.tables and len(self.tables) < MOST_TABLES:
                self.tables.append(name)

    def _add_regions(self, regions: tuple[str, ...]) -> None:
        for region in regions:
            name = clip(region, REGION_BYTES)
            if name not in self.regions and len(self.regions) < MOST_REGIONS:
                self.regions.append(name)

    def _add_categories(self, categories: dict[str, Verdict]) -> None:
        for category in sorted(categories):
            name = clip(category, CATEGORY_BYTES)
            known = self.categories.get(name)
            if known is None and len(self.categories) >= MOST_CATEGORIES:
                continue
            verdict = categories[category]
            if known is None or _CODES[verdict] > _CODES[known]:
                self.categories[name] = verdict


def _table_name(database: str | None, table: str) -> str:
    return clip(f"{database}.{table}" if database else table, TABLE_BYTES)


def _put(counts: dict[str, int], name: str, rows: int) -> None:
    """Keep a count; nothing counted is nothing kept, so that a restored day equals the one that was written."""
    if rows:
        counts[name] = rows
