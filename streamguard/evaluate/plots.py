"""An evaluation as pictures, PNG and SVG; needs matplotlib, the extra ``plots``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from streamguard.evaluate.evaluation import Evaluation
    from streamguard.evaluate.poisoning import PoisonPoint

BUDGET: Final = "5"
_OURS: Final = "#1f5fa8"
_COLOURS: Final = ("#c2571a", "#3a8f5c", "#8a5aa8", "#b08a1e", "#4f4f4f")
_GREY: Final = "#8c8c8c"
_DPI: Final = 150
_STYLE: Final = {
    "font.family": "sans-serif",
    "font.size": 10.0,
    "axes.titlesize": 12.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#b5b5b5",
    "axes.grid": True,
    "grid.color": "#ececec",
    "axes.axisbelow": True,
    "legend.frameon": False,
    "svg.hashsalt": "streamguard",
}


def draw(found: Evaluation, directory: Path) -> list[Path]:
    """Write every picture that the evaluation has numbers for; return the files.

    Parameters
    ----------
    found
        What came out.
    directory
        Where to; it is made if need be.

    Raises
    ------
    OSError
        If it cannot be written to.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context(_STYLE):
        figures = {"recall": _recall(found), "scenarios": _scenarios(found)}
        if any(report.false_cases_on_clean_streams for report in found.detectors.values()):
            figures["budget"] = _budget(found)
        if found.poisoning:
            figures["poisoning"] = _poisoning(found)
        return [path for name, figure in figures.items() for path in _save(figure, directory, name)]


def _save(figure: Figure, directory: Path, name: str) -> list[Path]:
    png, svg = directory / f"{name}.png", directory / f"{name}.svg"
    figure.savefig(png, dpi=_DPI, bbox_inches="tight", facecolor="white")
    # Without a date the same evaluation gives the same file.
    figure.savefig(svg, bbox_inches="tight", facecolor="white", metadata={"Date": None})
    return [png, svg]


def _label(name: str) -> str:
    return name.replace("_", " ")


def _ranked(found: Evaluation) -> list[str]:
    """Return the detectors by their recall, the best last."""
    recalls = {name: report.recall.get(BUDGET) for name, report in found.detectors.items()}
    return sorted(recalls, key=lambda name: spread.mean if (spread := recalls[name]) is not None else 0.0)


def _short(value: float) -> str:
    """Return a share without its leading zero; all and none without places."""
    return f"{value:.0f}" if value in {0.0, 1.0} else f"{value:.2f}".lstrip("0")


def _colour(found: Evaluation, name: str) -> str:
    return _OURS if found.detectors[name].judged == "nominal" else _GREY


def _recall(found: Evaluation) -> Figure:
    """Dots: recall of every detector at each budget, with the interval at the middle one."""
    names = _ranked(found)
    figure = Figure(figsize=(8.0, 0.9 + 0.42 * len(names)))
    axes: Any = figure.add_subplot()
    for row, name in enumerate(names):
        colour, recall = _colour(found, name), found.detectors[name].recall
        means = [recall[budget].mean for budget in found.budgets if budget in recall]
        axes.plot([min(means), max(means)], [row, row], color=colour, alpha=0.35, linewidth=2.0, zorder=2)
        axes.scatter(means, [row] * len(means), color=colour, s=26, alpha=0.55, zorder=3)
        if (main := recall.get(BUDGET)) is not None:
            axes.errorbar(
                main.mean,
                row,
                xerr=main.plus_minus or None,
                color=colour,
                fmt="o",
                ms=8,
                elinewidth=1.2,
                capsize=3,
                zorder=4,
            )
            axes.annotate(
                f"{main.mean:.2f}", (main.mean, row), (0, 8), textcoords="offset points", ha="center", size=8.5
            )
    axes.set_yticks(range(len(names)), [_label(name) for name in names])
    axes.set_ylim(-0.6, len(names) - 0.2)
    axes.set_xlim(0.0, 1.0)
    axes.grid(axis="y", visible=False)
    axes.set_xlabel(
        f"share of {found.attacks} attacks found at {', '.join(found.budgets)} false cases per 1000 employee-days"
        f" (large dot: {BUDGET}, with its 95 % interval over worlds)",
        size=8.5,
    )
    axes.set_title("Found at the same number of false cases")
    return figure


def _scenarios(found: Evaluation) -> Figure:
    """Squares: recall by scenario and detector."""
    names = _ranked(found)[::-1]
    scenarios = sorted({scenario for report in found.detectors.values() for scenario in report.scenarios})
    values = [[found.detectors[name].scenarios[scenario].recall[BUDGET] for scenario in scenarios] for name in names]
    figure = Figure(figsize=(2.2 + 0.68 * len(scenarios), 1.6 + 0.42 * len(names)))
    axes: Any = figure.add_subplot()
    axes.imshow(values, cmap="Blues", vmin=0.0, vmax=1.0, aspect="auto")
    for row, line in enumerate(values):
        for column, value in enumerate(line):
            colour = "white" if value > 0.6 else "#333333"
            axes.text(column, row, _short(value), ha="center", va="center", color=colour)
    axes.set_xticks(range(len(scenarios)), [_label(scenario) for scenario in scenarios], rotation=35, ha="right")
    axes.set_yticks(range(len(names)), [_label(name) for name in names])
    axes.set_xticks([column - 0.5 for column in range(1, len(scenarios))], minor=True)
    axes.set_yticks([row - 0.5 for row in range(1, len(names))], minor=True)
    axes.grid(visible=False)
    axes.grid(which="minor", color="white", linewidth=2.0)
    axes.tick_params(which="both", length=0)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.set_title(f"Share of attacks found, at {BUDGET} false cases per 1000 employee-days")
    return figure


def _budget(found: Evaluation) -> Figure:
    """Nominal against real budget on clean streams, on the diagonal if the number means what it says."""
    figure = Figure(figsize=(5.2, 4.8))
    axes: Any = figure.add_subplot()
    shown = {name: report for name, report in found.detectors.items() if report.false_cases_on_clean_streams}
    most = max(float(key) for report in shown.values() for key in report.false_cases_on_clean_streams)
    span = [0.5, 2.0 * most]
    axes.fill_between(span, [0.6 * x for x in span], [1.4 * x for x in span], color=_GREY, alpha=0.12, linewidth=0)
    axes.plot(span, span, color=_GREY, linewidth=1.0, linestyle="--")
    axes.annotate("as promised, within 40 %", (span[0] * 1.1, span[0] * 1.25), rotation=45, size=8.5, color="#555555")
    for colour, (name, report) in zip((_OURS, *_COLOURS), shown.items(), strict=False):
        spreads = report.false_cases_on_clean_streams
        nominal = [float(key) for key in spreads]
        real = [spread.mean for spread in spreads.values()]
        errors = [spread.plus_minus or 0.0 for spread in spreads.values()]
        # On a scale of powers an interval cannot reach 0.
        low = [min(error, 0.95 * value) for error, value in zip(errors, real, strict=True)]
        axes.errorbar(nominal, real, yerr=[low, errors], fmt="o-", color=colour, ms=7, capsize=3, label=_label(name))
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(*span)
    axes.set_ylim(*span)
    ticks = [tick for tick in (0.5, 1, 2, 5, 10, 20, 50) if tick <= span[1]]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set_xlabel("budget that was asked for")
    axes.set_ylabel(f"false cases per 1000 employee-days, {len(found.clean_worlds)} clean streams")
    axes.set_title("The budget: asked for and real")
    axes.legend(loc="lower right")
    return figure


def _poisoning(found: Evaluation) -> Figure:
    """Curves: share of the poisoners found by how greedy they are."""
    titles = {"boiling_frog": "Boiling frog", "drip": "Drip"}
    labels = {"boiling_frog": "growth per day at work", "drip": "own median days taken per day"}
    scenarios = sorted({point.scenario for points in found.poisoning.values() for point in points})
    figure = Figure(figsize=(4.4 * len(scenarios), 3.6))
    for place, scenario in enumerate(scenarios, 1):
        axes: Any = figure.add_subplot(1, len(scenarios), place)
        for colour, (name, points) in zip((_OURS, *_COLOURS), found.poisoning.items(), strict=False):
            _curve(axes, [point for point in points if point.scenario == scenario], colour, _label(name))
        axes.set_ylim(-0.03, 1.05)
        axes.set_xlabel(labels.get(scenario, "strength"))
        axes.set_title(titles.get(scenario, _label(scenario)))
        if place == 1:
            axes.set_ylabel(f"share found, at {BUDGET} per 1000")
            axes.legend(loc="upper left")
    figure.tight_layout()
    return figure


def _curve(axes: Any, points: Sequence[PoisonPoint], colour: str, label: str) -> None:
    places = range(len(points))
    axes.plot(places, [point.found for point in points], "o-", color=colour, label=label, ms=7, linewidth=2.0)
    axes.set_xticks(places, [f"x{point.strength:g}" for point in points])
