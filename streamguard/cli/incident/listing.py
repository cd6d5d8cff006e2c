"""``streamguard incident list``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from streamguard.cli.incident.reach import FromFileOption, casebook_of
from streamguard.cli.moments import moment_text, now_ms
from streamguard.cli.output import console, fail, table
from streamguard.cli.wiring import BootstrapOption, ConfigOption, load_settings, overrides
from streamguard.incidents import NOTIFY_HOURS, SEVERITIES, IncidentStatus, incident_finding

if TYPE_CHECKING:
    from streamguard.incidents import Incident

_STATUSES = tuple(status.name.lower() for status in IncidentStatus)
_HEADINGS = ("incident", "severity", "status", "whose", "employees", "findings", "known since, UTC", "left")
_HOUR_MS = 3_600_000
_NAMED = 3


def list_incidents(
    status: Annotated[str | None, typer.Option(help=f"Only of this status: {', '.join(_STATUSES)}.")] = None,
    severity: Annotated[str | None, typer.Option(help="Only of this severity or worse: low, medium, high...")] = None,
    employee: Annotated[str | None, typer.Option(help="Only with findings of this employee.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also those that are resolved or closed.")] = False,
    from_file: FromFileOption = None,
    json: Annotated[bool, typer.Option("--json", help="One OCSF Incident Finding a line.")] = False,
    config: ConfigOption = None,
    bootstrap: BootstrapOption = None,
) -> None:
    """List the open incidents, the worst first."""
    chosen = None if status is None else status_named(status)
    least = 0 if severity is None else _severity_named(severity)
    casebook = casebook_of(load_settings(config, overrides(bootstrap)), from_file)
    found = [
        one
        for one in casebook.incidents()
        if (one.status is chosen if chosen is not None else everything or one.is_open)
        and SEVERITIES.index(one.severity) >= least
        and (employee is None or employee in one.employees)
    ]
    found.sort(key=lambda one: (-SEVERITIES.index(one.severity), one.aware_ms, one.uid))
    if json:
        for one in found:
            event = orjson.dumps(incident_finding(one), option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)
            sys.stdout.buffer.write(event)
        return
    moment = now_ms()
    rows = [_row(one, moment) for one in found]
    console.print(table(*_HEADINGS, rows=rows) if rows else "no incidents", highlight=False, markup=False)


def status_named(name: str) -> IncidentStatus:
    """Return a status by its name, or end the command."""
    wanted = name.lower().replace("-", "_").replace(" ", "_")
    if wanted not in _STATUSES:
        fail(f"there is no status {name}; there are: {', '.join(_STATUSES)}")
    return IncidentStatus[wanted.upper()]


def time_left(incident: Incident, moment: int) -> str:
    """Say how much of the time is left within which the authority must be told; of what is over, nothing."""
    if not incident.is_open:
        return ""
    hours = (incident.aware_ms + NOTIFY_HOURS * _HOUR_MS - moment) / _HOUR_MS
    return f"{hours:.0f} h" if hours > 0 else "none"


def _severity_named(name: str) -> int:
    if name.lower() not in SEVERITIES:
        fail(f"there is no severity {name}; there are: {', '.join(SEVERITIES)}")
    return SEVERITIES.index(name.lower())


def _standing(incident: Incident) -> str:
    words = (incident.status.name, incident.verdict.name if incident.verdict else "")
    return ", ".join(word.lower().replace("_", " ") for word in words if word)


def _row(incident: Incident, moment: int) -> list[str]:
    named, more = incident.employees[:_NAMED], len(incident.employees) - _NAMED
    return [
        incident.uid,
        incident.severity,
        _standing(incident),
        incident.assignee or "",
        ", ".join(named) + (f" and {more} more" if more > 0 else ""),
        f"{incident.findings:,}",
        moment_text(incident.aware_ms).removesuffix(" UTC"),
        time_left(incident, moment),
    ]
