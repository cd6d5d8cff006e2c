"""PostgreSQL's csvlog with pgaudit, 26 columns as since version 14."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamguard.simulate.render.journal import Journals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamguard.simulate.moment import Moment


class CsvlogLines:
    """Writes moments as rows of csvlog."""

    def __init__(self, _seed: int) -> None:
        self._journals = Journals()

    def lines(self, moment: Moment) -> Iterator[bytes]:
        """Write one moment."""
        return map(_row, self._journals.records(moment))


def _row(record: dict[str, Any]) -> bytes:
    """Write a record: texts in quotes, what is not there as nothing, the program always as a text."""
    columns = (
        record["timestamp"],
        _text(record.get("user")),
        _text(record.get("dbname")),
        str(record["pid"]),
        _text(f"{record['remote_host']}:{record['remote_port']}"),
        record["session_id"],
        str(record["line_num"]),
        _text(record["ps"]),
        record["session_start"],
        record.get("vxid", ""),
        str(record["txid"]),
        record["error_severity"],
        "00000",
        _text(record["message"]),
        _text(record.get("detail")),
        # hint, internal_query, internal_query_pos, context, query, query_pos, location
        *("",) * 7,
        _text(record.get("application_name", "")),
        _text(record["backend_type"]),
        "",
        str(record["query_id"]),
    )
    return ",".join(columns).encode()


def _text(value: str | None) -> str:
    return "" if value is None else '"' + value.replace('"', '""') + '"'
