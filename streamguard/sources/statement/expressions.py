"""What single expressions of a syntax tree reveal, compare and name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sqlglot import exp

from streamguard.sources.statement import functions
from streamguard.sources.statement.relations import NOTHING, Leaks, Scope
from streamguard.sources.statement.words import words

if TYPE_CHECKING:
    from collections.abc import Iterator

_WRAPPERS: Final = (exp.Cast, exp.TryCast, exp.Paren, exp.Lower, exp.Upper, exp.Trim, exp.Collate)
"""What may stand around a column or a value that are compared, and leaves the value the same to people."""
_STANDARD_SESSION: Final = (
    "user current_user session_user current_role current_catalog current_schema current_date current_time"
    " current_timestamp localtime localtimestamp"
)
_SESSION_WORDS: Final = {
    "postgres": words(_STANDARD_SESSION, "ctid xmin xmax cmin cmax tableoid"),
    "redshift": words("user current_user session_user current_date current_timestamp"),
    "oracle": words("user rownum sysdate systimestamp current_date current_timestamp localtimestamp"),
    "tsql": words("user current_user session_user system_user current_timestamp"),
    "snowflake": words("current_user current_date current_time current_timestamp localtime localtimestamp"),
}
"""Reserved words and system columns by dialect. MySQL, BigQuery, Trino and Spark let a column be called ``user``; what
they reserve (``current_user``) their grammars do not take for a column."""
_NUMBER_BASE: Final = 900_000_000
"""Where marks have to be numbers, they begin here."""


class Comparison(NamedTuple):
    """A column that has to equal one of the values."""

    column: exp.Column
    marks: tuple[int, ...]
    """Numbers of the marks that stand for the values."""
    how: str
    """``value``, ``pattern`` of LIKE, or ``array``, PostgreSQL's array in one literal."""


def mark_text(number: int, *, as_number: bool) -> str:
    """Write the mark of a literal so that a parser takes it for one."""
    # As a string it can stand wherever a literal can (date 'm1', interval 'm1'), except in TOP and the like.
    return str(_NUMBER_BASE + number) if as_number else f"'m{number}'"


def unwrapped(node: object) -> object:
    """Return what stands inside of parentheses, casts and the like, which leave a value the same to people."""
    while isinstance(node, _WRAPPERS):
        node = node.this
    return node


def mark_of(node: object) -> int | None:
    """Return the number of the mark that a node is, None for every other node."""
    node = unwrapped(node)
    if not isinstance(node, exp.Literal):
        return None
    text = node.this
    digits = text[1:] if node.is_string and text.startswith("m") else text
    if not (digits.isdecimal() and len(digits) < 12):
        return None
    return int(digits) if node.is_string else int(digits) - _NUMBER_BASE


def comparison_of(node: exp.Expr) -> Comparison | None:
    """Return what a predicate says a column has to equal, if it is that simple."""
    if isinstance(node, exp.In):
        unnested = node.args.get("unnest")
        values = node.expressions or ([] if unnested is None else unnested.expressions)
        return _comparison(node.this, values, "value")
    if isinstance(node, (exp.Like, exp.ILike)):
        return _comparison(node.this, [node.expression], "pattern")
    if not isinstance(node, (exp.EQ, exp.NullSafeEQ)):
        return None
    value = node.expression
    if isinstance(value, exp.Any):
        return _comparison(node.this, [value.this], "array")
    return _comparison(node.this, [value], "value") or _comparison(value, [node.this], "value")


def _comparison(column: object, values: list[exp.Expr], how: str) -> Comparison | None:
    column = unwrapped(column)
    if not isinstance(column, exp.Column) or isinstance(column.this, exp.Star):
        return None
    marks = [mark_of(value) for item in values for value in _elements(item)]
    found = tuple(mark for mark in marks if mark is not None)
    return Comparison(column, found, how) if found else None


def _elements(node: exp.Expr) -> list[exp.Expr]:
    inside: exp.Expr = node
    while isinstance(inside, (exp.Paren, exp.Cast)):
        inside = inside.this
    return inside.expressions if isinstance(inside, exp.Array) else [node]


def table_name(node: exp.Table) -> str:
    """Return ``schema.table`` or ``table``; a database before the schema is left out."""
    return f"{node.db}.{node.name}" if node.db else node.name


def carriers(node: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the parts of an expression whose values become part of its value."""
    if isinstance(node, exp.Case):
        yield from (branch.args["true"] for branch in node.args["ifs"])
        if node.args.get("default") is not None:
            yield node.args["default"]
    elif isinstance(node, exp.If):
        yield from (node.args[key] for key in ("true", "false") if node.args.get(key) is not None)
    elif isinstance(node, exp.WithinGroup):
        yield node.this
        yield from (ordered.this for ordered in node.expression.expressions)
    elif isinstance(node, (exp.Window, exp.Filter, exp.Order, exp.Cast)):
        yield node.this
    elif not (isinstance(node, exp.Anonymous) and node.name in functions.WITHOUT_VALUES):
        yield from node.iter_expressions()


def conditions(node: exp.Expr) -> list[exp.Expr | None]:
    """Return the parts of an expression that only decide which values it takes."""
    if isinstance(node, exp.Case):
        return [node.args.get("this"), *(branch.this for branch in node.args["ifs"])]
    if isinstance(node, exp.If):
        return [node.this]
    return [node.expression] if isinstance(node, exp.Filter) else []


def session_words(dialect: str | None) -> frozenset[str]:
    """Return the words that, written without quotes and table, are no column of any table in a dialect.

    Such a word parses as a column. A dialect that lets people call a column so has none here; nor has an unknown one.
    """
    return _SESSION_WORDS.get(dialect or "", frozenset())


def is_default(node: exp.Expr) -> bool:
    """Whether an assigned value is the word DEFAULT, which no dialect lets be a column unless quoted."""
    if isinstance(node, exp.Column) and not node.table:
        return node.name == "default" and not node.this.args.get("quoted")
    return isinstance(node, exp.Var)


def is_by_position(node: exp.Expr, dialect: str | None) -> bool:
    """Whether a value is Snowflake's ``$2`` or ``t.$2``, the second column, whatever its name is.

    SQL Server's ``@1``, a parameter, is the same to the grammar.
    """
    if dialect not in {None, "snowflake"}:
        return False
    named = node.this if isinstance(node, exp.Column) else node
    return isinstance(named, exp.Parameter) and isinstance(named.this, exp.Literal) and not named.this.is_string


def leaks_of(node: exp.Column, scope: Scope, dialect: str | None) -> Leaks:
    """Return what a column reference reveals; in another dialect the same word may be no column."""
    name, table = node.name, node.table
    if isinstance(node.this, exp.Star):
        return (scope.find(table) or scope.all()).everything()
    if table:
        relation = scope.find(table)
        return frozenset((name,)) if relation is None else relation.column(name)
    row = scope.find(name)
    if name in session_words(dialect) and not node.this.args.get("quoted"):
        return scope.session_value(name) | (NOTHING if row is None else row.everything())
    # ``select c from customers c``: the alias alone is the whole row, unless there is a column of that name.
    return scope.unqualified(name) | (NOTHING if row is None else row.everything())
