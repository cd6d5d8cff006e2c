"""``streamguard check-config``: every mistake at once, without touching Kafka."""

from __future__ import annotations

import sys
from typing import Annotated

import orjson
import typer

from streamguard.cli.output import EXIT_PROBLEM, console, errors
from streamguard.cli.wiring import ConfigOption, load_all
from streamguard.located import ConfigurationError, Mistake


def check_config(
    config: ConfigOption = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Check the settings, the directory of employees and the catalogue; report every mistake with its place."""
    mistakes: tuple[Mistake, ...] = ()
    try:
        load_all(config)
    except ConfigurationError as error:
        mistakes = error.mistakes
    if json:
        found = {"ok": not mistakes, "mistakes": [mistake._asdict() for mistake in mistakes]}
        sys.stdout.write(orjson.dumps(found).decode() + "\n")
    elif not mistakes:
        console.print("The configuration is good.")
    for mistake in () if json else mistakes:
        errors.print(str(mistake), style="red", highlight=False, markup=False)
    if mistakes:
        raise typer.Exit(EXIT_PROBLEM)
