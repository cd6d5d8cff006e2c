"""A small CRM, and statements planned on it without a database."""

from __future__ import annotations

from streamguard.activity import Activity, Exposure, Origin, RowsQuality
from streamguard.exposure import Catalogue, Column, Directory, Exposer, Table
from streamguard.resolve.plan import Plan, Planner
from streamguard.resolve.render import shown
from streamguard.sources.statement import Analyser, Interests

KEY = b"a key of the tests"
PERSONAL = {"email": Column("email_address", 2), "phone": Column("phone_number", 2)}
HARMLESS = dict.fromkeys(("id", "country", "created_at", "customer_id", "status", "total"), Column(None))
CATALOGUE = Catalogue(
    [
        (
            "crm",
            Table(
                "public.customers",
                PERSONAL | HARMLESS,
                subject_type="customer",
                subject_key="id",
                region_column="country",
                subjects=1_000,
            ),
        ),
        ("crm", Table("public.leads", PERSONAL | HARMLESS, subject_type="lead", subjects=50)),
        ("crm", Table("public.orders", HARMLESS, harmless=True)),
    ]
)
INTERESTS = Interests.of(CATALOGUE.identifying_columns, CATALOGUE.region_columns, KEY)
ANALYSER = Analyser(interests=INTERESTS)
EXPOSER = Exposer(Directory.empty(), CATALOGUE)


def exposure_of(sql: str, rows: int | None = None, dialect: str = "postgres", **more: object) -> Exposure:
    """Return the exposure of a statement, as a log tells it."""
    told = ANALYSER.analyse(sql, dialect)
    activity = Activity(
        origin=Origin("t", 0, 0, 1, 0),
        time_ms=1,
        source="postgresql.jsonlog",
        user="ann",
        statement_key="k",
        database="crm",
        verb=told.verb,
        export=told.export,
        statement=told.text,
        fingerprint=told.fingerprint,
        tables=told.tables,
        columns=told.columns,
        columns_known=told.columns_known,
        filters=told.filters,
        subjects=told.subjects,
        scope=told.scope,
        rows_at_most=told.rows_at_most,
        slice=told.slice,
        rows=rows,
        rows_quality=RowsQuality.UNKNOWN if rows is None else RowsQuality.EXACT,
        **more,
    )
    return EXPOSER.expose(activity)


def plan_of(sql: str, rows: int | None = None, fetched: int | None = None) -> Plan:
    """Return what would be asked for a statement."""
    return Planner(CATALOGUE, ("public",), "postgres", INTERESTS).plan(exposure_of(sql, rows), fetched)


def asked(sql: str) -> str:
    """Return the questions of a statement, on one line."""
    return "; ".join(" ".join(shown(question, "postgres").split()) for question in plan_of(sql).questions)
