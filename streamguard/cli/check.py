"""``streamguard check-config``: every mistake at once, without touching Kafka."""

from __future__ import annotations

import sys
from typing import Annotated

import orjson
import typer

from streamguard.cli.output import EXIT_PROBLEM, console, errors
from streamguard.cli.wiring import ConfigOption, tools, unknown_formats
from streamguard.located import ConfigurationError, Mistake
from streamguard.settings import Settings


def check_config(
    config: ConfigOption = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Check the settings, the directory of employees and the catalogue; report every mistake with its place."""
    mistakes: list[Mistake] = []
    try:
        settings = Settings.load(config)
        mistakes += [Mistake("settings", 0, 0, text) for text in unknown_formats(settings)]
        tools(settings)
    except ConfigurationError as error:
        mistakes += error.mistakes
    if json:
        found = {"ok": not mistakes, "mistakes": [mistake._asdict() for mistake in mistakes]}
        sys.stdout.write(orjson.dumps(found).decode() + "\n")
    elif not mistakes:
        console.print("The configuration is good.")
    for mistake in [] if json else mistakes:
        errors.print(str(mistake), style="red", highlight=False, markup=False)
    if mistakes:
        raise typer.Exit(EXIT_PROBLEM)
