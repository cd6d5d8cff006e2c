"""The tables as pictures, PNG and SVG: every ratio with its range; needs matplotlib, the extra ``plots``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.results import Result

_OURS, _OTHERS = "#1f5fa8", "#707070"
_DPI = 150
_STYLE = {
    "font.family": "sans-serif",
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#ececec",
    "axes.axisbelow": True,
    "svg.hashsalt": "streamguard",
}
_LOG_FROM = 10.0
"""Ratios that differ by more than this are shown by their powers."""


def draw(results: Sequence[Result], directory: Path) -> list[Path]:
    """Write a picture of each table that has ratios; returns the files.

    Raises
    ------
    OSError
        If the directory cannot be written to.
    """
    directory.mkdir(parents=True, exist_ok=True)
    written = []
    with mpl.rc_context(_STYLE):
        for result in results:
            if any(row.ratio is not None for row in result.rows):
                written += _save(_dots(result), directory, f"bench-{result.name}")
    return written


def _dots(result: Result) -> Figure:
    """Dots: the median of each row's ratio, with its range as a line."""
    rows = [row for row in result.rows if row.ratio is not None][::-1]
    found = [row.ratio for row in rows if row.ratio is not None]
    figure = Figure(figsize=(8.0, 1.3 + 0.42 * len(rows)))
    axes: Any = figure.add_subplot()
    places = range(len(rows))
    medians = [ratio.median for ratio in found]
    for place, (row, ratio) in enumerate(zip(rows, found, strict=True)):
        colour = _OURS if row.label.startswith("this pipeline") else _OTHERS
        axes.plot([ratio.lowest, ratio.highest], [place, place], color=colour, linewidth=2.0)
        axes.plot([ratio.median], [place], "o", color=colour, markersize=8)
        axes.annotate(f"{ratio.median:.2f}", (ratio.highest, place), (8, -3), textcoords="offset points", size=9)
    if min(medians) > 0 and max(medians) > _LOG_FROM * min(medians):
        axes.set_xscale("log")
    axes.set_yticks(places, [row.label for row in rows])
    axes.grid(axis="y", visible=False)
    axes.set_xlabel(result.ratio)
    axes.set_title(result.title)
    return figure


def _save(figure: Figure, directory: Path, name: str) -> list[Path]:
    png, svg = directory / f"{name}.png", directory / f"{name}.svg"
    figure.savefig(png, dpi=_DPI, bbox_inches="tight", facecolor="white")
    # Without a date the same figures give the same file.
    figure.savefig(svg, bbox_inches="tight", facecolor="white", metadata={"Date": None})
    return [png, svg]
