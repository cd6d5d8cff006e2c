"""``streamguard simulate``: audit logs of a simulated company, with the truth about the attacks in them."""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from streamguard.cli.output import console, errors, fail, table
from streamguard.cli.wiring import BootstrapOption, ConfigOption, load_settings, overrides, worker_config
from streamguard.cli.worlddir import write_world
from streamguard.simulate import (
    FORMATS,
    TWELVE,
    Plot,
    Scenario,
    Tally,
    World,
    WorldConfig,
    clean,
    small_company,
    with_plots,
)
from streamguard.stream.feed import feed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamguard.simulate import Headcount, Moment, Summary

_DAY_MS = 24 * 3_600_000
_JSONLOG = "postgresql.jsonlog"


def simulation(  # noqa: PLR0913 - a command line
    out: Annotated[Path | None, typer.Option(help="Directory for the small company: 50 accounts, two attacks.")] = None,
    world: Annotated[
        Path | None, typer.Option(help="Directory for a company to evaluate with: 312 accounts, 24 attacks.")
    ] = None,
    to_kafka: Annotated[bool, typer.Option("--to-kafka", help="Ship the small company's log to a topic.")] = False,
    summary: Annotated[bool, typer.Option("--summary", help="Print what each role reads a day.")] = False,
    json: Annotated[bool, typer.Option("--json", help="The summary as one JSON line.")] = False,
    seed: Annotated[int, typer.Option(help="Another seed is another company.")] = 1,
    days: Annotated[int | None, typer.Option(min=1, help="Days of the company's life: 60, or 28 if small.")] = None,
    start: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day.")] = None,
    people: Annotated[int | None, typer.Option(min=7, help="About so many accounts, in the same shares.")] = None,
    group: Annotated[list[str] | None, typer.Option(help="Accounts of one role, such as support=1000.")] = None,
    attacks: Annotated[int | None, typer.Option(min=0, help="Attacks of each scenario.")] = None,
    quiet: Annotated[bool, typer.Option("--clean", help="No attacks.")] = False,
    scenario: Annotated[list[Scenario] | None, typer.Option(help="These scenarios only; repeat it.")] = None,
    strength: Annotated[float | None, typer.Option(help="The frog's daily factor; the drip's multiple.")] = None,
    active_day: Annotated[int, typer.Option(min=1, help="The new hire's day at work in cold_start.")] = 2,
    format: Annotated[str | None, typer.Option(help=f"One of {', '.join(FORMATS)}.")] = None,  # noqa: A002
    compress: Annotated[bool, typer.Option("--gzip", help="Gzip the log.")] = False,
    config: ConfigOption = None,
    bootstrap: BootstrapOption = None,
) -> None:
    """Write the log of a simulated company, its directory and catalogue, and the truth of the attacks on it."""
    if sum((out is not None, world is not None, to_kafka)) > 1 or not (out or world or to_kafka or summary):
        fail("say where to: one of --out DIRECTORY, --world DIRECTORY and --to-kafka, or --summary alone")
    form = format or ("ocsf" if world is not None else _JSONLOG)
    if form not in FORMATS:
        fail(f"no format is called {form}: say one of {', '.join(FORMATS)}")
    is_small = out is not None or to_kafka
    try:
        wanted = small_company(seed=seed, days=days or 28) if is_small else WorldConfig(seed=seed)
        if quiet:
            wanted = clean(wanted)
        elif attacks is not None or scenario or strength is not None:
            count = 2 if attacks is None else attacks
            wanted = with_plots(wanted, *(Plot(one, count, strength, active_day) for one in scenario or TWELVE))
        changes = _when(days, start) | {"headcount": _headcount(wanted.headcount, people, group or [])}
        company = World(msgspec.structs.replace(wanted, **changes))
    except ValueError as error:
        fail(str(error))
    if to_kafka:
        _ship(company, config, bootstrap)
        return
    directory = out or world
    with _progress() as progress:
        tally = Tally(company)
        moments = _watched(company, progress, tally.watch(company.moments()))
        if directory is None:
            deque(moments, maxlen=0)
        else:
            write_world(company, moments, directory, form, compress=compress)
    _tell(tally.summary(), directory, as_table=summary, as_json=json)


def _when(days: int | None, start: datetime | None) -> dict[str, Any]:
    """Return what was said of the time, as fields of the configuration."""
    said = {"days": days, "start": None if start is None else start.date()}
    return {name: value for name, value in said.items() if value is not None}


def _headcount(headcount: Headcount, people: int | None, groups: list[str]) -> Headcount:
    if people is not None:
        headcount = headcount.scaled(people)
    counts = msgspec.structs.asdict(headcount)
    for told in groups:
        role, _, count = told.partition("=")
        if role not in counts or not count.isdecimal():
            raise ValueError(f"--group takes ROLE=ACCOUNTS, with a role of {', '.join(counts)}: {told!r}")
        counts[role] = int(count)
    return msgspec.convert(counts, type(headcount))


def _tell(summary: Summary, directory: Path | None, *, as_table: bool, as_json: bool) -> None:
    if as_table:
        console.print(
            table(
                *("role", "accounts", "days", "statements a day", "rows a day", "p99", "most"),
                rows=[
                    [str(v) if isinstance(v, str) else f"{v:,}" for v in msgspec.structs.astuple(r)]
                    for r in summary.roles
                ],
            )
        )
    if as_json:
        sys.stdout.buffer.write(msgspec.json.encode(summary) + b"\n")
    where = f" in {directory}, with the truth, the directory and the catalogue" if directory is not None else ""
    errors.print(
        f"{summary.statements:,} statements, {summary.personal_statements:,} of them with personal data, "
        f"{summary.attacks} attacks in {summary.attack_statements:,} statements{where}",
        highlight=False,
        soft_wrap=True,
    )


def _ship(company: World, path: Path | None, bootstrap: str | None) -> None:
    settings = load_settings(path, overrides(bootstrap))
    worker = worker_config(settings)
    topic = settings.topics.audit[0].name
    with _progress() as progress:
        task = progress.add_task("shipping", total=None)

        def sent(count: int) -> None:
            progress.update(task, completed=count, description=f"shipping: {count:,} lines to {topic}")

        lines = keyed(company.lines(_JSONLOG))
        asyncio.run(feed(worker.connection, topic, lines, compression=worker.engine.compression, sent=sent))


def keyed(lines: Iterator[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Give each jsonlog line its session as the key, as shippers do that care for order."""
    for line in lines:
        _, _, rest = line.partition(b'"session_id":"')
        yield rest[: rest.find(b'"')], line


def _watched(company: World, progress: Progress, moments: Iterator[Moment]) -> Iterator[Moment]:
    """Show how many of the company's days have gone by."""
    config, done = company.config, 0
    task = progress.add_task("simulating days", total=config.days)
    next_ms = int(datetime.combine(config.start + timedelta(days=1), time(), UTC).timestamp() * 1000)
    for moment in moments:
        if moment.time_ms >= next_ms:
            done, next_ms = done + 1, next_ms + _DAY_MS
            progress.update(task, completed=done)
        yield moment


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=errors, transient=True)
