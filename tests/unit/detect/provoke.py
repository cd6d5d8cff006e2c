"""For every detector, what an employee must do to surprise it."""

from __future__ import annotations

from unit.detect.small_company import at, exposure

WHO = "support.01"


def provocation(name, day=14):
    """Statements of one employee from ``day`` on that the detector of this name cannot overlook."""
    return [
        exposure(WHO, when, rows, offset=10**7 + number, **changes)
        for number, (when, rows, changes) in enumerate(_PROVOCATIONS[name](day))
    ]


def _export(day):
    return [(at(day, 10), 10**6, {})]


def _look_ups(day, days=1, rows=1):
    return [(at(day + later, 8) + number * 100_000, rows, {}) for later in range(days) for number in range(300)]


def _people(day):
    return [
        (at(day, 8) + number * 100_000, 1, {"subjects": (("customers.id", (f"{number:032x}",)),)})
        for number in range(300)
    ]


def _pages(day):
    return [
        (at(day, 8) + number * 10_000, 20, {"slice": (str(20 * number), str(20 * number + 20))})
        for number in range(200)
    ]


_NEW = {"tables": ("hr.salaries",), "client": "203.0.113.9", "application": "dump-tool", "fingerprint": "ffff"}
_PROVOCATIONS = {
    "rows_1h": _export,
    "rows_1d": _export,
    "statements_1d": _look_ups,
    "people_1d": _people,
    "rows_trend": lambda day: [(at(day + later, 10), 30_000, {}) for later in range(7)],
    "statements_trend": lambda day: _look_ups(day, days=7),
    "largest_result": _export,
    "table_share": lambda day: [(at(day, 10), 50_000, {"subjects_at_most": 50_000})],
    "uncounted_reads": lambda day: [(at(day, 10), None, {"subjects_at_most": 50_000, "export": "copy_to"})],
    "sequential_scan": _pages,
    "novelty": lambda day: [(at(day, 10), 500, _NEW)],
    "unusual_hour": lambda day: [(at(day, 23.5), 500, {})],
    "honey": lambda day: [(at(day, 10), 1, {"honey": True})],
}
