"""A small incident written down by hand: exposures, scope report and history whose every number is known.

Ann and Ben of the sales team have eight peers. For four weeks everybody reads a few rows a day. Then Ann takes e-mail
addresses by COPY on one day and names with e-mail addresses in pages on the next; on the third day she opens a cursor
over the postal addresses, and Ben takes one list.
"""

from __future__ import annotations

import msgspec

from streamguard.activity import Account, Activity, Exposure, Origin, RowsQuality, Verdict, VerdictId
from streamguard.dossier import Case, Controller, Exact, LogFact, Replay
from streamguard.dossier.exact import ExactCategory
from streamguard.incidents import Change, Incident, IncidentStatus, Member
from streamguard.pipeline import HowEarly
from streamguard.pipeline.hindsight import Spoken
from streamguard.scope import NOBODY, Bounds, CategoryScope, Evidence, ScopeReport

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
START_MS = 1_767_571_200_000  # Monday, 2026-01-05 00:00 UTC
START_DAY = START_MS // DAY_MS
INCIDENT_DAY = 28
"""Calendar days after the start: Monday, 2026-02-02."""
PEERS = tuple(f"sales.{number:02d}" for number in range(8))
COPY, PAGES, CURSOR, LIST, ORDINARY = (f"{number:016x}" for number in range(0xA1, 0xA6))
STATEMENTS = {
    COPY: "COPY public.customers (email) TO STDOUT",
    PAGES: "SELECT name, email FROM public.customers ORDER BY id LIMIT ? OFFSET ?",
    CURSOR: "DECLARE c CURSOR FOR SELECT * FROM public.addresses",
    LIST: "SELECT email FROM public.customers WHERE id IN (?)",
    ORDINARY: "SELECT name FROM public.customers WHERE id = ?",
}


def at(day, hour):
    """Return the time of an hour of a calendar day after the start."""
    return START_MS + day * DAY_MS + round(hour * HOUR_MS)


def read(employee, day, hour, rows, shape=ORDINARY, **changes):
    """Return one exposure of the crm database."""
    fields = {
        "origin": Origin("audit", 0, 0, at(day, hour), 0),
        "time_ms": at(day, hour),
        "source": "postgresql.jsonlog",
        "instance": "crm-1",
        "user": employee,
        "statement_key": f"{employee}/{day}/{hour}",
        "database": "crm",
        "client": "10.1.2.3",
        "application": "crm-desk",
        "verb": "SELECT",
        "statement": STATEMENTS[shape],
        "fingerprint": shape,
        "tables": ("public.addresses",) if shape == CURSOR else ("public.customers",),
        "rows": rows,
        "rows_quality": RowsQuality.UNBOUNDED if rows is None else RowsQuality.EXACT,
        "produced_ms": at(day, hour) + 2_000,
        **changes,
    }
    return Exposure(
        activity=Activity(**fields),
        employee=employee,
        account=Account.HUMAN,
        peer_group="sales",
        shard="sales/0",
        categories={"name": Verdict.SEEN},
        sensitivity=1,
    )


def ordinary(employee, place, days=31):
    """Return the working days of one employee: two reads a day, 20 to 60 rows, none at weekends."""
    for day in range(days):
        if day % 7 < 5:
            rows = 10 + (7 * day + 3 * place) % 21
            yield read(employee, day, 9.0 + place / 60, rows)
            yield read(employee, day, 15.0 + place / 60, rows)


def exposures():
    """Return everything in the order of time."""
    told = [one for place, who in enumerate(PEERS, 2) for one in ordinary(who, place)]
    told += [one for place, who in enumerate(("ann", "ben")) for one in ordinary(who, place, days=INCIDENT_DAY)]
    day = INCIDENT_DAY
    told.append(read("ann", day, 20.0, None, COPY, application="psql", export="copy_to"))
    told += [read("ann", day + 1, 21.0 + page / 30, 5_000, PAGES, application="psql") for page in range(4)]
    told.append(
        read("ann", day + 2, 19.0, None, CURSOR, application="psql", export="cursor", produced_ms=at(day + 2, 20.5))
    )
    told.append(read("ben", day + 2, 19.5, 2_000, LIST, application="psql"))
    return sorted(told, key=lambda one: (one.activity.time_ms, one.employee))


def evidence(uid, shape, verdict, why, who, statements, rows, people, first, last):
    """Return one entry of a scope report."""
    return Evidence(
        uid=uid,
        fingerprint=shape,
        statement=STATEMENTS[shape],
        tables=("public.addresses",) if shape == CURSOR else ("public.customers",),
        verdict=verdict,
        why=why,
        employees=who,
        statements=statements,
        rows=rows,
        people=people,
        first_ms=first,
        last_ms=last,
    )


def report():
    """Return what was taken."""
    day = INCIDENT_DAY
    seen, hidden, absent = Verdict.SEEN, Verdict.CANNOT_TELL, Verdict.NOT_SEEN
    copy = evidence(
        "S1",
        COPY,
        seen,
        "email left of everybody in the table, uncounted",
        ("ann",),
        1,
        Bounds(0, 50_000),
        Bounds(0, 50_000),
        at(day, 20.0),
        at(day, 20.0),
    )
    pages = evidence(
        "S2",
        PAGES,
        seen,
        "email and name left page by page, in an order in which everybody has one place",
        ("ann",),
        4,
        Bounds(20_000, 20_000),
        Bounds(20_000, 20_000),
        at(day + 1, 21.0),
        at(day + 1, 21.1),
    )
    cursor = evidence(
        "S3",
        CURSOR,
        hidden,
        "street and city would leave, but the log does not count the rows of a cursor",
        ("ann",),
        1,
        Bounds(0, 60_000),
        Bounds(0, 50_000),
        at(day + 2, 19.0),
        at(day + 2, 19.0),
    )
    ids = evidence(
        "S4",
        LIST,
        seen,
        "email left of the people whose keys it names",
        ("ben",),
        1,
        Bounds(2_000, 2_000),
        Bounds(2_000, 2_000),
        at(day + 2, 19.5),
        at(day + 2, 19.5),
    )
    whole = {"DE": Bounds(12_000, 31_000), "FR": Bounds(6_500, 14_000), "unknown": Bounds(0, 5_000)}
    return ScopeReport(
        employees=("ann", "ben"),
        from_ms=at(day, 4.0),
        to_ms=at(day + 3, 4.0),
        first_ms=at(day, 20.0),
        last_ms=at(day + 2, 19.5),
        statements=7,
        records=Bounds(22_000, 132_000),
        people=Bounds(21_500, 50_000),
        regions=whole,
        categories=(
            CategoryScope(
                category="email_address",
                verdict=seen,
                people=Bounds(21_500, 50_000),
                regions=whole,
                evidence=(copy, pages, ids),
            ),
            CategoryScope(
                category="name",
                verdict=seen,
                people=Bounds(20_000, 20_000),
                regions={"DE": Bounds(13_500, 13_500), "FR": Bounds(6_500, 6_500), "unknown": Bounds(0, 0)},
                evidence=(pages,),
            ),
            CategoryScope(
                category="phone_number",
                verdict=absent,
                people=NOBODY,
                regions={"unknown": NOBODY},
                evidence=tuple(
                    msgspec.structs.replace(one, verdict=absent, people=NOBODY, why="only email left")
                    for one in (copy, pages, ids)
                ),
            ),
            CategoryScope(
                category="health",
                verdict=absent,
                people=NOBODY,
                regions={"unknown": NOBODY},
                evidence=(),
            ),
            CategoryScope(
                category="postal_address",
                verdict=hidden,
                people=Bounds(0, 50_000),
                regions={"DE": Bounds(0, 31_000), "FR": Bounds(0, 14_000), "unknown": Bounds(0, 5_000)},
                evidence=(cursor,),
            ),
        ),
    )


def incident():
    """Return the incident: two findings, told on the second and the third day."""
    day = INCIDENT_DAY
    members = (
        Member(
            finding_uid="f-ann",
            employee="ann",
            shard="sales/0",
            severity="high",
            detectors=("rows_1d", "uncounted_reads"),
            first_ms=at(day, 20.0),
            last_ms=at(day + 2, 19.0),
            told_ms=at(day + 1, 21.0),
            joined="first",
        ),
        Member(
            finding_uid="f-ben",
            employee="ben",
            shard="sales/0",
            severity="medium",
            detectors=("rows_1d",),
            first_ms=at(day + 2, 19.5),
            last_ms=at(day + 2, 19.5),
            told_ms=at(day + 2, 19.5),
            joined="tool",
        ),
    )
    history = (
        Change(time_ms=at(day + 1, 21.0), author="streamguard", what="opened"),
        Change(time_ms=at(day + 2, 8.0), author="r.mueller", what="status", detail="in_progress"),
        Change(time_ms=at(day + 2, 9.0), author="r.mueller", what="verdict", detail="true_positive"),
        Change(time_ms=at(day + 2, 19.5), author="streamguard", what="finding", detail="f-ben"),
        Change(
            time_ms=at(day + 2, 20.0), author="r.mueller", what="comment", detail="Both accounts locked | VPN closed."
        ),
    )
    return Incident(
        uid="inc-7f3a",
        members=members,
        history=history,
        status=IncidentStatus.IN_PROGRESS,
        verdict=VerdictId.TRUE_POSITIVE,
        assignee="r.mueller",
    )


def exact():
    """Return what was counted in the database a day later."""
    return Exact(
        as_of="2026-02-06 12:00:00+00",
        database="crm",
        is_replica=True,
        statements=6,
        unresolved=1,
        people=Bounds(27_400, 28_000),
        regions={"DE": Bounds(18_300, 18_900), "FR": Bounds(9_100, 9_100)},
        categories={
            "email_address": ExactCategory(
                Bounds(27_400, 27_400), {"DE": Bounds(18_300, 18_300), "FR": Bounds(9_100, 9_100)}
            ),
            "postal_address": ExactCategory(Bounds(500, 28_000), {"DE": Bounds(500, 18_900), "FR": Bounds(0, 9_100)}),
        },
        disagreements=("name: 20,000 by the database, 20,001 by the log",),
    )


def replays():
    """Return how early Ann's finding could have come: at the COPY by one detector and by a larger budget."""
    marks = (
        Spoken(kind="budget", name="10", time_ms=at(INCIDENT_DAY, 20.0), hours_before=25.0, rows=5_000, uncounted=0),
        Spoken(kind="channel", name="uncounted_reads", time_ms=at(INCIDENT_DAY, 20.0), hours_before=25.0, rows=5_000),
        Spoken(kind="budget", name="5", time_ms=at(INCIDENT_DAY + 1, 21.0), hours_before=0.0),
        Spoken(
            kind="budget",
            name="1",
            time_ms=at(INCIDENT_DAY + 2, 19.0),
            hours_before=-22.0,
            rows=15_000,
            uncounted=1,
            people_at_least=3,
        ),
        Spoken(kind="channel", name="novelty"),
    )
    report = HowEarly(finding_uid="f-ann", employee="ann", time_ms=at(INCIDENT_DAY + 1, 21.0), marks=marks)
    return (
        Replay(
            name="today's settings",
            statements=455,
            from_ms=at(0, 9.0),
            budget_per_1000=5.0,
            reports=(report,),
            people={"f-ann/budget/10": Bounds(4_000, 5_000)},
        ),
    )


def case(**changes):
    """Return the case, seen three days after the first finding, less five hours."""
    fields = {
        "incident": incident(),
        "report": report(),
        "now_ms": at(INCIDENT_DAY + 4, 16.0),
        "controller": Controller(name="Example Ltd", officer="D. Officer", contact="privacy@example.com"),
        "time_zone": "Europe/Berlin",
        "subject_types": ("customer",),
        "complete_until_ms": at(INCIDENT_DAY + 4, 15.0),
        "replays": replays(),
        "log_facts": (
            LogFact(
                source="audit",
                text="records that could not be understood",
                amount=3,
                unit="record",
                is_fault=True,
                query="increase(x[3d])",
            ),
        ),
        **changes,
    }
    return Case(**fields)
