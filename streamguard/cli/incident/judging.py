"""What `incident dossier` and `incident replay` share: the settings to judge under, and showing that it goes on."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from streamguard.cli.moments import moment_ms
from streamguard.cli.output import errors, fail
from streamguard.cli.wiring import detect_config, load_settings
from streamguard.ledger import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streamguard.activity import Exposure
    from streamguard.detect import DetectConfig
    from streamguard.incidents import Incident
    from streamguard.settings import Settings

UnderOption = Annotated[
    list[Path] | None,
    typer.Option("--under", help="Another settings file: judge under its `detect` section too; may be repeated."),
]
DaysOption = Annotated[
    int, typer.Option("--days", min=1, help="Days before the incident in which the detectors learn what is usual.")
]
FromOption = Annotated[
    str | None, typer.Option("--from", help="Begin of the incident, instead of the first statement of its findings.")
]
ToOption = Annotated[str | None, typer.Option("--to", help="End of the incident, instead of the last statement.")]
TODAYS = "today's settings"
_STEP = 1_000


def settings_to_try(settings: Settings, under: list[Path] | None) -> dict[str, DetectConfig]:
    """Return the detectors' settings of today and of other files, each by its name for people."""
    found = {TODAYS: detect_config(settings)}
    for path in under or ():
        found[str(path)] = detect_config(load_settings(path))
    return found


def span_of(incident: Incident, from_: str | None, to: str | None) -> Span:
    """Return the time of an incident, or what the command line says of it."""
    told = incident.span
    span = Span(
        told.from_ms if from_ is None else moment_ms(from_, "--from"),
        told.to_ms if to is None else moment_ms(to, "--to"),
    )
    if span.from_ms >= span.to_ms:
        fail("the incident would end before it begins: look at --from and --to")
    return span


@contextmanager
def watched() -> Iterator[Callable[[str, Iterator[Exposure]], Iterator[Exposure]]]:
    """Show on standard error how many statements were judged, while it lasts."""
    columns = (SpinnerColumn(), TextColumn("judging under {task.description}: {task.completed:,.0f} statements"))
    with Progress(
        *columns, TimeElapsedColumn(), console=errors, transient=True, disable=not errors.is_terminal
    ) as progress:

        def watch(name: str, exposures: Iterator[Exposure]) -> Iterator[Exposure]:
            task = progress.add_task(name, total=None)
            for number, exposure in enumerate(exposures, 1):
                if number % _STEP == 0:
                    progress.update(task, completed=number)
                yield exposure
            progress.remove_task(task)

        yield watch
