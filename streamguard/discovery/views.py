"""Where the columns of a view come from: its definition, traced by sqlglot to the columns of other tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.lineage import lineage
from sqlglot.schema import MappingSchema

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlglot.lineage import Node

    Origins = Mapping[str, tuple[tuple[str, str], ...]]
    Known = dict[str, Any]
    """Types of the columns by schema, table and column, as sqlglot wants them."""

MAX_DEFINITION_BYTES: Final = 64 * 1024


def trace(
    definition: str,
    columns: Sequence[str],
    schema: str,
    tables: Mapping[str, Mapping[str, Sequence[str]]],
    dialect: str,
) -> Origins:
    """Return the columns that each column of a view takes its values from.

    Parameters
    ----------
    definition
        The query, with or without ``CREATE VIEW``.
    columns
        The view's columns, in order.
    schema
        Where tables without a schema are.
    tables
        Columns by schema and table.
    dialect
        sqlglot's name of it.

    Returns
    -------
    Mapping
        (``schema.table``, column) of each; a column of the view that takes no values (``count(*)``, a constant) has
        none. Empty if the definition cannot be understood.
    """
    if len(definition.encode()) > MAX_DEFINITION_BYTES:
        return {}
    known: Known = {
        one: {table: dict.fromkeys(names, "text") for table, names in inside.items()} for one, inside in tables.items()
    }
    try:
        return _trace(definition, columns, schema, known, dialect)
    except (SqlglotError, ValueError, KeyError, AttributeError, RecursionError):
        # Whatever the optimizer stumbles over: the caller falls back on names.
        return {}


def by_name(columns: Iterable[str], used: Iterable[tuple[str, str]]) -> Origins:
    """Return the origins of those columns of a view that are called like exactly one of the columns it uses."""
    found: dict[str, list[tuple[str, str]]] = {}
    for table, column in used:
        found.setdefault(column, []).append((table, column))
    return {column: tuple(found[column]) for column in columns if len(found.get(column, ())) == 1}


def _trace(definition: str, columns: Sequence[str], schema: str, known: Known, dialect: str) -> Origins:
    tree = parse_one(definition, dialect=dialect)
    query = tree.expression if isinstance(tree, exp.Create) else tree
    nodes = lineage(None, query, MappingSchema(known, dialect=dialect, normalize=False), dialect=dialect, db=schema)
    # A view has its columns in the order of its query, under names of its own.
    if len(nodes) != len(columns):
        return {}
    found = {column: _origins(node, known) for column, node in zip(columns, nodes.values(), strict=True)}
    return {column: origins for column, origins in found.items() if origins is not None}


def _origins(node: Node, known: Known) -> tuple[tuple[str, str], ...] | None:
    """Return where one column comes from; None: there are values in it that cannot be traced."""
    found: set[tuple[str, str]] = set()
    for leaf in node.walk():
        table = leaf.expression
        if leaf.downstream or not isinstance(table, exp.Table):
            continue
        column = leaf.name.rpartition(".")[2].strip('"`')
        # Of a row as a whole (``row_to_json(customers.*)``) every column.
        columns = known.get(table.db, {}).get(table.name, {}) if column == "*" else (column,)
        found.update((f"{table.db}.{table.name}", name) for name in columns)
    if not found and node.expression.find(exp.Column, exp.TableColumn) is not None:
        return None
    return tuple(sorted(found))
