"""Picture: the employees' own days, the range of their peers, and the incident, on one time line."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

if TYPE_CHECKING:
    from streamguard.dossier.scenes import Line, UsualScene

_PEERS: Final = "#9aa4b1"
_LINES: Final = (("#1f5fa8", "o"), ("#c2571a", "s"), ("#3a8f5c", "D"), ("#8a5aa8", "^"), ("#b08a1e", "v"))
"""Colours that colour-blind people tell apart, each with a form of its own."""
_INCIDENT: Final = "#fbeae0"
_TOLD: Final = "#8a3206"
_EPOCH: Final = date(1970, 1, 1).toordinal()


def _date(day: float) -> date:
    return date.fromordinal(_EPOCH + int(day))


def draw_usual(scene: UsualScene) -> Figure:
    """Draw rows a day, on a logarithmic scale."""
    figure = Figure(figsize=(8.2, 3.9))
    axes: Any = figure.add_subplot()
    axes.axvspan(_date(scene.from_day), _date(scene.to_day + 1), color=_INCIDENT, linewidth=0, zorder=0)
    if scene.band:
        days = [_date(point.day) for point in scene.band]
        low, high = [max(1, point.least) for point in scene.band], [max(1, point.most) for point in scene.band]
        axes.fill_between(
            days, low, high, step="mid", color=_PEERS, alpha=0.28, linewidth=0, label="peers, least to most"
        )
        axes.step(days, [max(1, point.middle) for point in scene.band], where="mid", color=_PEERS, linewidth=1.2, label="peers, middle")
    for place, line in enumerate(scene.lines):
        _employee(axes, line, *_LINES[place % len(_LINES)])
    axes.axvline(_date(scene.told_day), color=_TOLD, linewidth=1.2, linestyle="--", zorder=3)
    axes.annotate(
        "first finding",
        (_date(scene.told_day), 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(3, -3),
        textcoords="offset points",
        color=_TOLD,
        size=8,
        va="top",
    )
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.set_ylabel("rows a day that the log counts")
    locator = AutoDateLocator(minticks=4, maxticks=9)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    axes.grid(axis="x", visible=False)
    axes.legend(loc="upper left", bbox_to_anchor=(0.0, 1.17), ncols=4, fontsize=8, borderaxespad=0.0, handletextpad=0.5)
    return figure


def _employee(axes: Any, line: Line, colour: str, form: str) -> None:
    counted = [point for point in line.points if point.rows]
    axes.plot(
        [_date(point.day) for point in counted],
        [point.rows for point in counted],
        color=colour,
        marker=form,
        markersize=4.5,
        linewidth=0.8,
        alpha=0.9,
        label=line.employee,
        zorder=4,
    )
    hidden = [point for point in line.points if point.uncounted]
    if hidden:
        axes.scatter(
            [_date(point.day) for point in hidden],
            [max(1, point.rows) for point in hidden],
            s=70,
            facecolors="none",
            edgecolors=colour,
            linewidths=1.3,
            label="and rows not counted",
            zorder=5,
        )
