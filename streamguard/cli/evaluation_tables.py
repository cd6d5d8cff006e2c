"""An evaluation as tables for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.table import Table

if TYPE_CHECKING:
    from rich.console import Console

    from streamguard.evaluate import Evaluation
    from streamguard.evaluate.report import DetectorReport
    from streamguard.evaluate.spread import Estimate

_PURPOSES: Final = {
    "report": "seeds for reporting: nothing was tuned on them",
    "tuning": "seeds for tuning: the detector was tuned on these, do not quote the numbers",
    "other": "neither the seeds for tuning nor those for reporting",
}
_MAIN: Final = "5"


def show(found: Evaluation, console: Console) -> None:
    """Print everything that was found."""
    what = _PURPOSES[found.purpose] if found.seeds else "recorded worlds"
    console.print(
        f"{len(found.worlds)} worlds ({what}), {found.attacks} attacks, "
        f"{found.activities:,} statements on personal data, {found.employee_days:,} clean employee-days"
        + (f"; {found.rejected:,} records were not understood" if found.rejected else ""),
        "",
        highlight=False,
    )
    tables = (_detectors(found), _scenarios(found), *_ours(found), _rules(found), _poisoning(found), _cold_start(found))
    for table in tables:
        if table.row_count:
            console.print(table, "", highlight=False)


def _detectors(found: Evaluation) -> Table:
    budgets = found.budgets
    table = _table(
        "detectors",
        *(f"recall at {budget}" for budget in budgets),
        f"haul gone at {_MAIN}",
        *(f"false at {budget}" for budget in budgets),
        *((f"false, clean, at {_MAIN}",) if found.clean_worlds else ()),
        "us",
        "bytes",
        caption="Budgets are false cases per 1000 employee-days. Our own thresholds are nominal, every other detector's"
        " are fitted to the budget on these very worlds. us: CPU per statement. +- is the 95 % interval over worlds.",
    )
    for name, report in found.detectors.items():
        state = report.bytes_per_employee
        table.add_row(
            name,
            *(_spread(report.recall[b]) if b == _MAIN else _share(report.recall.get(b)) for b in budgets),
            _share(report.share_of_haul.get(_MAIN)),
            *(f"{report.false_cases_per_1000[budget]:.1f}" for budget in budgets),
            *((_mean(report.false_cases_on_clean_streams.get(_MAIN)),) if found.clean_worlds else ()),
            f"{report.cpu_us_per_activity:.1f}",
            f"{state.mean:,.0f}" if state is not None else "-",
        )
    return table


def _scenarios(found: Evaluation) -> Table:
    table = _table(f"recall at {_MAIN}, by scenario", *(name.replace("_", " ") for name in found.detectors))
    reports = list(found.detectors.values())
    for scenario in reports[0].scenarios if reports else ():
        table.add_row(scenario, *(f"{report.scenarios[scenario].recall[_MAIN]:.2f}" for report in reports))
    return table


def _ours(found: Evaluation) -> list[Table]:
    """Return a table of what is taken before the alert, for each detector that knows its budget itself."""
    return [_taken(name, report) for name, report in found.detectors.items() if report.judged == "nominal"]


def _taken(name: str, report: DetectorReport) -> Table:
    table = _table(
        f"{name} at {_MAIN}",
        *("attacks", "found", "records gone", "of", "people", "of", "hours"),
        caption="Medians. Gone: up to and including the alerting statement; everything if there was no alert.",
    )
    for scenario, one in report.scenarios.items():
        delay = one.delay_hours.get(_MAIN)
        people = one.people_before_alert.get(_MAIN)
        table.add_row(
            scenario,
            str(one.attacks),
            f"{one.recall[_MAIN]:.2f}",
            f"{one.records_before_alert[_MAIN]:,.0f}",
            f"{one.records:,.0f}",
            "-" if people is None else f"{people:,.0f}",
            "-" if one.people is None else f"{one.people:,.0f}",
            "-" if delay is None else f"{delay:.1f}",
        )
    return table


def _rules(found: Evaluation) -> Table:
    table = _table("published rules, own threshold", "recall", "haul gone", "false per 1000")
    for name, report in found.detectors.items():
        for rule, one in report.published.items():
            table.add_row(
                f"{name}: {rule}", _spread(one.recall), _share(one.share_of_haul), f"{one.false_cases_per_1000:.1f}"
            )
    return table


def _poisoning(found: Evaluation) -> Table:
    table = _table("poisoning at 5", "strength", "attacks", "found", "own days gone", "of")
    for name, points in found.poisoning.items():
        for one in points:
            table.add_row(
                f"{name}: {one.scenario}",
                f"x{one.strength:g}",
                str(one.attacks),
                f"{one.found:.2f}",
                f"{one.own_days_taken:.1f}",
                f"{one.own_days:.1f}",
            )
    return table


def _cold_start(found: Evaluation) -> Table:
    table = _table("new hires at 5", "day 1-5", "day 6-15", "established", "thefts found, by day and multiple")
    for name, one in found.cold_start.items():
        false = one.false_alert_days_per_1000
        table.add_row(
            name,
            *(f"{false[age]:.1f}" if age in false else "-" for age in ("1-5", "6-15", "established")),
            ", ".join(f"{each.active_day}/x{each.strength:g} {each.found:.2f}" for each in one.exports) or "-",
        )
    return table


def _table(title: str, *headings: str, caption: str | None = None) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", caption=caption, caption_justify="left")
    table.add_column(title, no_wrap=True)
    for heading in headings:
        table.add_column(heading, justify="right", overflow="fold")
    return table


def _spread(value: Estimate | None) -> str:
    if value is None:
        return "-"
    return f"{value.mean:.2f}" + (f" +-{value.plus_minus:.2f}" if value.plus_minus is not None else "")


def _share(value: Estimate | None) -> str:
    return "-" if value is None else f"{value.mean:.2f}"


def _mean(value: Estimate | None) -> str:
    return "-" if value is None else f"{value.mean:.1f}"
