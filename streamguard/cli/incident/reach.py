"""From settings to what the commands about incidents need: the incidents, the catalogue, the ledger."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from streamguard.cli.asking import ask, require_topics
from streamguard.cli.ledger.look import open_store
from streamguard.cli.output import EXIT_PROBLEM, fail
from streamguard.cli.wiring import refuse, subject_key, worker_config
from streamguard.exposure import Catalogue
from streamguard.incidents import Casebook, read_incident
from streamguard.located import ConfigurationError
from streamguard.stream import read_incidents

if TYPE_CHECKING:
    from streamguard.incidents import Incident
    from streamguard.ledger import LedgerStore
    from streamguard.settings import Settings

IncidentArgument = Annotated[
    str, typer.Argument(metavar="ID", help="Of the incident; the beginning is enough if there is only one like that.")
]
FromFileOption = Annotated[
    Path | None,
    typer.Option(help="Incidents from a file, as `incident list --all --json` wrote them, instead of from Kafka."),
]
_PREFIX = "inc-"


def casebook_of(settings: Settings, from_file: Path | None = None) -> Casebook:
    """Return all incidents: those on the topic now, or those of a dump."""
    config = worker_config(settings)
    if from_file is None:
        require_topics(settings, config.topics.incidents)
        return ask(read_incidents(config.connection, config.topics.incidents, config.incidents))
    found = Casebook(config.incidents)
    try:
        with from_file.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                incident = read_incident(line)
                if incident is None:
                    fail(f"{from_file}:{number}: this is no incident, as `incident list --all --json` writes it")
                found.take_record(incident)
    except OSError as error:
        fail(f"cannot read {from_file}: {error}")
    return found


def incident_of(settings: Settings, name: str, from_file: Path | None = None) -> Incident:
    """Return one incident, by its id or the beginning of it; of one that was merged, the one that goes on."""
    return find_incident(casebook_of(settings, from_file), name)


def find_incident(casebook: Casebook, name: str) -> Incident:
    """Return one of the incidents, or end the command."""
    exact = casebook.find(name)
    if exact is not None:
        return exact
    wanted = name.lower().removeprefix(_PREFIX)
    near = [one for one in casebook.incidents() if wanted and one.uid.removeprefix(_PREFIX).startswith(wanted)]
    if len(near) != 1:
        many = f"; {', '.join(one.uid for one in near[:5])} begin like that" if near else ""
        fail(f"there is no incident {name}: see `streamguard incident list --all`{many}", EXIT_PROBLEM)
    return near[0]


def catalogue_of(settings: Settings) -> Catalogue:
    """Return the catalogue of personal data, or end the command with every mistake in it."""
    if settings.catalogue is None:
        return Catalogue.empty()
    try:
        return Catalogue.load(settings.catalogue, subject_key=subject_key(settings))
    except ConfigurationError as error:
        refuse(error)


def ledger_of(settings: Settings) -> LedgerStore:
    """Return the ledger's store, for questions."""
    return open_store(settings)
