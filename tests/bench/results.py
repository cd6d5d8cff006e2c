"""What a table says: rows with a ratio and absolute figures, notes below, and the raw runs for who reads JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from rich.table import Table as RichTable

from bench.figures import Spread

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rich.console import Console


@dataclass
class Row:
    """One line of a table.

    Attributes
    ----------
    label
        Who or what.
    ratio
        As the table's `Result.ratio` says; None: there is nothing to compare with.
    cells
        Absolute figures, by heading; those that are missing stay empty.
    failure
        Why there are no figures.
    """

    label: str
    ratio: Spread | None = None
    cells: dict[str, str] = field(default_factory=dict)
    failure: str | None = None


@dataclass
class Result:
    """One table, measured.

    Attributes
    ----------
    name, title
        For flags, and for people.
    ratio
        What the ratios are of.
    rows
        In the order to be shown.
    notes
        Sentences below the table.
    raw
        Every run, as it was reported.
    """

    name: str
    title: str
    ratio: str
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    raw: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return everything, in plain types."""
        return asdict(self)


def number(value: float) -> str:
    """Return a figure with three digits that count, and separators of thousands."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def range_of(found: Spread, of: str = "") -> str:
    """Return a range as a cell."""
    return f"{number(found.lowest)} to {number(found.highest)}{of}"


def show(console: Console, results: Sequence[Result], machine: Mapping[str, object]) -> None:
    """Print all ratios, then all absolute figures, then the machine."""
    for result in results:
        console.print(_ratios(result))
    for result in results:
        console.print(_absolutes(result))
        for note in result.notes:
            console.print(f"  {note}", highlight=False, style="dim")
    console.print("\n" + ", ".join(f"{name} {value}" for name, value in machine.items()), highlight=False)


def _ratios(result: Result) -> RichTable:
    shown = RichTable("", result.ratio, "range of the runs", title=f"{result.name}: ratios", title_justify="left")
    for row in result.rows:
        if row.ratio is not None:
            shown.add_row(row.label, number(row.ratio.median), range_of(row.ratio))
        elif row.failure is not None:
            shown.add_row(row.label, "", f"[red]{_plain(row.failure)}[/red]")
    return shown


def _absolutes(result: Result) -> RichTable:
    headings = list(dict.fromkeys(name for row in result.rows for name in row.cells))
    shown = RichTable("", *headings, title=f"{result.name}: {result.title}", title_justify="left")
    for row in result.rows:
        cells: Iterable[str] = (_plain(row.cells.get(name, "")) for name in headings)
        if row.failure is not None and headings:
            cells = (f"[red]{_plain(row.failure)}[/red]", *[""] * (len(headings) - 1))
        shown.add_row(row.label, *cells)
    return shown


def _plain(text: str) -> str:
    """Return a text that rich takes for no markup."""
    return text.replace("[", r"\[")
