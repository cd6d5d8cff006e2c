"""What will be asked of the database for one statement, and what its answer will be worth.

Exposure -> Logged (what each ``?`` stood for) -> query with literals put back, the rest left out -> keys carried out
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlglot import exp

from streamguard.activity import RowsQuality
from streamguard.resolve.carriers import Carriage
from streamguard.resolve.errors import CannotRewriteError
from streamguard.resolve.left import Left, left_of, personal_tables, with_memberships
from streamguard.resolve.logged import Logged, as_travelled, opened
from streamguard.resolve.naming import Naming
from streamguard.resolve.rewrite import Question, Rewriting, question_of, rewrite
from streamguard.sealing import SealError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamguard.activity import Activity, Exposure
    from streamguard.exposure import Catalogue
    from streamguard.exposure.catalogue import Table
    from streamguard.sealing import Opener
    from streamguard.sources.statement import Interests

_COUNTED: Final = frozenset({RowsQuality.EXACT, RowsQuality.AFFECTED, RowsQuality.PRODUCED})
_GATHERED: Final = "aggregate_into_one_row"
_CURSOR: Final = "cursor"


class Outcome(StrEnum):
    """What can be said of whose rows left by a statement."""

    EXACT = "exact"
    BOUNDED = "bounded"
    """They are among those that the query gives."""
    NOT_RESOLVABLE = "not_resolvable"


class Plan(NamedTuple):
    """What is asked for one statement."""

    exposure: Exposure
    outcome: Outcome
    why: str
    questions: tuple[Question, ...]
    """Whose answers together are the people; none: nothing can be asked."""
    left: Mapping[str, Left]
    """By name of a catalogue's table."""
    rows: int | None
    """How many rows left, where the log counts them truly."""
    people_at_most: int | None
    """The bound that rows, or the text, set to the number of people."""
    is_opaque: bool = False
    """Whether a row of the statement may hold any number of people."""
    limit: int | None = None
    """If all the rows that the query gives are no more than this, then all of them left."""


class Planner:
    """Plans what to ask for statements of one database.

    Parameters
    ----------
    catalogue
        What is personal data.
    search_path
        Schemas of tables that are named without one.
    dialect
        sqlglot's name of the database's SQL.
    interests
        Which literals the sources room read, and the key of their hashes.
    opener
        Opens sealed statements; None: they stay closed.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        search_path: tuple[str, ...],
        dialect: str,
        interests: Interests,
        opener: Opener | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._search_path = search_path
        self._dialect = dialect
        self._interests = interests
        self._opener = opener

    def plan(self, exposure: Exposure, fetched: int | None = None) -> Plan:
        """Return what to ask for one statement that exposed personal data.

        Parameters
        ----------
        exposure
            Of the statement.
        fetched
            Rows that were fetched from the cursor that it declared; None: it declared none, or nobody knows.
        """
        exposure = with_memberships(exposure)
        activity = exposure.activity
        tables = personal_tables(exposure, self._catalogue, self._search_path)
        left = {name: left_of(exposure, table, tables.values()) for name, table in tables.items()}
        left = {name: one for name, one in left.items() if one.seen or one.doubtful}
        concerned = {name: tables[name] for name in left}
        rows = activity.rows if activity.rows_quality in _COUNTED and activity.error is None else None
        plan = Plan(exposure, Outcome.NOT_RESOLVABLE, "", (), left, rows, _people_at_most(activity, rows, fetched))
        naming = Naming(self._catalogue, self._search_path, activity, self._dialect)
        try:
            if not concerned:
                return plan._replace(why="no column that left is known to be of a table in the catalogue")
            found = rewrite(self._logged(activity), naming, concerned, left, fetched)
            return _worth(plan, found, fetched)
        except CannotRewriteError as error:
            why = str(error)
        except Exception:  # noqa: BLE001  (a compiled parser over attackers' texts: TypeError and more occur)
            why = "its text is of a kind that nobody has thought of"
        return self._of_tables(plan._replace(why=why), naming, concerned)

    def _logged(self, activity: Activity) -> Logged:
        if activity.statement is None:
            raise CannotRewriteError("the log does not have its text")
        if self._opener is not None and activity.sealed is not None:
            try:
                return opened(self._opener.open(activity.sealed), self._dialect, self._interests)
            except SealError as error:
                raise CannotRewriteError(str(error)) from None
        return as_travelled(activity, self._dialect, self._interests)

    def _of_tables(self, plan: Plan, naming: Naming, tables: Mapping[str, Table]) -> Plan:
        """Fall back on everybody in the tables that a statement touched."""
        questions = []
        for name, table in tables.items():
            if table.subject_key is None:
                return plan
            query = exp.select("*").from_(naming.of_catalogue(table))
            columns = {name: plan.left[name].columns}
            carried = Carriage("sg", naming.only(table), columns).carry(query, grouped=False)
            questions.append(question_of(carried, {}, frozenset()))
        if not questions:
            return plan
        return plan._replace(outcome=Outcome.BOUNDED, questions=tuple(questions))


def _people_at_most(activity: Activity, rows: int | None, fetched: int | None) -> int | None:
    if activity.export == _GATHERED:
        return None
    bounds = [bound for bound in (rows, activity.rows_at_most, fetched) if bound is not None]
    return min(bounds, default=None)


def _worth(plan: Plan, found: Rewriting, fetched: int | None) -> Plan:
    """Return a plan with its question, and how far the answer will be the truth."""
    activity = plan.exposure.activity
    why = found.lost
    if not why and activity.error is not None:
        why = "it failed, and nobody counted how many rows had left by then"
    if not why and activity.export == _CURSOR and fetched is None:
        why = "a cursor: the log does not say how far it was read"
    at_most = None if found.is_opaque else plan.people_at_most
    return plan._replace(
        outcome=Outcome.BOUNDED if why else Outcome.EXACT,
        why=why or "its text says which rows left",
        questions=(found.question,),
        is_opaque=found.is_opaque,
        limit=found.limit if why == found.lost else None,
        people_at_most=at_most,
    )
