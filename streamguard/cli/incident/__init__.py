"""``streamguard incident``: what belongs together, what left, who was in it. One file a command."""

from __future__ import annotations

import typer

incident = typer.Typer(
    name="incident", help="Incidents: list, look into, work on them, answer what left.", no_args_is_help=True
)
