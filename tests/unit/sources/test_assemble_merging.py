"""What two records of one statement make, field by field."""

from __future__ import annotations

from itertools import permutations

import msgspec
import pytest
from assembly_lines import line
from hypothesis import given
from hypothesis import strategies as st

from streamguard.activity import RowsQuality
from streamguard.sources.assemble import AssemblyConfig, merge
from streamguard.sources.manners import manner_of
from streamguard.sources.merging import ColumnsTold
from streamguard.sources.waiting import Waiting


def counted(rows, quality, text="a"):
    return msgspec.structs.replace(line(0, rows=rows), rows_quality=RowsQuality(quality), fingerprint=text)


@pytest.mark.parametrize(
    ("first", "later", "rows", "quality"),
    [
        ((None, "unknown"), (None, "unbounded"), None, "unbounded"),
        ((None, "unbounded"), (0, "exact"), 0, "exact"),
        ((3, "exact"), (None, "unknown"), 3, "exact"),
        ((3, "exact"), (5, "affected"), 5, "affected"),
        # Of one text a count goes before a guess, however large.
        ((3, "exact"), (9, "estimate"), 3, "exact"),
        ((None, "unbounded"), (9, "estimate"), 9, "estimate"),
        # Of a text inside another one the larger is right, and what left uncounted stays so.
        ((3, "exact"), (9, "estimate", "b"), 9, "estimate"),
        ((3, "exact"), (None, "unbounded", "b"), None, "unbounded"),
        ((3, "exact"), (None, "unknown", "b"), 3, "exact"),
    ],
)
def test_rows(first, later, rows, quality):
    a, b = counted(*first), counted(*later)
    for merged in (merge(a, b), merge(b, a)):
        assert (merged.rows, merged.rows_quality) == (rows, RowsQuality(quality))


def columns(known, *names, text="a", part=None):
    return line(0, columns=names, columns_known=known, fingerprint=text, part=part)


@pytest.mark.parametrize(
    ("first", "later", "expected", "known"),
    [
        (columns(True, "x"), columns(True, "y"), ("x", "y"), True),
        (columns(False, "x"), columns(False, "y"), ("x", "y"), False),
        # The text speaks for its records without a text, and a list of everything before a text that cannot tell.
        (columns(True, "x"), columns(False, text=None), ("x",), True),
        (columns(False, "*"), columns(True, "c.x", text=None, part="access"), ("c.x",), True),
        # The reading of one table says nothing of the others.
        (columns(False, "*"), columns(True, "c.x", text=None), ("*", "c.x"), False),
        (columns(False, "*"), columns(True, "c.x"), ("c.x",), True),
        # Another text's doubts stay, and a log that states the columns of one table says nothing of another.
        (columns(True, "x"), columns(False, "y", text="b"), ("x", "y"), False),
        (columns(True, "x", text=None), columns(False, "y", text=None), ("x", "y"), False),
    ],
)
def test_columns(first, later, expected, known):
    for merged in (merge(first, later), merge(later, first)):
        assert (sorted(merged.columns), merged.columns_known) == (sorted(expected), known)


@pytest.mark.parametrize(
    ("first", "later", "expected"),
    [
        (("customers",), ("public.customers",), ("public.customers",)),
        (("public.customers",), ("customers", "orders"), ("public.customers", "orders")),
        (("customers",), ("a.customers", "b.customers"), ("a.customers", "b.customers")),
        (("customers",), (), ("customers",)),
        (("customers",), ("v_customers",), ("customers", "v_customers")),
    ],
)
def test_a_table_has_one_name(first, later, expected):
    a, b = msgspec.structs.replace(line(), tables=first), msgspec.structs.replace(line(), tables=later)
    assert merge(a, b).tables == expected


def test_the_bound_of_the_text():
    a, b = line(rows_at_most=5, fingerprint="a"), line(rows_at_most=3, fingerprint="a")
    assert merge(a, b).rows_at_most == 3
    assert merge(a, line(fingerprint=None)).rows_at_most == 5
    inside = line(rows_at_most=9, fingerprint="b")
    assert merge(a, inside).rows_at_most == 9
    assert merge(line(fingerprint="a"), inside).rows_at_most is None


def test_the_slice_is_of_the_text_that_stays():
    a, untold = line(slice=("10", "20"), fingerprint="a"), line(fingerprint="a")
    assert merge(a, untold).slice == merge(untold, a).slice == merge(line(fingerprint=None), a).slice == ("10", "20")
    inside = line(slice=("0", "5"), fingerprint="b")
    assert merge(a, inside).slice == ("10", "20")
    assert merge(untold, inside).slice is None


def test_what_only_one_of_them_knows():
    a = line(subjects=(("c.id", ("h1",)),), scope=(("c.country", ("DE",)),), proxy_user="p", verb="UNKNOWN")
    b = line(
        subjects=(("c.id", ("h1", "h2")), ("c.email", ("h3",))), scope=(("c.country", ("FR",)),), query_tag="t",
        comment="c", client="10.0.0.9", database="crm", application="app", verb="SELECT", part="plan",
    )  # fmt: skip
    merged = merge(a, b)
    assert merged.subjects == (("c.id", ("h1", "h2")), ("c.email", ("h3",)))
    assert merged.scope == (("c.country", ("DE", "FR")),)
    assert (merged.proxy_user, merged.query_tag, merged.comment) == ("p", "t", "c")
    assert (merged.client, merged.database, merged.application, merged.verb) == ("10.0.0.9", "crm", "app", "SELECT")
    assert merged.part is None


TOLD = st.lists(
    st.builds(
        lambda known, text, part, names: columns(known, *names, text=text, part=part),
        st.booleans(),
        st.sampled_from([None, "a", "b"]),
        st.sampled_from([None, None, "access"]),
        st.lists(st.sampled_from("xyz"), unique=True, max_size=2),
    ),
    min_size=1,
    max_size=4,
)


@given(TOLD)
def test_columns_are_the_same_in_every_order_and_never_known_without_a_voucher(records):
    verdicts = set()
    for order in permutations(records):
        told = ColumnsTold()
        for record in order:
            told.add(record)
        names, known = told.verdict()
        verdicts.add((frozenset(names), known))
    assert len(verdicts) == 1
    [(names, known)] = verdicts
    if any(not r.columns_known for r in records) and not any(r.columns_known and r.fingerprint for r in records):
        assert not known or all(r.fingerprint for r in records if not r.columns_known)
        assert not known or any(r.part == "access" for r in records)
    if not known:
        assert names == {name for record in records for name in record.columns}


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_what_one_table_tells_is_nothing_of_another_in_any_order(order):
    records = [
        line(0, rows=None, source="bigquery", columns=("orders.id",), columns_known=True),
        line(1, rows=None, source="bigquery"),
        line(2, rows=None, source="bigquery", fingerprint="job"),
    ]
    waiting = Waiting(records[order[0]], (0, 0), 0, ("bigquery", None, "k"), manner_of("bigquery", AssemblyConfig()))
    for place in order[1:]:
        waiting.join(records[place], (place, 0))
    assert (waiting.activity.columns, waiting.activity.columns_known) == (("orders.id",), False)


RECORDS = st.builds(
    lambda rows, quality, text, known, names: msgspec.structs.replace(
        line(rows=rows), rows_quality=quality, fingerprint=text, columns_known=known, columns=names, filters=names
    ),
    st.none() | st.integers(0, 9),
    st.sampled_from(list(RowsQuality)),
    st.sampled_from([None, "a", "b"]),
    st.booleans(),
    st.lists(st.sampled_from("xyz"), unique=True).map(tuple),
)


@given(RECORDS, RECORDS)
def test_a_merge_hides_nothing_that_was_counted_and_forgets_no_filter(a, b):
    merged = merge(a, b)
    assert set(merged.filters) == {*a.filters, *b.filters}
    assert merged.records == 2
    if merged.rows is not None:
        assert merged.rows in {a.rows, b.rows}
    uncounted = [x for x in (a, b) if x.rows is None]
    assert merged.rows is not None or uncounted


@pytest.mark.parametrize(
    ("first", "later", "together"),
    [
        ({"database": "crm"}, {"database": "crm"}, "crm"),
        ({"database": None}, {"database": "crm"}, "crm"),
        ({"database": "crm"}, {"database": "sales"}, None),
        ({"database": "crm", "part": "query"}, {"database": None, "part": "access"}, None),
    ],
)
def test_tables_of_several_databases_are_of_no_certain_one(first, later, together):
    a, b = (msgspec.structs.replace(line(0), **told) for told in (first, later))
    assert merge(a, b).database == together
