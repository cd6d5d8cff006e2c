"""How commands speak to people: results on standard output, everything else on standard error."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NoReturn, cast

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from io import BufferedReader

PLAIN_WIDTH = 100
"""Columns where there is no terminal: the picture of a finding needs 96."""

console = Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH)
errors = Console(stderr=True, width=None if sys.stderr.isatty() else PLAIN_WIDTH)

EXIT_PROBLEM = 1
"""The command ran and the answer is no: a check failed, the worker could not go on."""
EXIT_USAGE = 2
"""The command could not run: wrong arguments, wrong configuration, no Kafka."""


def fail(message: str, code: int = EXIT_USAGE) -> NoReturn:
    """Say what is wrong and what to do, and end with ``code``."""
    errors.print(f"streamguard: {message}", style="bold red", highlight=False, markup=False)
    raise typer.Exit(code)


def standard_input() -> BufferedReader:
    """Return standard input as bytes."""
    return cast("BufferedReader", sys.stdin.buffer)


def table(*headings: str, rows: Iterable[Sequence[str]]) -> Table:
    """Return a plain table; numbers are right-aligned."""
    found = [list(row) for row in rows]
    out = Table(box=None, pad_edge=False, header_style="bold")
    for column, heading in enumerate(headings):
        numeric = all(row[column].replace(",", "").replace(".", "").isdigit() for row in found) and bool(found)
        out.add_column(heading, justify="right" if numeric else "left", overflow="fold")
    for row in found:
        out.add_row(*row)
    return out
