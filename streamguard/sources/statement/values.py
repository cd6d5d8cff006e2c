"""What expressions reveal and what they decide: the innermost part of tracing, on which all others stand."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sized
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from sqlglot import exp

from streamguard.sources.statement import functions
from streamguard.sources.statement.expressions import (
    Comparison,
    carriers,
    comparison_of,
    conditions,
    is_by_position,
    leaks_of,
)
from streamguard.sources.statement.relations import NOTHING, Leaks, Relation, Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_Sized = TypeVar("_Sized", bound=Sized)

QUERIES: Final = (exp.Select, exp.SetOperation, exp.Subquery, exp.Values)
"""What stands for rows by itself."""
BUILT_IN_SCHEMA: Final = "pg_catalog"
"""Of PostgreSQL: what is in it does what its name says."""
_DECISIONS: Final = (exp.Predicate, exp.Connector, exp.Not, exp.Exists)
_WITHOUT_VALUES: Final = (exp.Count, exp.CountIf, exp.ApproxDistinct, exp.RowNumber, exp.DataType)
_MAX_STEPS: Final = 500_000
"""Columns and relations looked at in one statement. People's statements need hundreds; some that nobody writes (a
thousand functions in FROM, a column made of a thousand that is selected a thousand times) take quadratic time."""


class TooLaboriousError(Exception):
    """A statement takes more steps than any that people write."""


class Context(NamedTuple):
    """What a query can refer to beyond its own FROM."""

    expressions: Mapping[str, Relation]
    """Common table expressions in force, by name."""
    outer: Scope | None
    """The scope of the query around."""

    def having(self, name: str, relation: Relation) -> Context:
        """Return the context with one more common table expression."""
        return Context({**self.expressions, name: relation}, self.outer)


class ValueTracer(ABC):
    """Traces expressions.

    Parameters
    ----------
    dialect
        sqlglot's name of the SQL dialect it was written in. Without it every name counts as a column, also those
        that some dialects reserve for the session (``user``).

    Attributes
    ----------
    known
        False as soon as something was met whose result cannot be told.
    copied
        What data-modifying parts (INSERT ... SELECT, SET, MERGE ... THEN) copied elsewhere.
    filters
        Columns that decided which rows are concerned.
    compared
        (what the column stands for, what it has to equal), of those among them that have to equal a literal.
    """

    def __init__(self, dialect: str | None = None) -> None:
        self._dialect = dialect
        self.known = True
        self.copied: Leaks = NOTHING
        self.filters: set[str] = set()
        self.compared: list[tuple[Leaks, Comparison]] = []
        self._steps = 0

    @abstractmethod
    def query(self, node: exp.Expr, context: Context) -> Relation:
        """Return what a query yields; learn what it copies and what decides in it."""

    def _values(self, nodes: list[exp.Expr], scope: Scope, context: Context) -> Leaks:
        """Return the columns whose values are in the values of expressions."""
        leaks: set[str] = set()
        stack = list(nodes)
        while stack:
            current = stack.pop()
            if is_by_position(current, self._dialect):
                self.known = False
            elif isinstance(current, exp.Column):
                leaks |= self._step(leaks_of(current, scope, self._dialect))
            elif isinstance(current, (exp.Star, exp.Columns)):
                leaks |= self._step(scope.all().everything())
            elif isinstance(current, QUERIES):
                inner = Context(context.expressions, scope)
                leaks |= self._step(self.query(current, inner).everything())
            elif isinstance(current, _DECISIONS):
                self._decide([current], scope, context)
            elif not isinstance(current, _WITHOUT_VALUES):
                self._check_function(current)
                self._decide(conditions(current), scope, context)
                stack.extend(carriers(current))
        return frozenset(leaks)

    def _decide(self, nodes: Iterable[exp.Expr | None], scope: Scope, context: Context) -> None:
        """Learn which columns are in expressions that decide, and what they are compared with."""
        known = self.known
        stack = [(node, False) for node in nodes if node is not None]
        while stack:
            current, is_negated = stack.pop()
            if isinstance(current, exp.Column):
                self.filters |= (
                    NOTHING
                    if isinstance(current.this, exp.Star)
                    else self._step(leaks_of(current, scope, self._dialect))
                )
            elif isinstance(current, QUERIES):
                deciding = self._step(self.query(current, Context(context.expressions, scope)).everything())
                self.filters |= NOTHING if isinstance(current.parent, exp.Exists) else deciding
            elif not isinstance(current, exp.DataType):
                compared = None if is_negated else comparison_of(current)
                if compared is not None:
                    self.compared.append((self._step(leaks_of(compared.column, scope, self._dialect)), compared))
                negates = is_negated or isinstance(current, exp.Not)
                stack.extend((part, negates) for part in current.iter_expressions())
        # Whatever a condition calls, it returns no rows of its own.
        self.known = known

    def _step(self, looked_at: _Sized) -> _Sized:
        """Count what was looked at, and return it."""
        self._steps += len(looked_at)
        if self._steps > _MAX_STEPS:
            raise TooLaboriousError
        return looked_at

    def _check_function(self, node: exp.Expr) -> None:
        """Doubt a function that is not built in; a schema before its name says that it is not."""
        if isinstance(node, exp.Dot):
            own = isinstance(node.expression, exp.Func) and node.this.name != BUILT_IN_SCHEMA
        else:
            own = isinstance(node, exp.Anonymous) and node.name.lower() not in functions.HARMLESS
            own = own or isinstance(node, exp.DynamicIdentifier)
        self.known = self.known and not own
