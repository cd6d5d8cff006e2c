"""Writes ``streamguard.json``, the Grafana dashboard: ``python dashboards/generate.py``.

The picture answers, from top to bottom, what a SOC asks: does it watch at all, what was found, which personal
data are being read, and is the engine well. Written with Grafana's own foundation SDK, whose version is pinned
because another one targets another Grafana; the SDK leaves panel ids out, and links to a panel need them.
"""

# ruff: noqa: INP001 - a program of its own, not a package

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    BigValueGraphMode,
    GraphDrawStyle,
    LegendDisplayMode,
    LegendPlacement,
    StackingMode,
)
from grafana_foundation_sdk.models.dashboard import DataSourceRef, Threshold, ThresholdsMode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

OUTPUT: Final = Path(__file__).with_name("streamguard.json")
_SOURCE: Final = DataSourceRef(type_val="prometheus", uid="${datasource}")
_WIDTH: Final = 24
_INTERVAL: Final = "$__rate_interval"


def since_beginning(metric: str, by: str = "") -> str:
    """Return an expression for what a counter gained within the dashboard's time range.

    A counter's series begins with its first event, which ``increase()`` does not see; the difference to the
    range's beginning does. After a restart of the worker it may be too small, never negative.
    """
    total = f"sum{f' by ({by})' if by else ''}"
    return f"clamp_min({total} ({metric}) - ({total} ({metric} offset $__range) or {total} ({metric}) * 0), 0)"


def _query(expression: str, legend: str, number: int, *, instant: bool) -> prometheus.Dataquery:
    query = prometheus.Dataquery().expr(expression).legend_format(legend).ref_id(chr(ord("A") + number))
    return query.instant() if instant else query.range()


def number(  # noqa: PLR0917 - reads as a table row
    title: str,
    text: str,
    expression: str,
    legend: str = "",
    unit: str = "short",
    steps: Mapping[float, str] | None = None,
) -> stat.Panel:
    """Make a panel with one number a series, coloured from each step on."""
    colours = [Threshold(value=None, color="text")]
    colours += [Threshold(value=value, color=colour) for value, colour in sorted((steps or {}).items())]
    return (
        stat.Panel()
        .title(title)
        .description(text)
        .unit(unit)
        .no_value("no data")
        .color_mode(BigValueColorMode.BACKGROUND if steps else BigValueColorMode.VALUE)
        .graph_mode(BigValueGraphMode.NONE)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .thresholds(dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(colours))
        .with_target(_query(expression, legend, 0, instant=True))
    )


def curve(
    title: str, text: str, queries: Mapping[str, str], unit: str = "short", *, stacked: bool = False
) -> timeseries.Panel:
    """Make a panel with curves; ``queries`` maps legends to expressions."""
    panel = (
        timeseries.Panel()
        .title(title)
        .description(text)
        .unit(unit)
        .min(0)
        .line_width(1)
        .legend(
            common.VizLegendOptions()
            .display_mode(LegendDisplayMode.LIST)
            .placement(LegendPlacement.BOTTOM)
            .show_legend(True)
        )
    )
    if stacked:
        panel = (
            panel.draw_style(GraphDrawStyle.BARS)
            .fill_opacity(70)
            .stacking(common.StackingConfig().mode(StackingMode.NORMAL))
        )
    else:
        panel = panel.fill_opacity(10)
    for place, (legend, expression) in enumerate(queries.items()):
        panel = panel.with_target(_query(expression, legend, place, instant=False))
    return panel


def _watching() -> list[stat.Panel]:
    bad_below_one = {0.0: "red", 1.0: "green"}
    rejected = f"sum(rate(streamguard_rejected_total[{_INTERVAL}]))"
    return [
        number(
            "Reading audit logs",
            "Partitions of audit topics that a worker with restored state reads. 0: nobody watches.",
            'sum(streamguard_assigned_partitions{role="ingest"} * streamguard_recovered{role="ingest"}) or vector(0)',
            unit="none",
            steps=bad_below_one,
        ),
        number(
            "Judging activity",
            "Partitions of the activity topic that a worker with restored state judges. 0: nothing is found.",
            'sum(streamguard_assigned_partitions{role="detect"} * streamguard_recovered{role="detect"}) or vector(0)',
            unit="none",
            steps=bad_below_one,
        ),
        number(
            "Records not read yet",
            "Over all topics. What was not read is not judged.",
            "sum(streamguard_offset_lag)",
            steps={0.0: "green", 10_000.0: "orange", 100_000.0: "red"},
        ),
        number(
            "Evidence lost",
            "Records that Kafka's retention removed before they were read. They are gone: ask the source.",
            f"{since_beginning('streamguard_lost_records_total')} or vector(0)",
            steps={0.0: "green", 1.0: "red"},
        ),
        number(
            "Not understood",
            "Share of records in the dead-letter topic: streamguard deadletter list says why.",
            f"{rejected} / ({rejected} + sum(rate(streamguard_records_total[{_INTERVAL}])) > 0) or vector(0)",
            unit="percentunit",
            steps={0.0: "green", 0.001: "orange", 0.01: "red"},
        ),
        number(
            "Seconds to a finding (p95)",
            "From the Kafka time of the newest record behind a finding until it was written.",
            "histogram_quantile(0.95, sum by (le) (rate(streamguard_finding_latency_seconds_bucket[1h])))",
            unit="s",
            steps={0.0: "green", 5.0: "orange", 60.0: "red"},
        ),
    ]


def _findings() -> list[stat.Panel | timeseries.Panel]:
    by_severity = "sum by (severity) (streamguard_findings_total)"
    by_detector = "sum by (detector) (streamguard_findings_total)"
    return [
        number(
            "Findings in this time range, by severity",
            "The findings themselves are in the topic streamguard.findings; metrics name no employee.",
            since_beginning("streamguard_findings_total", "severity"),
            "{{severity}}",
            unit="none",
            steps={1.0: "orange"},
        ),
        curve(
            "Findings so far, by severity",
            "A step is a finding, or a case that grew.",
            {"{{severity}}": by_severity},
        ),
        curve(
            "Findings so far, by detector",
            "Which surprise led to the findings; each detector's runbook is in the documentation.",
            {"{{detector}}": by_detector},
        ),
    ]


def _incidents() -> list[stat.Panel | timeseries.Panel]:
    still_open = 'streamguard_incidents{status=~"new|in_progress|on_hold"}'
    return [
        number(
            "Open incidents, by severity",
            "Every worker knows all incidents. Who is in them: streamguard incident list.",
            f"sum by (severity) (max by (severity, status) ({still_open})) > 0",
            "{{severity}}",
            unit="none",
            steps={1.0: "orange"},
        ),
        number(
            "Hours left to notify, of the oldest",
            "Of the 72 hours since the first finding of an open incident was told; fewer than 0: they are over.",
            "72 - (time() - min(streamguard_incident_oldest_aware_timestamp_seconds > 0)) / 3600",
            unit="h",
            steps={-1e6: "red", 0.0: "orange", 24.0: "green"},
        ),
        curve(
            "Incidents, by status",
            "Merged ones count once.",
            {"{{status}}": "sum by (status) (max by (severity, status) (streamguard_incidents))"},
            stacked=True,
        ),
    ]


def _personal_data() -> list[timeseries.Panel]:
    return [
        curve(
            "Statements that showed personal data, by category",
            "Per second. GDPR terms of the catalogue; a statement counts once for each category.",
            {"{{category}}": f'sum by (category) (rate(streamguard_exposures_total{{verdict="seen"}}[{_INTERVAL}]))'},
            "reqps",
            stacked=True,
        ),
        curve(
            "Statements of which it cannot be told",
            "Per second. COPY, cursors, unknown columns: a rise is worth a look at the catalogue, or at the people.",
            {
                "{{category}}": "sum by (category) "
                f'(rate(streamguard_exposures_total{{verdict="cannot_tell"}}[{_INTERVAL}]))'
            },
            "reqps",
        ),
        curve(
            "Share of statements without a row count",
            "By source. Without row counts recall falls by half: see the settings that the documentation recommends.",
            {
                "{{source}}": f"sum by (source) (rate(streamguard_records_without_rows_total[{_INTERVAL}])) / "
                f"sum by (source) (rate(streamguard_activities_total[{_INTERVAL}]))"
            },
            "percentunit",
        ),
    ]


def _steering() -> list[timeseries.Panel]:
    return [
        curve(
            "Verdicts and approvals so far, by kind",
            "From the feedback topic: somebody should know each of them.",
            {"{{kind}}": "sum by (kind) (streamguard_feedback_total) or vector(0)"},
        ),
        curve(
            "Employees moved to other peer shards so far",
            "By changes of the directory.",
            {"moves": "sum(streamguard_moves_total) or vector(0)"},
        ),
        curve(
            "Taken in by detectors so far, by kind",
            "Each record once per peer shard that it concerns; a handover follows each move.",
            {"{{kind}}": "sum by (kind) (streamguard_steered_total) or vector(0)"},
        ),
    ]


def _engine() -> list[timeseries.Panel]:
    return [
        curve(
            "Throughput",
            "Per second: audit records read, statements judged.",
            {
                "records read": f"sum(rate(streamguard_records_total[{_INTERVAL}]))",
                "statements judged": f"sum(rate(streamguard_judged_total[{_INTERVAL}]))",
            },
            "reqps",
        ),
        curve(
            "Records not read yet, by topic",
            "Unread records.",
            {"{{topic}}": "sum by (topic) (streamguard_offset_lag)"},
        ),
        curve(
            "Age of what is read, by topic",
            "Event time: how long ago the newest activity happened when it was read. Slow sources are old by nature.",
            {"{{topic}}": "max by (topic) (streamguard_event_time_lag_seconds)"},
            "s",
        ),
        curve(
            "Time to write (p95), by role",
            "Until Kafka acknowledged one flush.",
            {
                "{{role}}": "histogram_quantile(0.95, sum by (le, role) "
                f"(rate(streamguard_flush_seconds_bucket[{_INTERVAL}])))"
            },
            "s",
        ),
        curve(
            "Dead letters and ignored records, by reason",
            "Per second.",
            {
                "rejected: {{reason}}": f"sum by (reason) (rate(streamguard_rejected_total[{_INTERVAL}]))",
                "ignored: {{reason}}": f"sum by (reason) (rate(streamguard_ignored_total[{_INTERVAL}]))",
            },
            "reqps",
        ),
        curve(
            "Memory of the detectors",
            "Bytes of state, all partitions.",
            {"state": "sum(streamguard_state_bytes)"},
            "bytes",
        ),
        curve(
            "Replays and late activities",
            "Per second. Replays after a restart are normal; late ones still enter the scope of an incident.",
            {
                "replays skipped": f"sum(rate(streamguard_replays_skipped_total[{_INTERVAL}]))",
                "late": f"sum(rate(streamguard_late_total[{_INTERVAL}]))",
                "lines merged": f"sum(rate(streamguard_merged_total[{_INTERVAL}]))",
            },
            "reqps",
        ),
        curve(
            "Logs re-created or truncated so far",
            "A person should know why, by kind.",
            {"{{topic}} {{kind}}": "sum by (topic, kind) (streamguard_log_breaks_total)"},
        ),
        curve(
            "Versions",
            "Workers by version of StreamGuard and Python, compiled or not.",
            {
                "{{version}} on Python {{python}}, compiled: {{compiled}}": "count by (version, python, compiled) "
                "(streamguard_build_info)"
            },
        ),
    ]


def build() -> dashboard.Dashboard:
    """Compose the dashboard: a row of panels for each question."""
    board = (
        dashboard.Dashboard("StreamGuard")
        .uid("streamguard")
        .description("Who exported which personal data: is it watching, what did it find, is it well.")
        .tags(["streamguard", "security"])
        .refresh("30s")
        .time("now-24h", "now")
        .timezone("browser")
        .readonly()
        .with_variable(dashboard.DatasourceVariable("datasource").label("Prometheus").type("prometheus"))
    )
    rows: list[tuple[str, int, int, Iterable[Any]]] = [
        ("Is it watching?", 4, 4, _watching()),
        ("What was found?", 7, 8, _findings()),
        ("Which incidents are open?", 7, 8, _incidents()),
        ("Which personal data are being read?", 7, 8, _personal_data()),
        ("What steers detection?", 7, 8, _steering()),
        ("Is the engine well?", 7, 8, _engine()),
    ]
    for title, height, width, panels in rows:
        board = board.with_row(dashboard.Row(title))
        for panel in panels:
            board = board.with_panel(panel.datasource(_SOURCE).height(height).span(width))
    return board


def render() -> str:
    """Return the dashboard as JSON text, with panel ids."""
    content = json.loads(json.dumps(build().build(), cls=JSONEncoder))
    for place, panel in enumerate(content["panels"], start=1):
        panel["id"] = place
    return json.dumps(content, indent=2, sort_keys=True) + "\n"


def main() -> None:
    """Write the file beside this program."""
    OUTPUT.write_text(render())
    sys.stdout.write(f"{OUTPUT.name} written\n")


if __name__ == "__main__":
    main()
