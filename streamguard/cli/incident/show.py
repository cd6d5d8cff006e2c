"""``streamguard incident show``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from streamguard.cli.incident.listing import time_left
from streamguard.cli.incident.reach import FromFileOption, IncidentArgument, incident_of
from streamguard.cli.moments import moment_text, now_ms
from streamguard.cli.output import console, table
from streamguard.cli.wiring import BootstrapOption, ConfigOption, load_settings, overrides
from streamguard.incidents import caption, incident_finding, record_of

if TYPE_CHECKING:
    from streamguard.incidents import Incident

_NAMED = 50
_WHY = {
    "first": "the first",
    "employee": "the same employee",
    "subjects": "the same people were asked for",
    "shape": "the same statement, new to both and rare among their peers",
    "tool": "the same program, new to both and rare among their peers",
    "window": "within minutes, with something that was new to both",
}


def show(
    incident: IncidentArgument,
    from_file: FromFileOption = None,
    json: Annotated[bool, typer.Option("--json", help="The OCSF Incident Finding.")] = False,
    config: ConfigOption = None,
    bootstrap: BootstrapOption = None,
) -> None:
    """Show an incident: who is in it, its findings and why they belong to it, what was done about it."""
    found = incident_of(load_settings(config, overrides(bootstrap)), incident, from_file)
    if json:
        event = orjson.dumps(incident_finding(found), option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)
        sys.stdout.buffer.write(event)
        return
    if not found.uid.startswith(incident):
        _say(f"{incident} turned out to be part of {found.uid}.")
    _head(found)
    record = record_of(found)
    _findings(record)
    if record.totals is not None:
        _say(f"and {found.findings - len(record.members):,} more findings, none of them worse: --json has them all")
        console.print()
    rows = [[moment_text(one.time_ms), one.author, one.what, one.detail] for one in record.history]
    console.print(table("when", "who", "what", "", rows=rows), highlight=False, markup=False)


def _head(incident: Incident) -> None:
    span = incident.span
    verdict = f", {caption(incident.verdict).lower()}" if incident.verdict else ""
    left = time_left(incident, now_ms())
    named, more = incident.employees[:_NAMED], len(incident.employees) - _NAMED
    _say(f"{incident.uid}  {incident.severity.upper()}  {caption(incident.status).lower()}{verdict}")
    _say(f"  employees    {', '.join(named)}" + (f" and {more:,} more" if more > 0 else ""))
    _say(f"  assignee     {incident.assignee or 'nobody yet'}")
    _say(f"  statements   {moment_text(span.from_ms)} to {moment_text(span.to_ms - 1)}")
    _say(f"  known since  {moment_text(incident.aware_ms)}" + (f" (of the 72 hours left: {left})" if left else ""))
    console.print()


def _findings(incident: Incident) -> None:
    for member in incident.members:
        _say(f"{moment_text(member.told_ms)}  {member.severity}  {member.employee}  finding {member.finding_uid}")
        _say(f"  {member.message}")
        _say(f"  here because: {_WHY[member.joined]}; detectors: {', '.join(member.detectors)}")
        console.print()


def _say(text: str) -> None:
    shown = "".join(character if character.isprintable() else "?" for character in text)
    console.print(shown, highlight=False, markup=False, soft_wrap=True)
