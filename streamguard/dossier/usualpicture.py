"""Picture: the employees' own days, the range of their peers, and the incident, on one time line."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from matplotlib.figure import Figure
from matplotlib.markers import CARETUPBASE
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator

if TYPE_CHECKING:
    from streamguard.dossier.scenes import BandPoint, Line, UsualScene

_PEERS: Final = "#9aa4b1"
_LINES: Final = (("#1f5fa8", "o"), ("#c2571a", "s"), ("#3a8f5c", "D"), ("#8a5aa8", "^"), ("#b08a1e", "v"))
"""Colours that colour-blind people tell apart, each with a form of its own."""
_INCIDENT: Final = "#fbeae0"
_TOLD: Final = "#8a3206"
_WEEKEND: Final = 3
"""Days from a Friday to a Monday: what is usual goes on over a weekend."""
_EPOCH: Final = date(1970, 1, 1).toordinal()


def draw_usual(scene: UsualScene) -> Figure:
    """Draw rows a day, on a logarithmic scale."""
    figure = Figure(figsize=(8.2, 3.7))
    axes: Any = figure.add_subplot()
    axes.axvspan(scene.from_day - 0.5, scene.to_day + 0.5, color=_INCIDENT, linewidth=0, zorder=0, label="the incident")
    if scene.band:
        _peers(axes, scene.band)
    lines = sorted(scene.lines, key=lambda line: -max((point.rows for point in line.points), default=0))
    for line, (colour, form) in zip(lines, _LINES, strict=False):
        _employee(axes, line, colour, form, scene.from_day)
    _uncounted(axes, lines)
    axes.axvline(scene.told_day, color=_TOLD, linewidth=1.2, linestyle="--", zorder=3, label="first finding")
    axes.set_yscale("log")
    axes.set_ylim(bottom=0.7)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.set_ylabel("rows a day that the log counts")
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda day, _: _date(day)))
    axes.grid(axis="x", visible=False)
    axes.legend(loc="lower left", bbox_to_anchor=(0.0, 1.01), ncols=4, fontsize=8, borderaxespad=0.0)
    return figure


def _date(day: float) -> str:
    told = date.fromordinal(_EPOCH + round(day))
    return f"{told.day} {told:%b %Y}"


def _peers(axes: Any, band: tuple[BandPoint, ...]) -> None:
    for run in _runs([point.day for point in band], _WEEKEND):
        points = [band[place] for place in run]
        days = [point.day for point in points]
        if len(days) == 1:
            # A single day has no width of its own.
            days, points = [days[0] - 1, days[0] + 1], points * 2
        low, high = [max(1, point.least) for point in points], [max(1, point.most) for point in points]
        is_first = not run[0]
        axes.fill_between(
            days,
            low,
            high,
            step="mid",
            color=_PEERS,
            alpha=0.35,
            linewidth=0,
            label="peers: least to most" if is_first else None,
        )
        axes.step(
            days,
            [max(1, point.middle) for point in points],
            where="mid",
            color=_PEERS,
            linewidth=1.3,
            label="peers: the middle one" if is_first else None,
        )


def _employee(axes: Any, line: Line, colour: str, form: str, from_day: int) -> None:
    """Draw days as points; joined from day to day, not over weekends and not into the incident."""
    counted = [point for point in line.points if point.rows]
    for part in ([p for p in counted if p.day < from_day], [p for p in counted if p.day >= from_day]):
        for run in _runs([point.day for point in part], 1):
            days, rows = [part[place].day for place in run], [part[place].rows for place in run]
            axes.plot(days, rows, color=colour, linewidth=0.9, alpha=0.7, zorder=4)
    axes.plot(
        [point.day for point in counted],
        [point.rows for point in counted],
        color=colour,
        marker=form,
        markersize=4.5,
        linestyle="none",
        # Labels that begin with a line would be left out of the legend.
        label=f" {line.employee}" if line.employee.startswith("_") else line.employee,
        zorder=5,
    )


def _uncounted(axes: Any, lines: list[Line]) -> None:
    """Mark days on which more left than the log counts."""
    label = "more, not counted"
    for line, (colour, _) in zip(lines, _LINES, strict=False):
        hidden = [point for point in line.points if point.uncounted]
        axes.scatter(
            [point.day for point in hidden],
            [1.2 * max(1, point.rows) for point in hidden],
            marker=CARETUPBASE,
            s=60,
            color=colour,
            label=label if hidden else None,
            zorder=6,
        )
        label = label if not hidden else ""


def _runs(days: list[int], widest: int) -> list[range]:
    """Return the places of days that follow each other by at most ``widest``."""
    starts = [place for place, day in enumerate(days) if place == 0 or day - days[place - 1] > widest]
    ends = [*starts[1:], len(days)] if days else []
    return [range(start, end) for start, end in zip(starts, ends, strict=True)]
