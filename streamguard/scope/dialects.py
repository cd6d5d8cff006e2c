"""Which SQL dialect a source's statements are in."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

_BY_FAMILY: Final = MappingProxyType(
    {
        "postgresql": "postgres",
        "mysql": "mysql",
        "mariadb": "mysql",
        "percona": "mysql",
        "bigquery": "bigquery",
        "snowflake": "snowflake",
        "redshift": "redshift",
        "databricks": "databricks",
        "oracle": "oracle",
        "sqlserver": "tsql",
        "trino": "trino",
    }
)
"""The other families carry statements of several products; what PostgreSQL's grammar makes of theirs is common SQL."""


def dialect_of(source: str) -> str:
    """Return sqlglot's name of the dialect of a source's statements.

    Parameters
    ----------
    source
        Name of the adapter, as in `Activity.source`.

    Examples
    --------
    >>> dialect_of("mariadb.server_audit"), dialect_of("teleport")
    ('mysql', 'postgres')
    """
    return _BY_FAMILY.get(source.partition(".")[0], "postgres")
