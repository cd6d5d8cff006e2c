"""How BigQuery's audit records name things: members in camel case or lowered by a data lake, tables as paths."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from streamguard.sources.fields import JsonObject, optional_text

if TYPE_CHECKING:
    from collections.abc import Iterable

_TABLE = re.compile(r"projects/([^/]{1,256})/datasets/([^/]{1,1024})/tables/([^/]{1,1024})")
_JOB = re.compile(r"projects/([^/]{1,256})/jobs/([^/]{1,1024})")


class TableName(NamedTuple):
    """A table: its project is what other databases call a database."""

    project: str | None
    dataset: str
    table: str

    @property
    def name(self) -> str:
        """``dataset.table`` in lower case; a partition, a snapshot or a shard of it is the same table."""
        return f"{self.dataset}.{re.split('[$@]', self.table, maxsplit=1)[0]}".lower()

    @property
    def is_temporary(self) -> bool:
        """Whether BigQuery made it for the result of a query: its dataset's name begins with an underscore."""
        return self.dataset.startswith("_")


def at(record: JsonObject, *path: str) -> Any:
    """Return a member of members; None if any is missing. Names are tried as they are and in lower case."""
    found: Any = record
    for name in path:
        if type(found) is not dict:
            return None
        found = found[name] if name in found else found.get(name.lower())
    return found


def object_at(record: JsonObject, *path: str) -> JsonObject:
    """Return a member of members that is an object; else an empty object."""
    found = at(record, *path)
    return found if type(found) is dict else {}


def text_at(record: JsonObject, *path: str) -> str | None:
    """Return a member of members that is a non-empty text; else None."""
    found = at(record, *path)
    return found if type(found) is str and found else None


def table_name(value: object) -> TableName | None:
    """Return the table that a path (new records) or an object (old ones) names; None if it names none."""
    if type(value) is str:
        match = _TABLE.match(value)
        return None if match is None else TableName(match[1], match[2], match[3])
    if type(value) is dict:
        dataset, table = text_at(value, "datasetId"), text_at(value, "tableId")
        if dataset is not None and table is not None:
            return TableName(text_at(value, "projectId"), dataset, table)
    return None


def table_names(values: object) -> list[TableName]:
    """Return the tables of an array, in its order, without those that are no names."""
    found: Iterable[TableName | None] = map(table_name, values) if type(values) is list else ()
    return [name for name in found if name is not None]


def job_name(value: object) -> tuple[str, str] | None:
    """Return (project, job id) of a path or an object; None if it names no job."""
    if type(value) is str:
        match = _JOB.match(value)
        return None if match is None else (match[1], match[2])
    if type(value) is dict:
        project, job = optional_text(value, "projectId"), text_at(value, "jobId")
        project = project or text_at(value, "projectId")
        if project is not None and job is not None:
            return project, job
    return None
