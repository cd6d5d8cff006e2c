"""The real tables and columns behind the names in a statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from streamguard.resolve.values import ColumnOf

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamguard.activity import Activity
    from streamguard.exposure import Catalogue
    from streamguard.exposure.catalogue import Table


class Naming:
    """Finds the real tables behind the names of one statement.

    Parameters
    ----------
    catalogue
        What is known of the data.
    search_path
        Schemas of tables that are named without one.
    activity
        The statement.
    dialect
        sqlglot's name of its SQL.
    """

    def __init__(self, catalogue: Catalogue, search_path: tuple[str, ...], activity: Activity, dialect: str) -> None:
        self._catalogue = catalogue
        self._search_path = search_path
        self._activity = activity
        self.dialect = dialect

    def qualify(self, query: exp.Select) -> None:
        """Write the schema before every table: the session that asks has no search path that others could use."""
        expressions = {cte.alias for with_ in query.find_all(exp.With) for cte in with_.expressions}
        for node in query.find_all(exp.Table):
            if isinstance(node.this, exp.Identifier) and not node.db and node.name not in expressions:
                if not node.alias:
                    node.set("alias", exp.TableAlias(this=exp.to_identifier(node.name, quoted=node.this.quoted)))
                schema = self.schema_of(node.name)
                if schema is not None:
                    node.set("db", exp.to_identifier(schema))

    def schema_of(self, name: str) -> str | None:
        """Return the schema of a table that a statement names without one; None: the database's only one."""
        told = [one for one in self._activity.tables if one.rpartition(".")[2] == name and "." in one]
        if len(told) == 1:
            return told[0].rpartition(".")[0]
        found = self._catalogue.find(self._activity.database, name, self._search_path)
        if found and "." in found[0].name:
            return found[0].name.rpartition(".")[0]
        return self._search_path[0] if self.dialect == "postgres" and self._search_path else None

    def table_of(self, node: exp.Table) -> Table | None:
        """Return a table of the catalogue."""
        name = f"{node.db}.{node.name}" if node.db else node.name
        found = self._catalogue.find(self._activity.database, name, self._search_path)
        return found[0] if found else None

    def of_catalogue(self, table: Table) -> exp.Table:
        """Return a table of the catalogue as a query names it."""
        schema, _, name = table.name.rpartition(".")
        node = exp.Table(this=exp.to_identifier(name), db=exp.to_identifier(schema) if schema else None)
        node.set("alias", exp.TableAlias(this=exp.to_identifier(name)))
        if not schema:
            db = self.schema_of(name)
            node.set("db", exp.to_identifier(db) if db else None)
        return node

    def only(self, table: Table) -> Callable[[exp.Table], Table | None]:
        """Return the function that finds one table and no other."""
        return lambda node: table if self.table_of(node) is table else None

    def column_of(self, column: exp.Column) -> ColumnOf | None:
        """Return the real column that a predicate names; None if it cannot be told."""
        select = column.find_ancestor(exp.Select)
        if select is None:
            return None
        sources = [node for clause in _clauses(select) if isinstance(node := clause.this, exp.Table)]
        if column.table:
            sources = [node for node in sources if node.alias_or_name == column.table]
        elif len(_clauses(select)) > 1:
            known = [(node, self.table_of(node)) for node in sources]
            sources = [node for node, table in known if table is not None and column.name in table.columns]
        if len(sources) != 1 or not isinstance(sources[0].this, exp.Identifier):
            return None
        with_ = {cte.alias for found in select.root().find_all(exp.With) for cte in found.expressions}
        if not sources[0].db and sources[0].name in with_:
            return None
        bare = exp.Table(this=sources[0].this.copy(), db=sources[0].args.get("db"))
        return ColumnOf(bare.sql(self.dialect), exp.to_identifier(column.name).sql(self.dialect))


def _clauses(select: exp.Select) -> list[exp.Expr]:
    return [clause for clause in (select.args.get("from_"), *(select.args.get("joins") or ())) if clause is not None]
