"""How early a finding could have come."""

from __future__ import annotations

import json

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner
from unit.detect.small_company import DAY_MS, ROLES, at, exposure, merged, ordinary

from streamguard.activity import Finding
from streamguard.cli import app
from streamguard.cli.hindsight import show_early
from streamguard.detect import DetectConfig
from streamguard.findings import Standing
from streamguard.pipeline import Hindsight, HowEarly, ShardLog, judge_again

CONFIG = DetectConfig(budget_per_1000=5.0)


def finding(uid, who="ann"):
    return Finding(uid=uid, employee=who, severity="low", detectors=(), time_ms=0, produced_ms=None, ocsf={})


def looked_back(*statements):
    """Statements as (day, hour, rows, A, nats of the one channel, findings' uids, subjects)."""
    hindsight = Hindsight(CONFIG)
    for day, hour, rows, strangeness, nats, uids, *subjects in statements:
        hindsight.take(
            exposure("ann", at(day, hour), rows, subjects=(("customers.id", tuple(subjects)),) if subjects else ()),
            Standing(strangeness, {"rows_1d": nats}),
            [finding(uid) for uid in uids],
        )
    return hindsight.reports()


def marks(report):
    return {(one.kind, one.name): one for one in report.marks}


def test_what_left_between_counts_after_the_earlier_and_up_to_the_later():
    [report] = looked_back(
        (1, 9, 100, 2.1, 1.0, ()),  # budget 10 speaks at 2
        (1, 10, 30, 2.2, 6.0, (), "h1"),  # the channel alone at ln(1000 / 5) = 5.3
        (1, 11, None, 2.2, 6.0, (), "h1", "h2"),
        (1, 12, 7, 2.4, 6.0, ("u",), "h3"),  # budget 5 at 2.3
        (1, 13, 900, 3.1, 6.0, ()),  # budget 1 at 3
    )
    found = marks(report)
    assert [one.name for one in report.marks] == ["10", "rows_1d", "5", "1"]
    ten, alone = found["budget", "10"], found["channel", "rows_1d"]
    assert (ten.hours_before, ten.rows, ten.uncounted, ten.people_at_least) == (3.0, 37, 1, 3)
    assert (alone.hours_before, alone.rows, alone.people_at_least) == (2.0, 7, 3)
    assert (found["budget", "5"].hours_before, found["budget", "5"].rows) == (0.0, 0)
    assert (found["budget", "1"].hours_before, found["budget", "1"].rows) == (-1.0, 900)


def test_a_new_day_can_speak_again_and_the_first_one_within_thirty_days_counts():
    [report] = looked_back(
        (1, 9, 1, 2.1, 0.0, ()),
        (5, 9, 1, 2.1, 0.0, ()),
        (6, 9, 1, 2.1, 0.0, ()),
        (33, 9, 1, 2.5, 0.0, ("u",)),
    )
    assert marks(report)["budget", "10"].time_ms == at(5, 9)
    assert marks(report)["channel", "rows_1d"].time_ms is None


def test_what_the_case_before_told_was_known():
    _, report = looked_back(
        (1, 9, 1, 2.5, 0.0, ("u",)),
        (3, 9, 1, 2.5, 0.0, ()),  # still of that case
        (5, 9, 1, 2.1, 0.0, ()),
        (8, 9, 1, 2.5, 0.0, ("v",)),
    )
    assert marks(report)["budget", "10"].time_ms == at(5, 9)
    assert marks(report)["budget", "5"].time_ms == at(8, 9)


def test_each_finding_has_a_report_and_its_updates_have_none():
    reports = looked_back((1, 9, 1, 2.5, 0.0, ("u",)), (1, 10, 1, 3.5, 0.0, ("u",)), (9, 9, 1, 2.5, 0.0, ("v",)))
    assert [(report.finding_uid, report.time_ms) for report in reports] == [("u", at(1, 9)), ("v", at(9, 9))]


@given(st.lists(st.tuples(st.integers(0, 90), st.floats(0, 5), st.booleans()), max_size=40))
def test_a_larger_budget_never_speaks_later(days):
    statements = [
        (day, 9 + place / 50, 1, strangeness, 0.0, (f"u{place}",) if told else ())
        for place, (day, strangeness, told) in enumerate(sorted(days))
    ]
    for report in looked_back(*statements):
        found = marks(report)
        times = [found["budget", budget].time_ms for budget in ("10", "5", "1")]
        times = [report.time_ms + 99 * DAY_MS if time_ms is None else time_ms for time_ms in times]
        assert times == sorted(times)


def test_while_the_detector_warms_up_nothing_would_have_spoken():
    hindsight = Hindsight(CONFIG)
    hindsight.take(exposure("ann", at(1, 9), 5), None, [finding("u")])
    assert all(one.time_ms is None for one in hindsight.reports()[0].marks)


def test_a_real_log_says_what_its_detector_says():
    attack = [exposure("support.03", at(17, 9 + 0.1 * n), 400 + 90 * n, offset=10**6 + n) for n in range(40)]
    stream = merged(ordinary(ROLES[0], 3, 20), attack)
    shards = ShardLog(CONFIG, lambda _: None)
    hindsight, uids = Hindsight(CONFIG), set()
    assert shards.standing(stream[0]) is None
    undisturbed = ShardLog(CONFIG, lambda _: None).step(stream).findings
    for one in stream:
        found = shards.step([one]).findings
        standing = shards.standing(one)
        uids |= {each.uid for each in found}
        hindsight.take(one, standing, found)
        assert standing is None or (standing.strangeness >= 0.0 and min(standing.surprises.values()) >= 0.0)
    reports = {report.finding_uid: report for report in hindsight.reports()}
    assert set(reports) == uids == {each.uid for each in undisturbed}, "looking on changes nothing"
    [report] = [one for one in reports.values() if one.employee == "support.03" and one.time_ms >= at(17, 4)]
    own = marks(report)["budget", "5"]
    assert own.time_ms == report.time_ms
    assert own.rows == 0
    assert marks(report)["budget", "10"].hours_before >= 0.0


def test_known_findings_are_looked_back_on_whatever_the_replay_tells():
    attack = [
        exposure("marketing.03", at(17, 9 + 0.1 * n), 6_000 + 900 * n, group="marketing", offset=10**6 + n)
        for n in range(40)
    ]
    stream = merged(ordinary(ROLES[1], 3, 20), attack)
    findings = ShardLog(CONFIG, lambda _: None).step(stream).findings
    told = next(one for one in findings if one.employee == "marketing.03" and one.time_ms >= at(17, 4))
    again = judge_again(stream, CONFIG, {"marketing.03": {told.uid: told.time_ms}})
    assert (again.statements, again.from_ms) == (len(stream), stream[0].activity.time_ms)
    [report] = again.reports
    assert (report.finding_uid, report.time_ms) == (told.uid, told.time_ms)
    own = marks(report)["budget", "5"]
    assert (own.time_ms, own.rows) == (told.time_ms, 0), "today's settings tell it when it was told"

    late = {"marketing.03": {"late": at(17, 9 + 0.1 * 20)}}
    [report] = judge_again(stream, CONFIG, late, budgets=(200.0,)).reports
    found = marks(report)
    own = [one.activity for one in stream if one.employee == "marketing.03"]
    between = sum(one.rows for one in own if told.time_ms < one.time_ms <= at(17, 11))
    assert found["budget", "5"].rows == between, "what left since a finding that could have been told"
    assert found["budget", "200"].time_ms <= found["budget", "5"].time_ms


def test_a_stricter_setting_speaks_later():
    attack = [
        exposure("marketing.03", at(17, 9 + 0.1 * n), 1_500 + 300 * n, group="marketing", offset=10**6 + n)
        for n in range(40)
    ]
    stream = merged(ordinary(ROLES[1], 3, 20), attack)
    known = {"marketing.03": {"f": at(17, 13)}}
    times = []
    for budget in (1.0, 20.0):
        [report] = judge_again(stream, DetectConfig(budget_per_1000=budget), known, budgets=()).reports
        times.append(marks(report)["budget", f"{budget:g}"].time_ms)
    assert times[1] < times[0]


def test_replay_tells_how_early_each_finding_could_have_come(tmp_path):
    run = CliRunner()
    size = ("--people", "20", "--days", "26")
    assert run.invoke(app, ["simulate", "--out", str(tmp_path), *size]).exit_code == 0
    arguments = ["replay", "-c", str(tmp_path / "streamguard.yaml"), str(tmp_path / "audit.jsonlog"), "--early"]
    lines = [json.loads(line) for line in run.invoke(app, [*arguments, "--json"]).stdout.splitlines()]
    findings = {line["finding_info"]["uid"] for line in lines if "how_early" not in line}
    reports = [msgspec.convert(line["how_early"], HowEarly) for line in lines if "how_early" in line]
    assert findings
    assert {report.finding_uid for report in reports} == findings


def test_people_get_a_table(capsys):
    reports = looked_back((1, 9, 100, 2.1, 1.0, ()), (4, 12, 7, 2.4, 6.0, ("u",)))
    show_early(reports, json=False)
    said = capsys.readouterr().out
    assert "How early could we have known? ann, finding u of 2025-09-05 12:00 UTC" in said
    assert "budget 10" in said
    assert "3.1 days before" in said
    assert "Silent in the 30 days before and since: budget 1." in said
