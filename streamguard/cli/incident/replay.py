"""``streamguard incident replay``: how early it could have been known."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import msgspec
import orjson
import typer

from streamguard.cli.hindsight import show_early
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
from streamguard.cli.moments import moment_text, now_ms
from streamguard.cli.output import EXIT_PROBLEM, console, fail
from streamguard.cli.wiring import BootstrapOption, ConfigOption, detect_config, load_settings, overrides
from streamguard.dossier import Figure, Replaying, Wanted, replayed
from streamguard.dossier.replays import mark_key
from streamguard.dossier.written import figure_text
from streamguard.ledger import LedgerError
from streamguard.pipeline.hindsight import BUDGETS
from streamguard.scope import NOBODY

if TYPE_CHECKING:
    from streamguard.dossier import Replay
    from streamguard.pipeline import HowEarly
    from streamguard.pipeline.hindsight import Spoken


def replay(
    incident: IncidentArgument,
    budget: Annotated[
        list[float] | None,
        typer.Option("--budget", min=0.01, max=1000, help="Alert budget to look at; may be repeated. Else 1, 5, 10."),
    ] = None,
    under: UnderOption = None,
    days: DaysOption = 60,
    from_: FromOption = None,
    to: ToOption = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object for each settings file.")] = False,
    from_file: FromFileOption = None,
    config: ConfigOption = None,
    bootstrap: BootstrapOption = None,
) -> None:
    """Judge an incident once more, under today's and other settings: what could have spoken first, and what left since.

    The ledger's statements of the peer groups concerned run through the detectors anew. Verdicts and approvals of that
    time do not steer them.
    """
    settings = load_settings(config, overrides(bootstrap))
    found = incident_of(settings, incident, from_file)
    wanted = Wanted(
        now_ms=now_ms(),
        span=span_of(found, from_, to),
        detect=detect_config(settings),
        search_path=settings.exposure.search_path,
    )
    replaying = Replaying(
        settings=settings_to_try(settings, under), budgets=tuple(budget) if budget else BUDGETS, days=days
    )
    try:
        with watched() as watch:
            told = replayed(found, ledger_of(settings), catalogue_of(settings), wanted, replaying, watch=watch)
    except LedgerError as error:
        fail(str(error), EXIT_PROBLEM)
    for one in told:
        _show(one, json=json)


def _show(told: Replay, *, json: bool) -> None:
    if json:
        line = orjson.dumps(msgspec.to_builtins(told), option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)
        sys.stdout.buffer.write(line)
        return
    since = f"{told.statements:,} statements from {moment_text(told.from_ms)} on"
    console.print(f"Under {told.name}: {since}\n", highlight=False, markup=False, soft_wrap=True)

    def people(report: HowEarly, one: Spoken) -> str:
        bounds = told.people.get(mark_key(report, one.kind, one.name), NOBODY)
        return figure_text(Figure(key="people", lower=bounds.lower, upper=bounds.upper, evidence=()))

    show_early(told.reports, json=False, people=people)
