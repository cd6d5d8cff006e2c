"""What the questions about people share: how their keys come in, and which exposures are looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from streamguard.cli.incident.reach import ledger_of
from streamguard.cli.moments import moment_ms, moment_text
from streamguard.cli.output import EXIT_PROBLEM, errors, fail
from streamguard.cli.wiring import subject_key
from streamguard.ledger import LedgerError, Span
from streamguard.resolve.cursors import fetched_rows
from streamguard.scope import Subject, subjects_in

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from streamguard.activity import Exposure, Origin
    from streamguard.incidents import Incident
    from streamguard.settings import Settings

_EVER_MS = 1 << 62

FromOption = Annotated[str | None, typer.Option("--from", help="Statements from this moment on.")]
ToOption = Annotated[str | None, typer.Option("--to", help="Statements before this moment.")]
WithOption = Annotated[
    list[str] | None,
    typer.Option("--with", help="Also what this employee did, whom no finding of the incident names; repeatable."),
]
TableOption = Annotated[
    str | None,
    typer.Option("--table", help="Whose keys they are, as schema.table, where several tables are concerned."),
]


def employees_of(incident: Incident, others: Sequence[str] | None) -> tuple[str, ...]:
    """Return whose statements are asked about: of those in the incident, and of some others."""
    return tuple(dict.fromkeys((*incident.employees, *(others or ()))))


def secret_of(settings: Settings) -> bytes:
    """Return the secret that keys are hashed with, or end the command."""
    key = subject_key(settings)
    if key is None:
        fail("keys are hashed with the setting sources.subject_key, and it is not set")
    return key


def people_in(lines: Iterable[str], key: bytes, name: str) -> list[Subject]:
    """Return the people of a file, or end the command if there is nobody in it."""
    try:
        found = list(subjects_in(lines, key))
    except UnicodeDecodeError:
        fail(f"{name} is no text: one subject key a line, or key,region")
    if not found:
        fail(f"{name} holds nobody: one subject key a line, or key,region")
    return found


def span_of(from_: str | None, to: str | None, otherwise: Span | None = None) -> Span:
    """Return the time that is asked about."""
    usual = otherwise or Span(-_EVER_MS, _EVER_MS)
    return Span(
        usual.from_ms if from_ is None else moment_ms(from_, "--from"),
        usual.to_ms if to is None else moment_ms(to, "--to"),
    )


def fetched_of(settings: Settings, exposures: Sequence[Exposure], employees: Collection[str]) -> dict[Origin, int]:
    """Return how many rows were fetched from cursors, as the ledger tells it, by the origin of their DECLARE."""
    declared = [one for one in exposures if one.activity.export == "cursor"]
    if not declared:
        return {}
    # What is fetched comes after its DECLARE, maybe after everything that is asked about.
    steps = ledger_of(settings).steps(Span(declared[0].activity.time_ms, _EVER_MS), employees)
    told = sorted([*exposures, *steps], key=lambda one: (one.activity.time_ms, one.origin))
    return fetched_rows(one.activity for one in told)


def exposures_of(settings: Settings, span: Span, employees: Collection[str] | None) -> list[Exposure]:
    """Return what the ledger holds, or end the command; say so if it is not complete."""
    store = ledger_of(settings)
    try:
        with errors.status("reading the ledger"):
            found = list(store.exposures(span, employees))
        until_ms = store.complete_until()
    except LedgerError as error:
        fail(str(error), EXIT_PROBLEM)
    if until_ms is None or (found and until_ms < min(span.to_ms, found[-1].activity.time_ms)):
        reached = "nothing yet" if until_ms is None else moment_text(until_ms)
        errors.print(f"the ledger is complete until: {reached}; what came later may be missing", style="yellow")
    return found
