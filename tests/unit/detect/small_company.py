"""A small deterministic company as exposures: for the detector's tests, not the product's simulator.

Employees differ (lognormal), days differ (lognormal, with a memory of yesterday), Mondays are busier,
weekends are quiet, people take days off. Everything follows from one seed.
"""

from __future__ import annotations

import random
from typing import NamedTuple

from streamguard.activity import Account, Activity, Exposure, Origin, RowsQuality, Verdict

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
MONDAY_MS = 1_756_684_800_000  # 2025-09-01 00:00 UTC
WEEKDAY = (1.2, 1.05, 1.0, 1.0, 0.9)


class Role(NamedTuple):
    """How a peer group works: statements a day, rows a statement (medians) and how far people differ."""

    group: str
    people: int
    statements: float
    rows: float
    spread: float


ROLES = (
    Role("support", 24, 45.0, 1.8, 0.25),
    Role("marketing", 10, 9.0, 900.0, 0.5),
    Role("finance", 8, 14.0, 25.0, 0.4),
    Role("data_engineering", 8, 14.0, 2500.0, 0.6),
    Role("dba", 4, 7.0, 8.0, 0.6),
    Role("service", 6, 40.0, 4000.0, 0.5),
)


_EXPOSURE = {name for name in Exposure.__struct_fields__ if name != "activity"}


def exposure(employee, time_ms, rows, *, group="support", offset=0, **changes):
    """One exposure; ``offset`` tells origins apart, ``changes`` are fields of the exposure or its activity."""
    activity = {
        "origin": Origin("audit", 0, 0, offset, 0),
        "time_ms": time_ms,
        "source": "postgresql.jsonlog",
        "user": employee,
        "statement_key": f"s{offset}",
        "database": "crm",
        "client": "10.20.30.40",
        "application": "crm-desk",
        "verb": "SELECT",
        "statement": "select email from public.customers where id = ?",
        "fingerprint": "00112233445566aa",
        "tables": ("public.customers",),
        "columns": ("public.customers.email",),
        "columns_known": True,
        "filters": ("public.customers.id",),
        "rows": rows,
        "rows_quality": RowsQuality.EXACT if rows is not None else RowsQuality.UNKNOWN,
    }
    fields = {
        "employee": employee,
        "account": Account.HUMAN,
        "peer_group": group,
        "shard": f"{group}/0",
        "categories": {"email_address": Verdict.SEEN, "phone_number": Verdict.NOT_SEEN},
        "sensitivity": 2,
    }
    for name, value in changes.items():
        (fields if name in _EXPOSURE else activity)[name] = value
    return Exposure(activity=Activity(**activity), **fields)


def ordinary(role, seed, days=21):
    """All exposures of a role over ``days`` calendar days from a Monday, in order of time."""
    rng = random.Random(f"{seed}/{role.group}")
    rows = []
    for number in range(role.people):
        employee = f"{role.group}.{number:02d}"
        size, pace = rng.gauss(0, role.spread), rng.gauss(0, role.spread / 2)
        mood = 0.0
        for day in range(days):
            weekend = day % 7 > 4
            mood = 0.4 * mood + rng.gauss(0, 0.25)
            if (weekend and role.group != "service") or rng.random() < 0.06:
                continue
            busy = WEEKDAY[day % 7] if day % 7 < 5 else 0.8
            count = max(1, round(role.statements * busy * 2.718 ** (mood * 0.7 + pace)))
            for _ in range(count):
                time_ms = MONDAY_MS + day * DAY_MS + round(rng.triangular(8, 17.5, 11) * HOUR_MS)
                amount = max(1, round(role.rows * 2.718 ** (size + 0.5 * mood + rng.gauss(0, 0.9))))
                rows.append((time_ms, employee, amount))
    rows.sort()
    return [exposure(who, when, much, group=role.group, offset=at) for at, (when, who, much) in enumerate(rows)]


def merged(*streams):
    """Streams of one shard as one, in order of time."""
    return sorted((one for stream in streams for one in stream), key=lambda one: one.activity.time_ms)


def at(day, hour):
    """Event time of a day and hour of the company's calendar."""
    return MONDAY_MS + day * DAY_MS + round(hour * HOUR_MS)
