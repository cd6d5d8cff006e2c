"""One event of a Trino or PrestoDB event listener, shared by their adapters.

A completed event is one statement (``complete``), with exact rows and bytes of its output, and tables and columns with
views resolved. Columns are those that the log lists, less those that the text uses in predicates alone and those masked
by a constant; other masks may show a part of a value, so their columns count as read.

Known gaps: output that a client never fetches counts as fetched; of a failed query the rows until then are known.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from streamguard.activity import RowsQuality
from streamguard.sources.fields import JsonObject, member, optional_text, required_text, row_count
from streamguard.sources.naming import MAX_QUALIFIER_CHARACTERS
from streamguard.sources.reasons import Refusal, RejectedReason
from streamguard.sources.told import Told, activity_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamguard.activity import Activity
    from streamguard.sources.context import Context
    from streamguard.sources.statement import Statement

DIALECT: Final = "trino"

_COPIES: Final = frozenset({"CREATE TABLE AS", "CREATE MATERIALIZED VIEW"})
_WRITES: Final = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE"}) | _COPIES
_SILENT: Final = frozenset({"EXPLAIN", "SHOW"})
"""Their output is no data: a plan, names of tables."""
_SECONDS_BELOW: Final = 100_000_000_000
"""An epoch number from here on is in milliseconds."""
_QUERY_ID: Final = re.compile(r"(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)_", re.ASCII)
_CONSTANT_MASK: Final = re.compile(
    r"\s*(?:cast\s*\(\s*)?(?:null|'[^']*'|\d+)(?:\s+as\s+\w+(?:\([\d, ]{1,12}\))?\s*\))?\s*", re.IGNORECASE
)


def event_of(record: JsonObject) -> JsonObject | None:
    """Return the event inside a record of either listener; None if there is none."""
    event = record.get("eventPayload", record)
    if type(event) is not dict or type(event.get("context")) is not dict:
        return None
    metadata = event.get("metadata")
    return event if type(metadata) is dict and "queryId" in metadata else None


def is_created(event: JsonObject) -> bool:
    """Whether an event can only be a QueryCreatedEvent: the query is queued and nothing is known of it yet."""
    if any(event.get(key) for key in ("statistics", "ioMetadata", "endTime", "failureInfo")):
        return False
    metadata = event["metadata"]
    return metadata.get("queryState") == "QUEUED" and not metadata.get("tables")


def activity(event: JsonObject, context: Context, source: str) -> Activity:
    """Return the activity of one event.

    Parameters
    ----------
    event
        As `event_of` returns it.
    context
        The record being read.
    source
        Name of the adapter.

    Raises
    ------
    Refusal
        When it names no user, or its time or counts cannot be read.
    """
    about, metadata, statistics = event["context"], event["metadata"], member(event, "statistics")
    context.instance = optional_text(about, "serverAddress") or optional_text(about, "environment") or context.instance
    query_id, user = required_text(metadata, "queryId"), required_text(about, "user")
    text = optional_text(metadata, "query")
    statement = context.tools.analyser.analyse(text, DIALECT) if text is not None else None
    verb = _verb(statement, optional_text(about, "queryType"))
    error = optional_text(member(member(event, "failureInfo"), "errorCode"), "name")
    tables, columns = _relations(event)
    rows, quality = _rows(statistics, verb, error)
    start, end = _moment(event.get("createTime"), context), _moment(event.get("endTime"), context)
    is_completed = bool(statistics) or end is not None
    return activity_of(
        Told(
            source=source,
            dialect=DIALECT,
            user=user,
            time=end or start or _time_of_id(query_id, context),
            key=query_id,
            complete=is_completed,
            part="completed" if is_completed else "created",
            text=text,
            verb=verb,
            tables=tables or None,
            columns=_output(columns, statement, verb),
            rows=rows,
            rows_quality=quality,
            bytes=None if verb in _SILENT | _WRITES else row_count(statistics.get("outputBytes")),
            duration_ms=float(max(end - start, 0)) if start and end else None,
            error=error,
            database=_catalog(event) or optional_text(about, "catalog"),
            client=optional_text(about, "remoteClientAddress"),
            application=optional_text(about, "source") or optional_text(about, "userAgent"),
            proxy_user=_proxy_user(about, user),
            query_tag=",".join(tag for tag in _items(about.get("clientTags")) if type(tag) is str) or None,
        ),
        context,
    )


def _verb(statement: Statement | None, query_type: str | None) -> str | None:
    if query_type in {"EXPLAIN", "DESCRIBE"}:
        return "EXPLAIN"
    return statement.verb if statement is not None and statement.verb != "UNKNOWN" else query_type


def _rows(statistics: JsonObject, verb: str | None, error: str | None) -> tuple[int | None, RowsQuality | None]:
    if verb in _SILENT:
        return None, None
    # The output of a write is one row that holds the count.
    rows = row_count(statistics.get("writtenRows" if verb in _WRITES else "outputRows"))
    if error is not None:
        return rows, RowsQuality.LOWER_BOUND
    return rows, RowsQuality.AFFECTED if verb in _WRITES else None


def _relations(event: JsonObject) -> tuple[tuple[str, ...], tuple[str, ...] | None]:
    """Return ``schema.table`` and ``schema.table.column`` of everything that the event lists.

    Columns are None where it lists none, and without those that a constant masks.
    """
    tables: dict[str, None] = {}
    columns: dict[str, None] = {}
    masked: set[str] = set()
    for relation in _listed(event):
        names = [optional_text(relation, key) for key in ("schema", "table")]
        table = ".".join(name for name in names if name).lower()
        if not table:
            continue
        tables[table] = None
        for column in _items(relation.get("columns")) or _items(relation.get("columnObjects")):
            described = column if type(column) is dict else {"column": column}
            name = optional_text(described, "column") or optional_text(described, "name")
            if name is not None:
                full = f"{table[:MAX_QUALIFIER_CHARACTERS]}.{name}".lower()
                columns[full] = None
                if _CONSTANT_MASK.fullmatch(optional_text(described, "mask") or "none"):
                    masked.add(full)
    return tuple(tables), tuple(column for column in columns if column not in masked) if columns else None


def _listed(event: JsonObject) -> list[JsonObject]:
    relations = [
        *_items(event["metadata"].get("tables")),
        *_items(member(event, "ioMetadata").get("inputs")),
    ]
    return [relation for relation in relations if type(relation) is dict]


def _output(columns: tuple[str, ...] | None, statement: Statement | None, verb: str | None) -> tuple[str, ...] | None:
    """Return the listed columns without those that the text has in predicates alone; None leaves them to the text."""
    if verb in _SILENT:
        return ()
    is_known = statement is not None and statement.columns_known
    if columns is None or (verb in _WRITES and is_known):
        return None  # among the columns that a write lists are those that it fills
    if statement is None or not is_known or any(name.endswith("*") for name in statement.columns):
        return columns
    left = {name.rpartition(".")[2] for name in statement.columns}
    filters = {name for name in statement.filters if "." in name and name.rpartition(".")[2] not in left}
    most = max((name.count(".") for name in filters), default=0)
    return tuple(column for column in columns if not any(tail in filters for tail in _tails(column, most)))


def _tails(column: str, most_dots: int) -> Iterator[str]:
    """Yield ``table.column``, ``schema.table.column`` and so on of a full name."""
    parts = column.rsplit(".", most_dots + 1)
    return (".".join(parts[-count:]) for count in range(2, most_dots + 2))


def _catalog(event: JsonObject) -> str | None:
    """Return the one catalog of all relations, None where there are several or none."""
    catalogs = {optional_text(r, "catalog") or optional_text(r, "catalogName") for r in _listed(event)}
    return catalogs.pop() if len(catalogs) == 1 else None


def _proxy_user(about: JsonObject, user: str) -> str | None:
    names = (optional_text(about, key) for key in ("originalUser", "principal"))
    return next((name for name in names if name is not None and name != user), None)


def _moment(value: object, context: Context) -> int | None:
    """Return milliseconds since 1970; older versions write ISO texts, others seconds with a fraction."""
    if value is None or value == "":
        return None
    if type(value) is str:
        return context.tools.clock.read(value)
    if isinstance(value, int | float) and type(value) is not bool and 0 < value < _SECONDS_BELOW * 1000:
        return round(value * 1000) if value < _SECONDS_BELOW else round(value)
    raise Refusal(RejectedReason.INVALID_TIME, "the event time is neither a text nor a number since 1970")


def _time_of_id(query_id: str, context: Context) -> int | None:
    """Return the time in a query id, in UTC: excluded fields may take the others away."""
    match = _QUERY_ID.match(query_id)
    if match is None:
        return None
    year, month, day, hour, minute, second = match.groups()
    return context.tools.clock.read(f"{year}-{month}-{day}T{hour}:{minute}:{second}Z")


def _items(value: Any) -> list[Any]:
    return value if type(value) is list else []
