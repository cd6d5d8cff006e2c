"""Findings as the topic holds them, for the tests of incidents."""

from __future__ import annotations

import orjson

from streamguard.incidents import Member, Sighting

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
START_MS = 1_790_000_000_000


def people(*numbers):
    return tuple(sorted(f"{number:016x}" for number in numbers))


def told(uid, employee, at_ms=0, *, severity="high", subjects=(), shapes=(), tools=(), news=(), first_ms=None):
    """One telling of a finding; times count from the start."""
    time_ms = START_MS + at_ms
    begun_ms = time_ms if first_ms is None else START_MS + first_ms
    kinds = {f"statement:{name}" for name in shapes} | {f"program:{name}" for name in tools} | set(news)
    return Member(
        finding_uid=uid,
        employee=employee,
        shard="support/0",
        severity=severity,
        detectors=("rows_1d",),
        first_ms=begun_ms,
        last_ms=time_ms,
        told_ms=time_ms,
        joined="first",
        title=f"Unusually many rows read by {employee}",
        message=f"{employee} read rows, told at {time_ms}.",
        sightings=(
            Sighting(
                time_ms=time_ms,
                first_ms=begun_ms,
                subjects=people(*subjects),
                shapes=tuple(sorted(shapes)),
                tools=tuple(sorted(tools)),
                news=tuple(sorted(kinds)),
            ),
        ),
        newest_ms=time_ms,
        known_ms=time_ms,
    )


def finding(uid, employee, at_ms=0, tools=()):
    """A record of the findings topic, as the detector writes it."""
    member = told(uid, employee, at_ms)
    event = {
        "class_uid": 2004,
        "time": member.told_ms,
        "severity": "High",
        "message": member.message,
        "finding_info": {
            "uid": uid,
            "title": member.title,
            "analytic": {"name": "rows_1d"},
            "first_seen_time": member.first_ms,
            "last_seen_time": member.last_ms,
        },
        "unmapped": {
            "employee": employee,
            "shard": "support/0",
            "contributions": {"rows_1d": 100},
            "new": [{"kind": "program", "name": name, "known_to": "nobody else"} for name in tools],
        },
    }
    return orjson.dumps(event)
