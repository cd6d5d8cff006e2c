"""What pgaudit says of a statement: one line a relation."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from streamguard.simulate.statement import Statement


class Audit(NamedTuple):
    """What pgaudit says of one relation of a statement: one line."""

    substatement: int
    kind: str
    """pgaudit's class: READ, WRITE, DDL or MISC."""
    command: str
    object_type: str
    object_name: str
    rows: int


def audits_of(statement: Statement) -> tuple[Audit, ...]:
    """Return pgaudit's lines of a statement, in their order; of a join each has the full row count.

    A table that is copied whole leaves neither its name nor its rows.
    """
    tag, rows = statement.tag, statement.rows or 0
    if tag == "UPDATE":
        return _relations(statement, "WRITE", "UPDATE", rows)
    if tag == "COPY":
        return (Audit(1, "READ", "COPY", "", "", 0),)
    if tag == "VACUUM":
        return (Audit(1, "MISC", "VACUUM", "", "", 0),)
    reads = _relations(statement, "READ", "SELECT", rows)
    if tag == "EXPLAIN":
        return (*reads, Audit(2, "MISC", "EXPLAIN", "", "", 0))
    if tag == "CREATE TABLE AS":
        # create temp table <name> as ...
        name = statement.sql.split(" ", 4)[3]
        return (*reads, Audit(2, "DDL", tag, "TABLE", f"pg_temp.{name}", 0))
    return reads


def _relations(statement: Statement, kind: str, command: str, rows: int) -> tuple[Audit, ...]:
    return tuple(Audit(1, kind, command, "TABLE", f"public.{table}", rows) for table in statement.tables)
