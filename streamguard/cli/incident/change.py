"""``streamguard incident set``: what people say of an incident."""

from __future__ import annotations

import getpass
import secrets
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec.structs import replace

from streamguard.activity import VerdictId
from streamguard.cli.asking import ask, require_topics
from streamguard.cli.feedback import AuthorOption, verdict_named
from streamguard.cli.incident.listing import status_named
from streamguard.cli.incident.reach import IncidentArgument, incident_of
from streamguard.cli.output import console, fail
from streamguard.cli.wiring import BootstrapOption, ConfigOption, load_settings, overrides, worker_config
from streamguard.feedback import MAX_FINDINGS, PART_MARK, GivenFinding, GivenIncident, Wrong, read_given, write_given
from streamguard.incidents import IncidentStatus
from streamguard.stream import give

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamguard.incidents import Incident

_VERDICTS = ", ".join(verdict.name.lower() for verdict in VerdictId)
_STATUSES = ", ".join(status.name.lower() for status in IncidentStatus)


def set_incident(
    incident: IncidentArgument,
    status: Annotated[str | None, typer.Option(help=f"One of {_STATUSES}.")] = None,
    verdict: Annotated[str | None, typer.Option(help=f"Also of its findings; one of {_VERDICTS}.")] = None,
    assignee: Annotated[str | None, typer.Option(help="Who works on it; empty: nobody any more.")] = None,
    comment: Annotated[str | None, typer.Option(help="For its history.")] = None,
    author: AuthorOption = None,
    config: ConfigOption = None,
    bootstrap: BootstrapOption = None,
) -> None:
    """Say what becomes of an incident. A verdict is said of its findings, too, so that detection learns from it."""
    new_status = None if status is None else status_named(status)
    new_verdict = None if verdict is None else verdict_named(verdict)
    if all(word is None for word in (new_status, new_verdict, assignee, comment)):
        fail("nothing is said: give --status, --verdict, --assignee or --comment")
    settings = load_settings(config, overrides(bootstrap))
    names = settings.topics
    require_topics(settings, names.feedback)
    found = incident_of(settings, incident)
    said = GivenIncident(
        id=f"w-{secrets.token_hex(8)}",
        incident=found.uid,
        author=author or getpass.getuser(),
        status=None if new_status is None else int(new_status),
        verdict_id=new_verdict,
        assignee=assignee,
        comment=comment,
        findings=_findings(found),
    )
    for part in parts(said):
        wrong = read_given(*write_given(part))
        if isinstance(wrong, Wrong):
            fail(wrong.detail)
        ask(give(worker_config(settings).connection, names.feedback, part))
    words = [word for word in (status, verdict, assignee and f"assigned to {assignee}", comment) if word]
    sentence = (
        f"{found.uid} ({', '.join(found.employees)}): {', '.join(words) or 'assigned to nobody'}, says {said.author}"
    )
    console.print(sentence, highlight=False, markup=False, soft_wrap=True)


def parts(said: GivenIncident) -> Iterator[GivenIncident]:
    """Yield what is said, in records that are not about too many findings; each names the incident's first."""
    first, *others = said.findings
    yield replace(said, findings=(first, *others[: MAX_FINDINGS - 1]))
    for start in range(MAX_FINDINGS - 1, len(others), MAX_FINDINGS - 1):
        if said.status is not None or said.verdict_id is not None:
            more = (first, *others[start : start + MAX_FINDINGS - 1])
            # Whose it is, and the comment, were said already.
            yield replace(said, id=f"{said.id}{PART_MARK}{start}", findings=more, assignee=None, comment=None)


def _findings(incident: Incident) -> tuple[GivenFinding, ...]:
    return tuple(
        GivenFinding(uid=member.finding_uid, employee=member.employee, shard=member.shard)
        for member in incident.members
    )
