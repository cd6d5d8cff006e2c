"""``streamguard incident dossier``: everything there is to say of an incident, as a document."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from streamguard.admin import PrometheusError, ask_prometheus
from streamguard.cli.incident.judging import (
    DaysOption,
    FromOption,
    ToOption,
    UnderOption,
    settings_to_try,
    span_of,
    watched,
)
from streamguard.cli.incident.reach import FromFileOption, IncidentArgument, catalogue_of, incident_of, ledger_of
from streamguard.cli.incident.resolved import exact_of
from streamguard.cli.moments import moment_ms, now_ms
from streamguard.cli.output import EXIT_PROBLEM, console, fail
from streamguard.cli.wiring import BootstrapOption, ConfigOption, detect_config, load_settings, overrides
from streamguard.dossier import Controller, Replaying, Wanted, investigate, replayed
from streamguard.dossier.monitoring import QUESTIONS, asked, facts_of
from streamguard.ledger import LedgerError

if TYPE_CHECKING:
    from streamguard.dossier import Dossier, LogFact
    from streamguard.ledger import Span
    from streamguard.settings import Settings

_FORMATS = ("md", "html", "pdf", "json")


def dossier(
    incident: IncidentArgument,
    format: Annotated[str, typer.Option(help=f"With commas: {', '.join(_FORMATS)}.")] = "md,html,pdf",  # noqa: A002
    out: Annotated[Path, typer.Option("--out", "-o", help="Directory; it is made if need be.")] = Path(),
    fonts: Annotated[
        Path | None, typer.Option(help="Directory of fonts for the PDF, where names need other letters.")
    ] = None,
    now: Annotated[str | None, typer.Option("--now", help="Moment for which it is made; now if not given.")] = None,
    early: Annotated[
        bool, typer.Option("--early/--no-early", help="Say how early it could have been known: takes longest.")
    ] = True,
    resolved: Annotated[
        Path | None, typer.Option("--resolved", help="What `incident resolve --run --json` wrote: exact numbers.")
    ] = None,
    prometheus: Annotated[
        str | None, typer.Option("--prometheus", help="http://host:9090: what it knows of the log in that time.")
    ] = None,
    under: UnderOption = None,
    days: DaysOption = 60,
    from_: FromOption = None,
    to: ToOption = None,
    from_file: FromFileOption = None,
    config: ConfigOption = None,
    bootstrap: BootstrapOption = None,
) -> None:
    """Write the dossier of an incident: what happened, what Article 33(3) GDPR asks for, what is not known, proof."""
    formats = _formats(format)
    settings = load_settings(config, overrides(bootstrap))
    made_ms = now_ms() if now is None else moment_ms(now, "--now")
    found = incident_of(settings, incident, from_file)
    ledger, catalogue = ledger_of(settings), catalogue_of(settings)
    span = span_of(found, from_, to)
    wanted = Wanted(
        now_ms=made_ms,
        controller=_controller(settings),
        time_zone=settings.controller.time_zone,
        span=span,
        detect=detect_config(settings),
        search_path=settings.exposure.search_path,
        exact=None if resolved is None else exact_of(resolved),
        log_facts=() if prometheus is None else _log_facts(prometheus, span),
    )
    replaying = Replaying(settings=settings_to_try(settings, under), days=days)
    try:
        with watched() as watch:
            replays = replayed(found, ledger, catalogue, wanted, replaying, watch=watch) if early else ()
        written = investigate(found, ledger, catalogue, wanted, replays)
    except LedgerError as error:
        fail(str(error), EXIT_PROBLEM)
    _write(written, formats, out, fonts)


def _formats(text: str) -> list[str]:
    found = [word.strip() for word in text.split(",") if word.strip()]
    if not found or not set(found) <= set(_FORMATS):
        fail(f"--format takes words of these, with commas between them: {', '.join(_FORMATS)}")
    return found


def _controller(settings: Settings) -> Controller:
    told = settings.controller
    return Controller(
        name=told.name, address=told.address, officer=told.officer, contact=told.contact, authority=told.authority
    )


def _log_facts(url: str, span: Span) -> tuple[LogFact, ...]:
    questions = [asked(question, span) for question in QUESTIONS]
    try:
        answers = asyncio.run(ask_prometheus(url, questions))
    except PrometheusError as error:
        fail(str(error))
    told = zip(QUESTIONS, questions, answers, strict=True)
    return tuple(fact for question, (query, _), answer in told for fact in facts_of(question, query, answer))


def _write(written: Dossier, formats: list[str], out: Path, fonts: Path | None) -> None:
    try:
        from streamguard.dossier.formats import as_files  # noqa: PLC0415 - an extra

        files = as_files(written, formats, fonts)
    except ModuleNotFoundError:
        fail("dossiers need matplotlib and typst: pip install 'streamguard[dossier]'")
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            path = out / name
            # It names employees: nobody else needs to read it.
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(content)
            console.print(str(path), highlight=False, markup=False, soft_wrap=True)
    except OSError as error:
        fail(f"cannot write to {out}: {error}")
