"""How early findings could have come, shown."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
import orjson

from streamguard.cli.output import console, table
from streamguard.pipeline.hindsight import LOOK_BACK_DAYS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from streamguard.pipeline import HowEarly
    from streamguard.pipeline.hindsight import Spoken


def show_early(
    reports: Iterable[HowEarly], *, json: bool, people: Callable[[HowEarly, Spoken], str] | None = None
) -> None:
    """Print, for each finding, what could have spoken: tables, or one JSON line each.

    Parameters
    ----------
    reports
        One a finding.
    json
        Whether to write JSON.
    people
        Says how many people were exposed in between; None: only those that statements named are known.
    """
    for report in reports:
        if json:
            said = {"how_early": msgspec.to_builtins(report)}
            sys.stdout.buffer.write(orjson.dumps(said, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE))
            continue
        which = f"{report.employee}, finding {report.finding_uid} of {_time(report.time_ms)}"
        _say(f"How early could we have known? {which}")
        spoken = [one for one in report.marks if one.time_ms is not None]
        silent = [_name(one) for one in report.marks if one.time_ms is None]
        said_of = people or (lambda _, one: f"{one.people_at_least:,}")
        rows = [(*_row(one), said_of(report, one)) for one in spoken]
        heading = "people at least" if people is None else "people"
        console.print(table("would have spoken", "first", "", "rows in between", heading, rows=rows))
        if silent:
            _say(f"Silent in the {LOOK_BACK_DAYS} days before and since: {', '.join(silent)}.")
        console.print()


def _say(text: str) -> None:
    console.print(text, highlight=False, markup=False, soft_wrap=True)


def _row(one: Spoken) -> tuple[str, str, str, str]:
    hours = one.hours_before or 0.0
    when = (
        "at the finding" if hours == 0 and not one.rows else f"{_span(abs(hours))} {'after' if hours < 0 else 'before'}"
    )
    rows = f"{one.rows:,}" + (f" and {one.uncounted:,} statements uncounted" if one.uncounted else "")
    return (_name(one), _time(one.time_ms or 0), when, rows)


def _name(one: Spoken) -> str:
    return f"budget {one.name}" if one.kind == "budget" else one.name


def _span(hours: float) -> str:
    if hours >= 48:
        return f"{hours / 24:.1f} days"
    return f"{hours:.1f} h" if hours >= 1 else f"{60 * hours:.0f} min"


def _time(time_ms: int) -> str:
    return f"{datetime.fromtimestamp(time_ms / 1000, tz=UTC):%Y-%m-%d %H:%M} UTC"
