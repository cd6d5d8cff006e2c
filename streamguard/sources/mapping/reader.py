"""Reads records of a home-grown format by its mapping: the adapter that needs no file of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamguard.sources.fields import row_count
from streamguard.sources.mapping.paths import value_at, values_at
from streamguard.sources.mapping.values import as_count, as_error, as_number, as_text, as_time, as_verb
from streamguard.sources.naming import columns_of
from streamguard.sources.reasons import IgnoredReason, Refusal, RejectedReason
from streamguard.sources.told import Told, activity_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamguard.activity import Activity, Ignored
    from streamguard.sources.context import Context
    from streamguard.sources.fields import JsonObject
    from streamguard.sources.mapping.record import Condition, Field, Mapping


def reader_of(mapping: Mapping) -> Callable[[JsonObject, Context], Activity | Ignored | None]:
    """Return the ``read`` of a mapping, as every adapter has one: None for a record that is not of its format."""
    return _Reader(mapping).read


class _Reader:
    """A mapping with its paths made functions."""

    def __init__(self, mapping: Mapping) -> None:
        self._mapping = mapping
        self._when = _signature(mapping.when)
        self._ignore = tuple(_signature(conditions) for conditions in mapping.ignore)
        fields = dict(mapping.fields)
        self._one = {name: _finder(field) for name, field in fields.items() if name not in {"tables", "columns"}}
        self._tables = _finder_of_all(fields.get("tables"))
        self._columns = _finder_of_all(fields.get("columns"))
        self._has_time = "time" in fields

    def read(self, record: JsonObject, context: Context) -> Activity | Ignored | None:
        if not self._when(record):
            return None
        for is_ignored in self._ignore:
            if is_ignored(record):
                return context.ignore(IgnoredReason.BY_MAPPING)
        found = {name: find(record) for name, find in self._one.items()}
        context.instance = as_text(found.get("instance")) or context.instance
        return activity_of(self._told(record, found), context)

    def _told(self, record: JsonObject, found: dict[str, Any]) -> Told:
        mapping = self._mapping
        tables = _names("tables", self._tables(record))
        size = as_number(as_count(found.get("bytes")))
        duration_ms = as_number(found.get("duration_ms"))
        return Told(
            source=mapping.format_name,
            dialect=mapping.dialect,
            user=_user(found["user"]),
            time=self._time(found),
            key=as_text(found.get("key")),
            complete=mapping.complete,
            text=as_text(found.get("statement")),
            verb=as_verb(found.get("verb")),
            tables=tables,
            columns=_columns(_names("columns", self._columns(record)), tables),
            rows=row_count(as_count(found.get("rows"))),
            rows_quality=mapping.rows_quality,
            zero_is_unknown=mapping.zero_is_unknown,
            bytes=size if type(size) is int else None,
            duration_ms=None if duration_ms is None else float(duration_ms),
            error=as_error(found.get("error")),
            database=as_text(found.get("database")),
            client=as_text(found.get("client")),
            application=as_text(found.get("application")),
            session=as_text(found.get("session")),
            proxy_user=as_text(found.get("proxy_user")),
            query_tag=as_text(found.get("query_tag")),
        )

    def _time(self, found: dict[str, Any]) -> str | int | None:
        if not self._has_time:
            return None
        value = found["time"]
        if value is None:
            raise Refusal(RejectedReason.MISSING_FIELD, "the mapping's time is not in the record")
        return as_time(value, self._mapping.time_unit)


def _signature(conditions: tuple[Condition, ...]) -> Callable[[JsonObject], bool]:
    compiled = tuple((value_at(condition.path), condition.values) for condition in conditions)

    def holds(record: JsonObject) -> bool:
        for find, values in compiled:
            value = find(record)
            if value is None or (values is not None and not _is_one_of(value, values)):
                return False
        return True

    return holds


def _is_one_of(value: Any, values: tuple[Any, ...]) -> bool:
    # In Python 1 equals True; in JSON it does not.
    return any(value == said and (type(value) is bool) == (type(said) is bool) for said in values)


def _finder(field: Field) -> Callable[[JsonObject], Any]:
    finders = tuple(value_at(path) for path in field.paths)
    default = field.default
    if len(finders) == 1 and default is None:
        return finders[0]

    def find(record: JsonObject) -> Any:
        for one in finders:
            value = one(record)
            if value is not None:
                return value
        return default

    return find


def _finder_of_all(field: Field | None) -> Callable[[JsonObject], list[Any]]:
    finders = tuple(values_at(path) for path in field.paths) if field is not None else ()
    default = [field.default] if field is not None and field.default is not None else []

    def find(record: JsonObject) -> list[Any]:
        return next((values for one in finders if (values := one(record))), default)

    return find


def _user(value: Any) -> str:
    user = as_text(value)
    if user is None:
        if value is None or value == "":
            raise Refusal(RejectedReason.MISSING_USER, "the mapping's user is not in the record")
        raise Refusal(RejectedReason.WRONG_TYPE, "user must be a text or a whole number")
    return user


def _names(field: str, values: list[Any]) -> tuple[str, ...] | None:
    """Return lower-case names; None where there are none, so that the statement may tell."""
    if not all(type(value) is str for value in values):
        raise Refusal(RejectedReason.WRONG_TYPE, f"{field} must be texts")
    return tuple(dict.fromkeys(value.lower() for value in values if value)) or None


def _columns(names: tuple[str, ...] | None, tables: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if names is None or tables is None or len(tables) != 1:
        return names
    bare = [name for name in names if "." not in name]
    full = columns_of(tables[0], bare)
    if len(full) < len(bare):  # too many to be told one by one
        return (*full, *(name for name in names if "." in name))
    completed = iter(full)
    return tuple(name if "." in name else next(completed) for name in names)
