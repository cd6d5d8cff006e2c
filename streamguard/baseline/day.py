"""What one employee did on the open behavioural day: what the decision and its explanation need, bounded.

Names of tables, categories and regions come from the catalogue or the log and are cut and counted, so that no
input can make an entry large. Values of personal data never get here.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final, NamedTuple

from streamguard.activity import Verdict

if TYPE_CHECKING:
    from streamguard.baseline.codec import Reader, Writer
    from streamguard.baseline.shape import Shape, Symbol

MOST_TABLES: Final = 8
MOST_CATEGORIES: Final = 22
MOST_REGIONS: Final = 8
MOST_NEWS: Final = 5
MOST_APPROVALS: Final = 4
"""Approvals whose rows are counted on a day; statements by any more are judged like others."""
_MOST_MET: Final = 4096
MOST_ROWS: Final = 2**53
"""A single count above this is taken as this: no table is larger, and sums stay finite."""
MOST_TOTAL: Final = 2**62
BURST_GAP_MS: Final = 15 * 60_000
"""Statements closer than this belong to one burst: "48,210 rows in 12 minutes"."""
_CODES: Final = {Verdict.NOT_SEEN: 0, Verdict.CANNOT_TELL: 1, Verdict.SEEN: 2}
_VERDICTS: Final = {code: verdict for verdict, code in _CODES.items()}
_TIMES: Final = struct.Struct("<qqqqB")


class Novelty(NamedTuple):
    """Something that the employee had never used before today."""

    attribute: int
    name: str
    fame: int
    """How known it was among the peers: 0 to nobody, 1 to few, 2 to more."""


class Met:
    """A statement shape that was met today, and its rows that are not added to the names yet."""

    __slots__ = ("is_folded", "is_young", "rows", "shape")

    def __init__(self, shape: Shape, *, is_young: bool) -> None:
        self.shape = shape
        self.is_young = is_young
        """Whether something about it is new to the employee these days."""
        self.rows = 0
        self.is_folded = False


class DayNotes:
    """Totals, names and times of one employee's open day. All times are event time in milliseconds."""

    __slots__ = (
        "approved_by",
        "approved_rows",
        "approved_statements",
        "burst_rows",
        "burst_start_ms",
        "categories",
        "category_rows",
        "first_ms",
        "largest_ms",
        "largest_rows",
        "last_met",
        "met",
        "news",
        "regions",
        "rows",
        "sensitivity",
        "statements",
        "subjects_at_most",
        "table_rows",
        "tables",
        "uncounted_reach",
        "without_rows",
    )

    def __init__(self) -> None:
        self.rows = 0
        self.statements = 0
        self.without_rows = 0
        """Statements whose rows the log does not count."""
        self.approved_statements = 0
        """Statements that were approved: they stand here and in no other total."""
        self.approved_rows = 0
        self.approved_by: dict[int, int] = {}
        """Rows taken by an approval, by what stands for it."""
        self.uncounted_reach = 0
        """The largest number of people that one read without a count may have reached; 0: there was none."""
        self.first_ms = 0
        self.burst_rows = 0
        self.burst_start_ms = 0
        self.largest_rows = 0
        self.largest_ms = 0
        self.sensitivity = 0
        self.subjects_at_most = 0
        """Largest bound of the people in reach; 0: unknown."""
        self.tables: list[str] = []
        """Names and rows are up to date after :meth:`fold`."""
        self.categories: dict[str, Verdict] = {}
        self.regions: list[str] = []
        self.news: list[Novelty] = []
        self.met: dict[Shape, Met] = {}
        """A cache of what was met since the day was opened here; not part of the state."""
        self.last_met: dict[str | None, Met] = {}
        """The shape met last of every fingerprint; not part of the state."""
        self.table_rows: dict[str, int] = {}
        """Rows of the statements that touched a table."""
        self.category_rows: dict[str, int] = {}
        """Rows of the statements that exposed a category, or may have."""

    def begin_earlier(self, time_ms: int) -> None:
        """Note the time of a statement that is told late."""
        self.first_ms = min(self.first_ms, time_ms)
        self.burst_start_ms = min(self.burst_start_ms, time_ms)

    def forget_met(self) -> None:
        """Forget what was met; its names and rows stay."""
        self.fold()
        self.met.clear()
        self.last_met.clear()

    def meet(self, shape: Shape, *, is_young: bool) -> Met:
        """Begin to count the rows of a shape that was not met yet."""
        if len(self.met) >= _MOST_MET:
            self.forget_met()
        found = self.met[shape] = Met(shape, is_young=is_young)
        return found

    def note_new(self, symbol: Symbol, fame: int) -> None:
        """Keep the name of something new, as far as there is room."""
        if len(self.news) < MOST_NEWS:
            self.news.append(Novelty(symbol.attribute, symbol.name, fame))

    def write(self, out: Writer) -> None:
        """Append the day to an entry."""
        self.fold()
        out.fields(_TIMES, self.first_ms, 0, self.burst_start_ms, self.largest_ms, self.sensitivity)
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
        for number in (self.approved_statements, self.approved_rows, self.uncounted_reach, len(self.approved_by)):
            out.count(number)
        for approval, rows in self.approved_by.items():
            out.count(approval)
            out.count(rows)
        out.count(len(self.news))
        for novelty in self.news:
            out.count(novelty.attribute)
            out.text(novelty.name)
            out.count(novelty.fame)

    def approve(self, approval: int, rows: int) -> None:
        """Count a statement that was approved."""
        self.approved_statements += 1
        self.approved_rows += rows
        if approval in self.approved_by or len(self.approved_by) < MOST_APPROVALS:
            self.approved_by[approval] = self.approved_by.get(approval, 0) + rows

    @classmethod
    def read(cls, source: Reader) -> DayNotes:
        """Restore what :meth:`write` wrote."""
        new = cls()
        new.first_ms, _, new.burst_start_ms, new.largest_ms, new.sensitivity = source.fields(_TIMES)
        new.rows, new.statements, new.without_rows = source.count(), source.count(), source.count()
        new.burst_rows, new.largest_rows, new.subjects_at_most = source.count(), source.count(), source.count()
        for _ in range(source.count()):
            table = source.text()
            new.tables.append(table)
            _put(new.table_rows, table, source.count())
        for _ in range(source.count()):
            category = source.text()
            new.categories[category] = _VERDICTS[source.count()]
            _put(new.category_rows, category, source.count())
        new.regions = [source.text() for _ in range(source.count())]
        if source.version > 1:
            new.approved_statements, new.approved_rows, new.uncounted_reach = (source.count() for _ in range(3))
            new.approved_by = {source.count(): source.count() for _ in range(source.count())}
            new.news = [Novelty(source.count(), source.text(), source.count()) for _ in range(source.count())]
        return new

    def fold(self) -> None:
        """Add the names of the shapes met since, as far as there is room, and their rows to them."""
        for met in self.met.values():
            if not met.is_folded:
                met.is_folded = True
                self._add_names(met.shape)
            if not met.rows:
                continue
            for table in met.shape.tables:
                if table in self.tables:
                    _put(self.table_rows, table, min(self.table_rows.get(table, 0) + met.rows, MOST_TOTAL))
            for name, verdict in met.shape.verdicts.items():
                if verdict is not Verdict.NOT_SEEN and name in self.categories:
                    _put(self.category_rows, name, min(self.category_rows.get(name, 0) + met.rows, MOST_TOTAL))
            met.rows = 0

    def _add_names(self, shape: Shape) -> None:
        _extend(self.tables, shape.tables, MOST_TABLES)
        _extend(self.regions, shape.names, MOST_REGIONS)
        for name, verdict in shape.verdicts.items():
            known = self.categories.get(name)
            if known is None and len(self.categories) >= MOST_CATEGORIES:
                continue
            if known is None or _CODES[verdict] > _CODES[known]:
                self.categories[name] = verdict


def _extend(names: list[str], more: tuple[str, ...], most: int) -> None:
    for name in more:
        if len(names) >= most:
            return
        if name not in names:
            names.append(name)


def _put(counts: dict[str, int], name: str, rows: int) -> None:
    """Keep a count; nothing counted is nothing kept, so that a restored day equals the one that was written."""
    if rows:
        counts[name] = rows
