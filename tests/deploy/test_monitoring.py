"""Dashboard and alert rules: valid PromQL over metrics that exist, tested by promtool, generated and not edited."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import promql_parser
import pytest
from ruamel.yaml import YAML
from servers.prometheus import missing, promtool
from servers.required import unavailable

from streamguard.metrics import Container

ROOT = Path(__file__).parents[2]
DASHBOARD = json.loads((ROOT / "dashboards" / "streamguard.json").read_text())
RULES = sorted((ROOT / "deploy" / "prometheus" / "rules").glob("*.yml"))
RULE_TESTS = sorted((ROOT / "deploy" / "prometheus" / "tests").glob("*.yml"))
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]


def _rules():
    for path in RULES:
        for group in YAML(typ="safe").load(path.read_text())["groups"]:
            yield from group["rules"]


def _expressions():
    """Return every expression with where it stands; Grafana's variables replaced by what it would put there."""
    found = [(rule["alert"], rule["expr"]) for rule in _rules()]
    for panel in PANELS:
        found += [(panel["title"], target["expr"]) for target in panel["targets"]]
    return [(where, re.sub(r"\$__(rate_interval|range|interval)", "5m", text)) for where, text in found]


def _selectors(node):
    """Yield every selector of a parsed expression as (metric name, names of the labels it matches or groups by)."""
    if isinstance(node, promql_parser.VectorSelector):
        yield node.name, {matcher.name for matcher in node.matchers.matchers}
    for name in ("expr", "lhs", "rhs", "vector_selector"):
        child = getattr(node, name, None)
        if child is not None:
            yield from _selectors(child)
    for child in getattr(node, "args", None) or []:
        yield from _selectors(child)


def _known_samples():
    """Return the labels of every sample name that StreamGuard exposes."""
    known = {}
    for collector in list(Container().registry._collector_to_names):
        labels = set(collector._labelnames)
        for name in collector.describe():
            suffixes = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}.get(name.type, [""])
            for suffix in suffixes:
                known[name.name + suffix] = labels | ({"le"} if suffix == "_bucket" else set())
    return known


@pytest.mark.parametrize(("where", "expression"), _expressions(), ids=lambda value: value[:40])
def test_expression_is_promql_over_metrics_and_labels_that_exist(where, expression):
    selectors = list(_selectors(promql_parser.parse(expression)))
    known = _known_samples()
    assert selectors, where
    for metric, labels in selectors:
        assert metric in known, f"{where}: there is no metric {metric}"
        assert labels <= known[metric], f"{where}: {metric} has no label {labels - known[metric]}"
    grouped = {label.strip() for found in re.findall(r"by \(([^)]*)\)", expression) for label in found.split(",")}
    assert grouped <= set().union(*(known[metric] for metric, _ in selectors)), where


def test_no_metric_of_the_product_is_missing_from_dashboard_and_rules():
    used = {metric for _, text in _expressions() for metric, _ in _selectors(promql_parser.parse(text))}
    # Samples of one histogram stand for it; the number of entries says the same as their bytes.
    families = {re.sub(r"_(bucket|sum|count)$", "", name) for name in _known_samples()}
    assert families - {re.sub(r"_(bucket|sum|count)$", "", name) for name in used} == {"streamguard_state_entries"}


class TestRules:
    def test_say_what_to_do(self):
        rules = list(_rules())
        assert len(rules) >= 3
        for rule in rules:
            assert rule["labels"]["severity"] in {"warning", "critical", "{{ $labels.severity }}"}
            assert set(rule["annotations"]) == {"summary", "description", "runbook"}, rule["alert"]

    def test_are_all_tested(self):
        tested = "".join(path.read_text() for path in RULE_TESTS)
        for rule in _rules():
            assert rule["alert"] in tested

    @pytest.mark.prometheus
    def test_pass_promtool(self):
        if lacking := missing():
            unavailable(lacking)
        promtool("check", "rules", *map(str, RULES))
        promtool("test", "rules", *map(str, RULE_TESTS))

    @pytest.mark.prometheus
    def test_are_found_by_a_valid_configuration(self, tmp_path):
        if lacking := missing():
            unavailable(lacking)
        text = (ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text()
        assert "/etc/prometheus/rules/*.yml" in text
        (tmp_path / "prometheus.yml").write_text(text.replace("/etc/prometheus/rules", str(RULES[0].parent)))
        assert f"{len(list(_rules()))} rules found" in promtool("check", "config", str(tmp_path / "prometheus.yml"))


class TestDashboard:
    def test_is_what_the_program_writes(self):
        path = ROOT / "dashboards" / "generate.py"
        specification = importlib.util.spec_from_file_location("generate_dashboard", path)
        module = importlib.util.module_from_spec(specification)
        specification.loader.exec_module(module)
        assert module.render() == (ROOT / "dashboards" / "streamguard.json").read_text(), "run `make dashboards`"

    def test_panels_have_ids_places_and_words(self):
        ids = [panel["id"] for panel in DASHBOARD["panels"]]
        assert len(set(ids)) == len(ids)
        cells = set()
        for panel in DASHBOARD["panels"]:
            place = panel["gridPos"]
            assert place["x"] + place["w"] <= 24
            taken = {
                (x, y)
                for x in range(place["x"], place["x"] + place["w"])
                for y in range(place["y"], place["y"] + place["h"])
            }
            assert not taken & cells, panel["title"]
            cells |= taken
        assert all(panel["description"] and panel["targets"] for panel in PANELS)

    def test_uses_the_data_source_that_the_viewer_chose(self):
        (variable,) = DASHBOARD["templating"]["list"]
        assert (variable["name"], variable["type"], variable["query"]) == ("datasource", "datasource", "prometheus")
        assert {panel["datasource"]["uid"] for panel in PANELS} == {"${datasource}"}
