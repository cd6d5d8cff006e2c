"""``streamguard simulate``: audit logs of a simulated company, with the truth about the leaks in them."""

from __future__ import annotations

import asyncio
import shutil
from datetime import date, datetime
from importlib.resources import as_file
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.progress import Progress

from streamguard.cli.company import COMPANY_FILES, company_file
from streamguard.cli.output import errors, fail
from streamguard.cli.wiring import BootstrapOption, ConfigOption, load_settings, overrides, worker_config
from streamguard.simulate import DEFAULT_START, Leak, SimulateConfig, simulate, truth
from streamguard.stream.feed import feed

if TYPE_CHECKING:
    from collections.abc import Iterator


def simulation(
    out: Annotated[Path | None, typer.Option(help="Directory to write to.")] = None,
    to_kafka: Annotated[bool, typer.Option("--to-kafka", help="Ship the lines to the first audit topic.")] = False,
    days: Annotated[int, typer.Option(min=1, help="Days of the company's life.")] = 28,
    start: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="First day.")] = datetime.combine(  # noqa: B008
        DEFAULT_START, datetime.min.time()
    ),
    seed: Annotated[int, typer.Option(help="Another seed is another company.")] = 1,
    leaks: Annotated[bool, typer.Option(help="Put leaks in.")] = True,
    config: ConfigOption = None,
    bootstrap: BootstrapOption = None,
) -> None:
    """Write pgaudit jsonlog lines of a simulated company, its directory and catalogue, and the truth of its leaks."""
    if (out is None) == (not to_kafka):
        fail("say where to: either --out DIRECTORY or --to-kafka")
    try:
        wanted = SimulateConfig(
            seed=seed, start=date(start.year, start.month, start.day), days=days, leaks=tuple(Leak) if leaks else ()
        )
    except ValueError as error:
        fail(str(error))
    if out is not None:
        _write(out, wanted)
    else:
        _ship(wanted, config, bootstrap)


def _write(out: Path, config: SimulateConfig) -> None:
    out.mkdir(parents=True, exist_ok=True)
    count = 0
    with (out / "audit.jsonlog").open("wb") as file, _progress() as progress:
        task = progress.add_task("simulating", total=None)
        for line in simulate(config):
            file.write(line + b"\n")
            count += 1
            if count % 1_000 == 0:
                progress.update(task, completed=count, description=f"simulating: {count:,} lines")
    encoded = msgspec.json.format(msgspec.json.encode(list(truth(config))), indent=2)
    (out / "truth.json").write_bytes(encoded + b"\n")
    for name in COMPANY_FILES:
        with as_file(company_file(name)) as path:
            shutil.copyfile(path, out / name)
    errors.print(f"{count:,} audit lines, the truth, the directory and the catalogue are in {out}", highlight=False)


def _ship(config: SimulateConfig, path: Path | None, bootstrap: str | None) -> None:
    settings = load_settings(path, overrides(bootstrap))
    worker = worker_config(settings)
    topic = settings.topics.audit[0].name
    with _progress() as progress:
        task = progress.add_task("shipping", total=None)

        def sent(count: int) -> None:
            progress.update(task, completed=count, description=f"shipping: {count:,} lines to {topic}")

        asyncio.run(
            feed(worker.connection, topic, keyed(simulate(config)), compression=worker.engine.compression, sent=sent)
        )


def keyed(lines: Iterator[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Give each jsonlog line its session as the key, as shippers do that care for order."""
    for line in lines:
        _, _, rest = line.partition(b'"session_id":"')
        yield rest[: rest.find(b'"')], line


def _progress() -> Progress:
    return Progress(console=errors, transient=True)
