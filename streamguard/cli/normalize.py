"""``streamguard normalize``: what the adapters make of files, every record accounted for."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from streamguard.cli.coverage import FIELDS, Account
from streamguard.cli.output import errors, fail, standard_input
from streamguard.cli.wiring import ConfigOption, load_all, refuse
from streamguard.located import ConfigurationError
from streamguard.sources import Decoder, DecoderConfig, format_names, load_mappings, read_records, split_records

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Iterator

PLAIN_WIDTH = 120
"""Columns where there is no terminal: more than elsewhere, because the names of files are long."""
_SKIPPED = ".md"
"""Notes beside samples."""

console = Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH)


def normalize(
    files: Annotated[
        list[Path], typer.Argument(help="Audit logs, plain or gzipped, or directories of them; - is standard input.")
    ],
    json: Annotated[bool, typer.Option("--json", help="One JSON line per record, totals last.")] = False,
    format: Annotated[  # noqa: A002
        str | None, typer.Option(help=f"Do not detect: {', '.join(format_names())}, or mapping.<name>.")
    ] = None,
    mappings: Annotated[Path | None, typer.Option(help="Home-grown JSON formats (YAML).")] = None,
    config: ConfigOption = None,
) -> None:
    """Show what StreamGuard reads in audit logs: activities, merged, ignored, rejected; nothing unaccounted for."""
    decoder = Decoder(_config(config, mappings, format))
    paths = list(_walk(files))
    accounts = []
    with _progress(paths, is_shown=errors.is_terminal and not json) as progress:
        task = progress.add_task("", total=sum(path.stat().st_size for path in paths if path.is_file()))
        for number, path in enumerate(paths):
            progress.update(task, description=path.name)
            account = Account(str(path))
            for line in account.read(_counted(_records(path), progress), number, decoder, format):
                if json:
                    _print_json(line)
            accounts.append(account)
    total = Account("all")
    for account in accounts:
        total.add(account)
    if json:
        by_file = [{"file": account.name} | account.as_dict() for account in accounts]
        _print_json({"totals": {"files": len(accounts)} | total.as_dict() | {"by_file": by_file}})
    else:
        _print_tables([*accounts, total] if len(accounts) > 1 else accounts, _names(files, paths))
    if not all(account.is_complete for account in accounts):
        fail("some records are not accounted for: this is a defect of StreamGuard, please report it")


def _config(path: Path | None, mappings: Path | None, form: str | None) -> DecoderConfig:
    """Return what the settings say, if their file is named, and the mappings."""
    try:
        config = load_all(path)[1].decoder.config if path is not None else DecoderConfig()
        if mappings is not None:
            config = msgspec.structs.replace(config, mappings=load_mappings(mappings))
    except ConfigurationError as error:
        refuse(error)
    known = format_names(config.mappings)
    if form is not None and form not in known:
        fail(f"there is no format {form!r}; known are: {', '.join(known)}")
    return config


def _walk(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield files; of a directory all in it, in the order of their names, but for notes and what is hidden."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for found in sorted(path.rglob("*")):
            is_hidden = any(part.startswith(".") for part in found.relative_to(path).parts)
            if found.is_file() and found.suffix != _SKIPPED and not is_hidden:
                yield found


def _names(given: Iterable[Path], paths: Iterable[Path]) -> dict[str, str]:
    """Return how each file is called in tables: below the directory that was given, or by its name."""
    directories = [path for path in given if path.is_dir()]
    names = {}
    for path in paths:
        above = next((directory for directory in directories if path.is_relative_to(directory)), path.parent)
        names[str(path)] = str(path.relative_to(above))
    return names


def _records(path: Path) -> Iterator[bytes]:
    try:
        yield from split_records(standard_input()) if str(path) == "-" else read_records(path)
    except (OSError, EOFError) as error:
        fail(f"cannot read {path}: {error}")


def _progress(paths: list[Path], *, is_shown: bool) -> Progress:
    """Return a bar of the bytes read, on standard error; it leaves when all is read."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    return Progress(*columns, console=errors, transient=True, disable=not is_shown or not paths)


def _counted(records: Iterator[bytes], progress: Progress) -> Iterator[bytes]:
    for value in records:
        if not progress.disable:
            progress.advance(progress.task_ids[0], len(value) + 1)
        yield value


def _print_json(value: dict[str, Any]) -> None:
    sys.stdout.buffer.write(orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE))


def _print_tables(accounts: list[Account], names: dict[str, str]) -> None:
    """Print three tables for people: what became of the records, why some are no activities, what activities tell."""
    counts = _table("records", "in", "activities", "merged", "ignored", "rejected")
    shares = _table("% of activities with", *FIELDS)
    reasons = _table("reasons", "", "", right=False)
    for account in accounts:
        name = names.get(account.name, account.name)
        numbers = (account.records_in, account.activities, account.merged)
        others = (account.ignored.total(), account.rejected.total())
        counts.add_row(name, *(f"{number:,}" for number in (*numbers, *others)))
        shares.add_row(name, *(_percent(account.share(field)) for field in FIELDS))
        for kind, counter in (("ignored", account.ignored), ("rejected", account.rejected)):
            if counter:
                reasons.add_row(name, kind, _reasons(counter))
    for table in (counts, reasons, shares):
        if table.row_count:
            console.print(table, "")


def _table(title: str, *headings: str, right: bool = True) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(title, overflow="fold")
    for heading in headings:
        table.add_column(heading, justify="right" if right else "left", overflow="fold")
    return table


def _percent(share: float | None) -> str:
    if share is None:
        return "-"
    # All and none are claims of their own: neither is rounded to.
    return f"{min(max(share, 1), 99):.0f}" if 0 < share < 100 else f"{share:.0f}"


def _reasons(counter: Counter[str]) -> str:
    # By count, then by name: the order in which reasons came says nothing.
    ordered = sorted(counter.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{reason} {count:,}" for reason, count in ordered)
