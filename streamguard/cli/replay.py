"""``streamguard replay``: the same core over files; findings as NDJSON."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from streamguard.activity import RawRecord
from streamguard.cli.hindsight import show_early
from streamguard.cli.output import console, errors, fail, standard_input
from streamguard.cli.wiring import ConfigOption, detect_config, load_all, refuse
from streamguard.findings import as_text
from streamguard.located import ConfigurationError
from streamguard.pipeline import Hindsight, OriginReader, OriginTools, ShardLog
from streamguard.sources import read_records, split_records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamguard.activity import Finding
    from streamguard.pipeline import Reading, Step


def replay(
    files: Annotated[list[Path], typer.Argument(help="Audit logs in the order of time; - is standard input.")],
    config: ConfigOption = None,
    identities: Annotated[Path | None, typer.Option(help="Directory of employees (YAML or CSV).")] = None,
    catalogue: Annotated[Path | None, typer.Option(help="Catalogue of personal data (YAML).")] = None,
    format: Annotated[str | None, typer.Option(help="Audit format; detected if not given.")] = None,  # noqa: A002
    early: Annotated[bool, typer.Option("--early", help="Also how early each finding could have come.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Findings as NDJSON.")] = False,
) -> None:
    """Judge audit logs from files, exactly as a live worker would.

    With --early: which budget or channel would have spoken first before each finding, and what left since. It looks
    back 30 days (holding their statements), but not into the case before.
    """
    paths = {"identities": identities, "catalogue": catalogue}
    try:
        settings, core = load_all(config, {name: str(path) for name, path in paths.items() if path is not None})
    except ConfigurationError as error:
        refuse(error)
    log = ShardLog(detect_config(settings), lambda _: None)
    hindsight = Hindsight(log.config) if early else None
    records = judged = rejected = findings = 0
    for number, path in enumerate(files):
        for reading, count in _readings(path, number, core, format):
            records += count
            rejected += len(reading.rejected)
            for step in _steps(log, reading, hindsight):
                judged += step.judged
                for finding in step.findings:
                    findings += 1
                    _show(finding, json=json)
    if hindsight is not None:
        show_early(hindsight.reports(), json=json)
    errors.print(
        f"{records:,} records, {judged:,} statements judged, {rejected:,} records rejected, {findings:,} findings",
        highlight=False,
    )


def _readings(path: Path, number: int, core: OriginTools, form: str | None) -> Iterator[tuple[Reading, int]]:
    reader = OriginReader(core, format=form)
    try:
        source = split_records(standard_input()) if str(path) == "-" else read_records(path)
        for offset, value in enumerate(source):
            reader.read(RawRecord(path.name, number, 0, offset, None, value))
            yield reader.take(), 1
    except (OSError, EOFError) as error:
        fail(f"cannot read {path}: {error}")
    reader.announce_cut()
    reader.cut()
    yield reader.take(), 0


def _steps(log: ShardLog, reading: Reading, hindsight: Hindsight | None) -> Iterator[Step]:
    """Judge what was read; one by one if somebody looks back on it."""
    if hindsight is None:
        yield log.step(reading.exposures)
        return
    for exposure in reading.exposures:
        step = log.step([exposure])
        if exposure.is_personal or exposure.honey:
            hindsight.take(exposure, log.standing(exposure), step.findings)
        yield step


def _show(finding: Finding, *, json: bool) -> None:
    if json:
        sys.stdout.buffer.write(orjson.dumps(finding.ocsf, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE))
    else:
        console.print(f"{as_text(finding.ocsf)}\n", highlight=False, markup=False, soft_wrap=True)
