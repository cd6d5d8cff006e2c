"""Finds the values behind keyed hashes: candidates are read from the database and hashed here, in memory only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from streamguard.resolve.errors import QuestionError
from streamguard.resolve.values import Given, LookUp, LookUpEdge
from streamguard.sources.statement import subject_hash
from streamguard.sources.statement.subjects import place_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from streamguard.resolve.database import Database
    from streamguard.resolve.rewrite import Question
    from streamguard.resolve.values import ColumnOf

DENSE_NUMBERS: Final = 20_000_000
"""Between the smallest and the largest number of a column, up to which every number is hashed: some 20 seconds."""


class Bound(NamedTuple):
    """The values of one question."""

    values: dict[str, Sequence[object]]
    missing: int
    """Hashes that match nothing that is there now."""
    doubt: str
    """Why there may be more of them than the statement had; empty: there are not."""


class Lookup:
    """What was found in the columns of one database.

    Parameters
    ----------
    key
        Of the hashes.
    """

    def __init__(self, key: bytes | None) -> None:
        self._key = key
        self._wanted: dict[ColumnOf, set[str]] = {}
        self._wanted_places: dict[ColumnOf, set[str]] = {}
        self._values: dict[tuple[ColumnOf, str], list[object]] = {}
        self._numbers: dict[tuple[ColumnOf, str], int] = {}
        self._ends: dict[ColumnOf, tuple[int, int]] = {}
        self._dense: set[ColumnOf] = set()
        self._unreadable: dict[ColumnOf, str] = {}

    def want(self, questions: Iterable[Question]) -> None:
        """Note what questions need."""
        for question in questions:
            for source in question.sources.values():
                if isinstance(source, LookUp):
                    self._wanted.setdefault(source.where, set()).update(source.hashes)
                elif isinstance(source, LookUpEdge):
                    self._wanted_places.setdefault(source.where, set()).add(source.place)

    @property
    def columns(self) -> tuple[ColumnOf, ...]:
        """The columns whose values have to be read, sorted."""
        return tuple(sorted(self._wanted.keys() | self._wanted_places.keys()))

    def read(self, database: Database, tell: Callable[[int], None]) -> None:
        """Read every column of interest once.

        Parameters
        ----------
        database
            To read from.
        tell
            Is told how many more values were hashed.
        """
        if self._key is None:
            return
        for column in self.columns:
            try:
                if column in self._wanted:
                    self._read_values(database, column, self._key, tell)
                if column in self._wanted_places:
                    self._read_places(database, column, self._key, tell)
            except QuestionError as error:
                self._unreadable[column] = str(error)

    def bind(self, question: Question) -> Bound:
        """Return the values of a question.

        Raises
        ------
        QuestionError
            When a column that they are in could not be read.
        """
        for source in question.sources.values():
            if not isinstance(source, Given) and source.where in self._unreadable:
                raise QuestionError(self._unreadable[source.where])
        values: dict[str, Sequence[object]] = {}
        missing = 0
        doubt = ""
        edges = [source for source in question.sources.values() if isinstance(source, LookUpEdge)]
        for name, source in question.sources.items():
            if isinstance(source, Given):
                values[name] = source.values
            elif isinstance(source, LookUp):
                found = [self._values.get((source.where, one), []) for one in sorted(source.hashes)]
                values[name] = [value for some in found for value in some]
                missing += sum(not some for some in found)
                if any(len(some) > 1 for some in found):
                    doubt = "values that differ in case or leading zeros share a hash"
            else:
                values[name] = [self._number(source)]
                if not self._is_certain(source, edges):
                    doubt = "where its range begins or ends matches no number that is there now"
        return Bound(values, missing, doubt)

    def _number(self, edge: LookUpEdge) -> int:
        number = self._numbers.get((edge.where, edge.place))
        if number is not None:
            return number - edge.more
        low, high = self._ends.get(edge.where, (0, 0))
        # All of the column on this side.
        return high + 1 if edge.is_upper else low - 1

    def _is_certain(self, edge: LookUpEdge, edges: list[LookUpEdge]) -> bool:
        """Whether it is known where a range ends.

        All numbers between the column's ends were tried. A range of which one end is among them ends for the other
        beyond the last of them, which makes no difference.
        """
        if (edge.where, edge.place) in self._numbers:
            return True
        return edge.where in self._dense and any(
            (other.where, other.place) in self._numbers for other in edges if other.where == edge.where
        )

    def _read_values(self, database: Database, where: ColumnOf, key: bytes, tell: Callable[[int], None]) -> None:
        wanted = self._wanted[where]
        count = 0
        for (value,) in database.rows(f"select distinct {where.column} from {where.table}", {}):  # noqa: S608
            count += 1
            if value is not None and not isinstance(value, bytes):
                found = subject_hash(key, str(value))
                if found in wanted:
                    self._values.setdefault((where, found), []).append(value)
            if count % 10_000 == 0:
                tell(10_000)
        tell(count % 10_000)

    def _read_places(self, database: Database, where: ColumnOf, key: bytes, tell: Callable[[int], None]) -> None:
        low, high = database.one(f"select min({where.column}), max({where.column}) from {where.table}")  # noqa: S608
        if not isinstance(low, int) or not isinstance(high, int):
            return
        self._ends[where] = low, high
        wanted = set(self._wanted_places[where])
        if high - low <= DENSE_NUMBERS:
            self._dense.add(where)
            numbers: Iterable[int] = range(low - 1, high + 2)
        else:
            ids = database.rows(f"select distinct {where.column} from {where.table}", {})  # noqa: S608
            numbers = (number for (one,) in ids for number in (one - 1, one, one + 1))
        for count, number in enumerate(numbers, start=1):
            place = place_hash(key, number)
            if place in wanted:
                self._numbers[where, place] = number
                wanted.discard(place)
                if not wanted:
                    break
            if count % 10_000 == 0:
                tell(10_000)
