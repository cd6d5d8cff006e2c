"""``streamguard incident``: what belongs together, what left, who was in it. One file a command."""

from __future__ import annotations

import typer

from streamguard.cli.incident.affected import affected_by
from streamguard.cli.incident.attribute import attribute_list
from streamguard.cli.incident.change import set_incident
from streamguard.cli.incident.dossier import dossier
from streamguard.cli.incident.listing import list_incidents
from streamguard.cli.incident.replay import replay
from streamguard.cli.incident.resolve import resolve_incident
from streamguard.cli.incident.serve import serve
from streamguard.cli.incident.show import show

incident = typer.Typer(
    name="incident", help="Incidents: list, look into, work on them, answer what left.", no_args_is_help=True
)
incident.command("list")(list_incidents)
incident.command()(show)
incident.command("set")(set_incident)
incident.command()(dossier)
incident.command()(replay)
incident.command()(serve)
incident.command("resolve")(resolve_incident)
incident.command("affected")(affected_by)
incident.command("attribute")(attribute_list)

__all__ = ["incident"]
