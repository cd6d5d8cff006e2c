"""Where people live who were named by a table that does not say it: their own table is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlglot import exp

from streamguard.resolve.errors import QuestionError

if TYPE_CHECKING:
    from streamguard.exposure import Catalogue
    from streamguard.exposure.catalogue import Table
    from streamguard.resolve.database import Database
    from streamguard.resolve.people import People

_KEYS: Final = 5_000
"""Asked for at once."""


def find_homes(database: Database, catalogue: Catalogue, people: People) -> None:
    """Ask for the regions that are not known yet; what the database does not answer stays unknown.

    Parameters
    ----------
    database
        To ask.
    catalogue
        Which table of a kind of people has their region.
    people
        Learn their regions.
    """
    homes = {
        table.subject_type: table
        for name in catalogue.databases
        for table in catalogue.tables(name)
        if table.subject_type is not None and table.subject_key is not None and table.region_column is not None
    }
    for kind in people.kinds:
        home, keys = homes.get(kind), people.homeless(kind)
        if home is None:
            continue
        sql = _question(home, database.dialect)
        for start in range(0, len(keys), _KEYS):
            try:
                for key, region in database.rows(sql, {"keys": keys[start : start + _KEYS]}):
                    people.settle(kind, str(key), None if region is None else str(region))
            except QuestionError:
                break


def _question(home: Table, dialect: str) -> str:
    schema, _, name = home.name.rpartition(".")
    table = exp.Table(this=exp.to_identifier(name), db=exp.to_identifier(schema) if schema else None)
    key, region = exp.column(home.subject_key or ""), exp.column(home.region_column or "")
    return f"{exp.select(key, region).from_(table).sql(dialect)} WHERE {key.sql(dialect)} IN :keys"
