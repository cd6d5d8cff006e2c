"""``streamguard incident resolve``: whose data left, asked of the database itself."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import orjson
import typer

from streamguard.cli.incident.asked import (
    FromOption,
    ToOption,
    WithOption,
    employees_of,
    exposures_of,
    fetched_of,
    span_of,
)
from streamguard.cli.incident.reach import FromFileOption, IncidentArgument, catalogue_of, incident_of
from streamguard.cli.incident.resolvetables import as_json, plans_as_json, show_plans, show_resolution
from streamguard.cli.output import EXIT_PROBLEM, console, errors, fail
from streamguard.cli.wiring import BootstrapOption, ConfigOption, load_all, overrides, refuse
from streamguard.located import ConfigurationError
from streamguard.resolve.errors import ResolveError
from streamguard.resolve.plan import Planner
from streamguard.resolve.reread import reread
from streamguard.resolve.resolver import plan_all
from streamguard.scope import scope
from streamguard.sealing import Opener, SealError, read_private
from streamguard.sources import read_records
from streamguard.sources.statement import Interests

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamguard.activity import Exposure, Origin
    from streamguard.ledger import Span
    from streamguard.pipeline import OriginTools
    from streamguard.settings import Settings

DSN_VARIABLE = "STREAMGUARD_RESOLVE_DSN"
PASSPHRASE_VARIABLE = "STREAMGUARD_SEAL_PASSPHRASE"  # noqa: S105 -- the name of a variable
_DSN_HELP = "postgresql://user@host/database, mysql://user@host/database; passwords are better in the environment."


class _Told(NamedTuple):
    """What is known of the statements of an incident."""

    exposures: list[Exposure]
    fetched: dict[Origin, int]
    opener: Opener | None


def resolve_incident(
    incident: IncidentArgument,
    dsn: Annotated[str, typer.Option("--dsn", help=_DSN_HELP, envvar=DSN_VARIABLE)],
    run: Annotated[bool, typer.Option("--run", help="Ask the database; without it, only show the questions.")] = False,
    keys: Annotated[Path | None, typer.Option("--keys", help="Write whose data left to a new file (0600).")] = None,
    timeout: Annotated[int, typer.Option("--timeout", min=1, max=86_400, help="Seconds for one question.")] = 300,
    replica: Annotated[bool, typer.Option("--replica", help="Refuse to ask a server that takes writes.")] = False,
    private_key: Annotated[Path | None, typer.Option("--private-key", help="Opens sealed statements.")] = None,
    logs: Annotated[
        list[Path] | None, typer.Option("--logs", help="Kept audit logs, read in place of the ledger; repeatable.")
    ] = None,
    others: WithOption = None,
    from_: FromOption = None,
    to: ToOption = None,
    from_file: FromFileOption = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    config: ConfigOption = None,
    bootstrap: BootstrapOption = None,
) -> None:
    """Count exactly whose data left: the logged statements, rewritten to read subject keys, asked of the database.

    The questions are always shown first. Nothing runs without --run, and then only reads, each with a time limit.
    """
    if find_spec("sqlalchemy") is None:
        fail("looking into databases needs more packages: pip install 'streamguard[scan]'")
    from streamguard.cli.incident.resolveask import ask  # noqa: PLC0415 -- needs the extra
    from streamguard.resolve.database import kind_of  # noqa: PLC0415

    try:
        settings, core = load_all(config, overrides(bootstrap))
        dialect, database, place = kind_of(dsn)
    except ConfigurationError as error:
        refuse(error)
    except ResolveError as error:
        fail(str(error))
    found = incident_of(settings, incident, from_file)
    span, employees = span_of(from_, to, found.span), employees_of(found, others)
    opener = None if private_key is None else _opener(private_key)
    told = _told(settings, core, employees, span, logs or (), opener)
    catalogue, decoding = catalogue_of(settings), core.decoder.config
    interests = Interests.of(decoding.identifying_columns, decoding.neutral_columns, decoding.subject_key)
    planner = Planner(catalogue, settings.exposure.search_path, dialect, interests, told.opener)
    planned = plan_all(told.exposures, planner, database, told.fetched)
    if json and not run:
        sys.stdout.buffer.write(orjson.dumps(plans_as_json(planned, dialect, place), option=orjson.OPT_APPEND_NEWLINE))
    else:
        show_plans(planned, dialect, place, errors if json else console)
    if not run:
        errors.print("Nothing was asked yet: to ask, add --run.", highlight=False)
        return
    by_log = scope(told.exposures, catalogue, span, employees, settings.exposure.search_path)
    try:
        resolution = ask(dsn, planned, catalogue, decoding.subject_key, by_log, timeout, keys, replica_only=replica)
    except ResolveError as error:
        fail(str(error), EXIT_PROBLEM)
    if json:
        sys.stdout.buffer.write(orjson.dumps(as_json(resolution), option=orjson.OPT_APPEND_NEWLINE))
    else:
        show_resolution(resolution)
    if resolution.disagreements:
        raise typer.Exit(EXIT_PROBLEM)


def _opener(path: Path) -> Opener:
    try:
        pem = path.read_bytes()
    except OSError as error:
        fail(f"cannot read {path}: {error.strerror}")
    words = os.environ.get(PASSPHRASE_VARIABLE)
    if words is None and b"ENCRYPTED" in pem:
        words = typer.prompt("Passphrase of the private key", hide_input=True, err=True)
    try:
        return Opener(read_private(pem, words))
    except SealError as error:
        fail(f"{path}: {error}")


def _told(
    settings: Settings,
    core: OriginTools,
    employees: tuple[str, ...],
    span: Span,
    logs: Sequence[Path],
    opener: Opener | None,
) -> _Told:
    """Return the statements of an incident, by kept logs if there are some, else by the ledger."""
    try:
        if not logs:
            exposures = exposures_of(settings, span, employees)
            return _Told(exposures, fetched_of(settings, exposures, employees), opener)
        with errors.status("reading the logs"):
            again = reread(((path.name, read_records(path)) for path in logs), core, span, employees)
    except (OSError, EOFError) as error:
        fail(f"cannot read the logs: {error}")
    if not again.exposures:
        fail("the logs hold no statement of the incident: are they of its days, and is the format known?", EXIT_PROBLEM)
    return _Told(again.exposures, again.fetched, again.opener)
