"""Picture: people by region and category, with their bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from streamguard.findings.plain import category

if TYPE_CHECKING:
    from streamguard.dossier.scenes import CategoryBars, PeopleScene

_CERTAIN: Final = "#1f5fa8"
_POSSIBLE: Final = "#a9c6e6"
_ACROSS: Final = 3


def draw_people(scene: PeopleScene) -> Figure:
    """Draw one small chart a category: regions from top to bottom, what is certain dark, what is possible light."""
    charts = scene.categories
    regions = list(dict.fromkeys(bar.region for chart in charts for bar in chart.bars))
    across = min(_ACROSS, len(charts))
    down = -(-len(charts) // across)
    figure = Figure(figsize=(8.2, down * (0.9 + 0.22 * len(regions)) + 0.3), layout="constrained")
    axes: Any = figure.subplots(down, across, sharey=True, squeeze=False)
    for place, chart in enumerate(charts):
        _chart(axes[place // across][place % across], chart, regions)
    for place in range(len(charts), down * across):
        axes[place // across][place % across].set_visible(False)
    return figure


def _chart(axes: Any, chart: CategoryBars, regions: list[str]) -> None:
    bars = {bar.region: bar for bar in chart.bars}
    # Each chart has a scale of its own: a category with few people would vanish beside one with many.
    most = max([1, *(bar.lower if bar.upper is None else bar.upper for bar in chart.bars)])
    for row, region in enumerate(regions):
        bar = bars.get(region)
        if bar is None:
            continue
        upper = most * 1.15 if bar.upper is None else bar.upper
        axes.barh(
            row,
            upper,
            height=0.62,
            color=_POSSIBLE,
            hatch="" if bar.upper is not None else "///",
            edgecolor="white",
            linewidth=0,
        )
        axes.barh(row, bar.lower, height=0.62, color=_CERTAIN, linewidth=0)
        axes.annotate(
            _said(bar.lower, bar.upper), (upper, row), (3, 0), textcoords="offset points", va="center", size=7
        )
    axes.set_yticks(range(len(regions)), regions)
    axes.set_ylim(len(regions) - 0.4, -0.6)
    axes.set_xlim(0, most * 1.6)
    axes.xaxis.set_major_locator(MaxNLocator(3, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)
    axes.set_title(category(chart.category), loc="left", fontsize=9, fontweight="bold")


def _said(lower: int, upper: int | None) -> str:
    if upper is None:
        return f"{lower:,} or more"
    return f"{lower:,}" if lower == upper else f"{lower:,}\u2013{upper:,}"
