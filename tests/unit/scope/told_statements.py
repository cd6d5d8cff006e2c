"""Single statements over the incident's catalogue, as the log tells of them."""

from __future__ import annotations

from functools import cache
from itertools import count

from incident.incident import CATALOGUE, KEY

from streamguard.activity import Activity, Exposure, Origin, RowsQuality
from streamguard.exposure import Catalogue, Directory, Exposer
from streamguard.ledger import Span
from streamguard.scope import CategoryScope, ScopeReport, scope
from streamguard.sources.statement import Analyser, Interests

ALWAYS = Span(0, 2**62)
_numbers = count(1)


@cache
def catalogue() -> Catalogue:
    return Catalogue.load(CATALOGUE, KEY)


@cache
def _tools() -> tuple[Analyser, Exposer]:
    known = catalogue()
    interests = Interests.of(known.identifying_columns, known.region_columns, KEY)
    return Analyser(interests=interests), Exposer(Directory.empty(), known)


def ran(
    sql: str,
    rows: int | None = None,
    quality: RowsQuality | None = None,
    known: Catalogue | None = None,
    **changes: object,
) -> Exposure:
    """Return the exposure of one statement; with ``rows`` its exact count, without none."""
    analyser, exposer = _tools()
    exposer = exposer if known is None else Exposer(Directory.empty(), known)
    told = analyser.analyse(sql, "postgres")
    number = next(_numbers)
    fields: dict[str, object] = {
        "origin": Origin("log", 0, 0, number, 0),
        "time_ms": number,
        "source": "postgresql.jsonlog",
        "user": "ann",
        "statement_key": str(number),
        "database": "crm",
        "verb": told.verb,
        "export": told.export,
        "statement": told.text,
        "fingerprint": told.fingerprint,
        "tables": told.tables,
        "columns": told.columns,
        "columns_known": told.columns_known,
        "filters": told.filters,
        "subjects": told.subjects,
        "scope": told.scope,
        "rows_at_most": told.rows_at_most,
        "slice": told.slice,
        "rows": rows,
        "rows_quality": quality or (RowsQuality.UNBOUNDED if rows is None else RowsQuality.EXACT),
    }
    return exposer.expose(Activity(**(fields | changes)))  # type: ignore[arg-type]


def report(*exposures: Exposure) -> ScopeReport:
    return scope(exposures, catalogue(), ALWAYS)


def emails(*exposures: Exposure) -> CategoryScope:
    return report(*exposures).category("email_address")
