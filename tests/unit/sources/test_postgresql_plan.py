"""Plans of auto_explain in text and JSON: text, rows, width, and what a forged text cannot do."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streamguard.activity import RowsQuality
from streamguard.sources.postgresql.plan import Plan, read_plan
from streamguard.sources.reasons import Refusal

TEXT = "select email\nfrom customers"
SCAN = "Seq Scan on customers  (cost=0.00..94.00 rows=5000 width=20) (actual time=0.005..0.4 rows=4321 loops=1)"


def told(node, text=TEXT):
    return read_plan("\n" + orjson.dumps({"Query Text": text, "Plan": node}).decode())


def node(kind="Seq Scan", **more):
    return {"Node Type": kind, "Plan Rows": 5000, "Plan Width": 20, "Actual Rows": 4321, "Actual Loops": 1} | more


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        (told(node()), Plan(TEXT, 4321, None, 20, 4321)),
        (told(node(**{"Actual Rows": 4321.0})), Plan(TEXT, 4321, None, 20, 4321)),  # since PostgreSQL 18
        (told(node(**{"Actual Rows": 0})), Plan(TEXT, 0, None, 20, 0)),
        # Without log_analyze, and for EXPLAIN without ANALYZE, there is the planner's guess only.
        (told({"Node Type": "Seq Scan", "Plan Rows": 5000, "Plan Width": 20}), Plan(TEXT, 5000, RowsQuality.ESTIMATE)),
        # The top node of a write returns nothing, unless it says RETURNING.
        (told(node("ModifyTable", **{"Actual Rows": 0})), Plan(TEXT, inner_rows=0)),
        (told(node("ModifyTable", **{"Actual Rows": 8})), Plan(TEXT, 8, None, 20, 8)),
        (
            told(node("Aggregate", **{"Actual Rows": 1}, Plans=[node(**{"Actual Rows": 250, "Actual Loops": 2})])),
            Plan(TEXT, 1, None, 20, 500),
        ),
        (read_plan(f"\nQuery Text: {TEXT}\n{SCAN}\n  Filter: (id < 9)"), Plan(TEXT, 4321, None, 20, 4321)),
        (
            read_plan(f"Query Text: {TEXT}\n{SCAN.replace('time=0.005..0.4 ', '').replace('4321', '4321.00')}"),
            Plan(TEXT, 4321, None, 20, 4321),
        ),
        (read_plan(f"Query Text: {TEXT}\n{SCAN.partition(' (actual')[0]}"), Plan(TEXT, 5000, RowsQuality.ESTIMATE)),
        (read_plan(f"Query Text: {TEXT}\nQuery Parameters: $1 = '77'\n{SCAN}"), Plan(TEXT, 4321, None, 20, 4321)),
        (
            read_plan(
                f"Query Text: {TEXT}\nAggregate  (cost=1.00..1.01 rows=1 width=32) (actual rows=1 loops=1)\n  ->  {SCAN}"
            ),
            Plan(TEXT, 1, None, 32, 4321),
        ),
        (
            read_plan(
                f"Query Text: {TEXT}\nInsert on leak  (cost=0.00..0.25 rows=0 width=0) (actual rows=0 loops=1)\n  ->  {SCAN}"
            ),
            Plan(TEXT, inner_rows=4321),
        ),
        (read_plan("<explain>"), None),
        (read_plan("Query Text: select 1"), None),
        (read_plan('Query Text: "select 1"\nPlan: \n  Node Type: "Result"'), None),
        (read_plan('{"Plan": {}}'), None),
    ],
)
def test_a_plan(plan, expected):
    assert plan == expected


@pytest.mark.parametrize(
    "forged",
    [
        f"Query Text: select email -- \n{SCAN.replace('4321', '1')}\nfrom customers\n{SCAN}",
        f"Query Text: {TEXT}\n{SCAN}\n  Filter: (name <> '\n{SCAN.replace('4321', '1')}'::text)",
    ],
)
def test_where_two_plans_may_begin_nothing_is_counted(forged):
    plan = read_plan(forged)
    assert plan is not None
    assert (plan.rows, plan.inner_rows) == (None, None)


@pytest.mark.parametrize("content", ['{"Query Text": "select', "{", '{"Query Text": "x"}}'])
def test_json_that_is_not_whole_is_refused(content):
    with pytest.raises(Refusal, match="invalid_json"):
        read_plan(content)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["Node Type", "Actual Rows", "Actual Loops", "Plan Rows", "Plan Width", "Plans"]),
                      inner, max_size=6),
    max_leaves=12,
)  # fmt: skip


@given(JSON)
@example({"Actual Rows": 1e308, "Actual Loops": 1e308})
def test_whatever_a_plan_holds_its_rows_are_a_count(plan):
    try:
        content = orjson.dumps({"Query Text": "select 1", "Plan": plan}).decode()
    except TypeError:  # integers beyond 64 bits
        return
    read = read_plan(content)
    assert read is None or read.rows is None or 0 <= read.rows <= 2**53


@given(st.text(alphabet="Qy Text:seclon*()\n=.0123456789->rwidthaS$'", max_size=300))
def test_whatever_a_text_plan_holds(content):
    read = read_plan("Query Text: " + content)
    assert read is None or read.rows is None or 0 <= read.rows <= 2**53
