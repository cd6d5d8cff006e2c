"""Every format that is read, in the order of detection: the cheapest and most likely first.

To add a format: write one file with ``NAME`` and ``read`` (which returns None for a record that is not of its format,
and raises `Refusal` for one that is and cannot be read), and add one line here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from streamguard.sources import aws_das, ocsf, teleport
from streamguard.sources.bigquery import audit as bigquery
from streamguard.sources.databricks import audit as databricks_audit
from streamguard.sources.databricks import history as databricks_history
from streamguard.sources.mapping.reader import reader_of
from streamguard.sources.mongodb import audit as mongodb
from streamguard.sources.mongodb import profile as mongodb_profile
from streamguard.sources.mysql import aurora as mysql_aurora
from streamguard.sources.mysql import azure as azure_mysql
from streamguard.sources.mysql import enterprise as mysql_enterprise
from streamguard.sources.mysql import enterprise_xml as mysql_enterprise_xml
from streamguard.sources.mysql import percona as percona_audit_log
from streamguard.sources.mysql import server_audit as mariadb_server_audit
from streamguard.sources.mysql import slow as mysql_slow
from streamguard.sources.oracle import trail as oracle_trail
from streamguard.sources.oracle import unified as oracle_unified
from streamguard.sources.postgresql import azure as postgresql_azure
from streamguard.sources.postgresql import cloudsql as postgresql_cloudsql
from streamguard.sources.postgresql import cnpg as postgresql_cnpg
from streamguard.sources.postgresql import csvlog as postgresql_csvlog
from streamguard.sources.postgresql import jsonlog as postgresql_jsonlog
from streamguard.sources.postgresql import pgauditlogtofile as postgresql_pgauditlogtofile
from streamguard.sources.postgresql import stderr as postgresql_stderr
from streamguard.sources.redshift import history as redshift_history
from streamguard.sources.redshift import useractivity as redshift_useractivity
from streamguard.sources.snowflake import history as snowflake
from streamguard.sources.sqlserver import audit as sqlserver
from streamguard.sources.sqlserver import azure as sqlserver_azure
from streamguard.sources.sqlserver import winlog as sqlserver_winlog
from streamguard.sources.trino import created as trino_created
from streamguard.sources.trino import event as trino
from streamguard.sources.trino import presto

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from streamguard.activity import Activity, Ignored
    from streamguard.sources.context import Context
    from streamguard.sources.fields import JsonObject
    from streamguard.sources.mapping.record import Mapping
    from streamguard.sources.timed import Timed


class ObjectFormat(NamedTuple):
    """A format whose records are JSON objects.

    ``read_bytes``, where there is one, gives the same as ``read``, not settled yet, or None, for values that begin with
    ``beginning``: a short cut for the first of the formats, past the dictionary.
    """

    name: str
    read: Callable[[JsonObject, Context], Activity | Ignored | None]
    beginning: bytes = b""
    read_bytes: Callable[[bytes, Context], Activity | Ignored | Timed | None] | None = None


class TextFormat(NamedTuple):
    """A format whose records are texts."""

    name: str
    read: Callable[[str, Context], Activity | Ignored | None]


class Formats(NamedTuple):
    """The formats that a topic may carry."""

    objects: tuple[ObjectFormat, ...]
    texts: tuple[TextFormat, ...]

    @property
    def short_cut(self) -> tuple[bytes, Callable[[bytes, Context], Activity | Ignored | Timed | None] | None]:
        """How values begin that the first format may read without a dictionary, and how it does."""
        first = self.objects[0] if self.objects else None
        return (b"", None) if first is None else (first.beginning, first.read_bytes)


ALL_FORMATS = Formats(
    objects=(
        ObjectFormat(
            postgresql_jsonlog.NAME,
            postgresql_jsonlog.read,
            postgresql_jsonlog.BEGINNING,
            postgresql_jsonlog.read_bytes,
        ),
        ObjectFormat(postgresql_cnpg.NAME, postgresql_cnpg.read),
        ObjectFormat(ocsf.NAME, ocsf.read),
        ObjectFormat(postgresql_azure.NAME, postgresql_azure.read),
        ObjectFormat(postgresql_cloudsql.NAME, postgresql_cloudsql.read),
        ObjectFormat(postgresql_pgauditlogtofile.NAME, postgresql_pgauditlogtofile.read),
        ObjectFormat(mysql_enterprise.NAME, mysql_enterprise.read),
        ObjectFormat(percona_audit_log.NAME, percona_audit_log.read),
        ObjectFormat(azure_mysql.NAME, azure_mysql.read),
        ObjectFormat(bigquery.NAME, bigquery.read),
        ObjectFormat(databricks_audit.NAME, databricks_audit.read),
        ObjectFormat(databricks_history.NAME, databricks_history.read),
        ObjectFormat(redshift_history.NAME, redshift_history.read),
        ObjectFormat(snowflake.NAME, snowflake.read),
        ObjectFormat(aws_das.NAME, aws_das.read),
        ObjectFormat(mongodb.NAME, mongodb.read),
        ObjectFormat(teleport.NAME, teleport.read),
        ObjectFormat(trino.NAME, trino.read),
        ObjectFormat(presto.NAME, presto.read),
        ObjectFormat(sqlserver.NAME, sqlserver.read),
        ObjectFormat(sqlserver_azure.NAME, sqlserver_azure.read),
        ObjectFormat(sqlserver_winlog.NAME, sqlserver_winlog.read),
        ObjectFormat(oracle_unified.NAME, oracle_unified.read),
        ObjectFormat(mongodb_profile.NAME, mongodb_profile.read),
    ),
    texts=(
        TextFormat(mariadb_server_audit.NAME, mariadb_server_audit.read),
        TextFormat(mysql_aurora.NAME, mysql_aurora.read),
        TextFormat(mysql_slow.NAME, mysql_slow.read),
        TextFormat(mysql_enterprise_xml.NAME, mysql_enterprise_xml.read),
        TextFormat(redshift_useractivity.NAME, redshift_useractivity.read),
        TextFormat(oracle_trail.NAME, oracle_trail.read),
        TextFormat(postgresql_csvlog.NAME, postgresql_csvlog.read),
        TextFormat(postgresql_stderr.NAME, postgresql_stderr.read),
    ),
)


ON_REQUEST = Formats(objects=(ObjectFormat(trino_created.NAME, trino_created.read),), texts=())
"""Formats that are read only where a topic's setting names them, because their records say too little of themselves."""


def formats_of(mappings: Iterable[Mapping] = ()) -> Formats:
    """Return the formats of one decoder: the operator's own mappings, which go first, and all others."""
    own = tuple(ObjectFormat(mapping.format_name, reader_of(mapping)) for mapping in mappings)
    return Formats(objects=own + ALL_FORMATS.objects, texts=ALL_FORMATS.texts)


def select(name: str | None, formats: Formats = ALL_FORMATS) -> Formats | None:
    """Return the formats that a topic's setting allows.

    Parameters
    ----------
    name
        None for all of them, the name of one, or a family such as ``postgresql``.
    formats
        Those to choose from.

    Returns
    -------
    Formats or None
        None if there is no format of that name.

    Examples
    --------
    >>> [text.name for text in select("postgresql").texts]
    ['postgresql.csvlog', 'postgresql.stderr']
    """
    if name is None:
        return formats
    chosen = Formats(
        objects=tuple(f for f in formats.objects if _belongs(f.name, name))
        + tuple(f for f in ON_REQUEST.objects if f.name == name),
        texts=tuple(f for f in formats.texts if _belongs(f.name, name))
        + tuple(f for f in ON_REQUEST.texts if f.name == name),
    )
    return chosen if chosen.objects or chosen.texts else None


def format_names(mappings: Iterable[Mapping] = ()) -> tuple[str, ...]:
    """Return the names that a topic's ``format`` setting may have, families included, sorted.

    Parameters
    ----------
    mappings
        The operator's own, whose names are ``mapping.<name>``.
    """
    names = {f.name for f in ALL_FORMATS.objects} | {f.name for f in ALL_FORMATS.texts}
    names |= {f.name for f in ON_REQUEST.objects} | {f.name for f in ON_REQUEST.texts}
    names |= {mapping.format_name for mapping in mappings}
    return tuple(sorted(names | {name.partition(".")[0] for name in names}))


def _belongs(name: str, wanted: str) -> bool:
    return name == wanted or name.startswith(f"{wanted}.")
