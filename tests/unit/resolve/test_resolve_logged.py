"""What the literals of a logged statement were: all of an opened one, of another what its activity tells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.resolve.planning import INTERESTS, KEY, exposure_of

from streamguard.activity import Activity, Origin
from streamguard.resolve.cursors import EVERYTHING, fetched_rows
from streamguard.resolve.logged import Edge, Hashed, Known, as_travelled, opened
from streamguard.sealing import SealedText
from streamguard.sources.statement import subject_hash
from streamguard.sources.statement.subjects import place_hash


def meanings(sql, parameters=(), dialect="postgres"):
    return opened(SealedText(sql, parameters), dialect, INTERESTS).meanings


def values(sql, parameters=(), dialect="postgres"):
    return {mark: meaning.values for mark, meaning in meanings(sql, parameters, dialect).items()}


@pytest.mark.parametrize(
    ("sql", "dialect", "expected"),
    [
        ("select a from t where b = 5 and c = 'x'", "postgres", {0: (5,), 1: ("x",)}),
        ("SELECT a FROM t WHERE b IN (1, 2,3) LIMIT 10", "postgres", {0: (1, 2, 3), 1: (10,)}),
        ("select a from t where c = 'O''Neill' -- '5'", "postgres", {0: ("O'Neill",)}),
        (
            r"select a from t where c = 'O\'Neill' or c = \"x\"".replace(r"\"", '"'),
            "mysql",
            {0: ("O'Neill",), 1: ("x",)},
        ),
        ("select a from t where c = E'a\\'b'", "postgres", {0: ("a'b",)}),
        ("select a from t where b = 1.5", "postgres", {0: ("1.5",)}),
        # A sign, or a word, that no mark tells makes the list another one.
        ("select a from t where b in (1, -2)", "postgres", {}),
        ("select a from t where b in (1, null) limit 3", "postgres", {1: (3,)}),
        ("select a from t where b = -2", "postgres", {0: (2,)}),
    ],
)
def test_an_opened_statement_tells_every_literal(sql, dialect, expected):
    assert values(sql, dialect=dialect) == expected


def test_bind_parameters_are_told_as_far_as_the_log_has_them():
    assert values("select a from t where b = $2 and c = $1", ("x", None)) == {1: ("x",)}


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=20), st.text(alphabet="ab' \\\n?;-/*", max_size=12))
def test_whatever_the_literals_are_they_come_back(numbers, text):
    quoted = text.replace("'", "''")
    sql = f"select a from t where b in ({', '.join(map(str, numbers))}) and c = '{quoted}'"
    assert values(sql) == {0: tuple(numbers), 1: (text,)}


def test_an_activity_tells_regions_limits_and_hashes():
    activity = exposure_of(
        "select email from customers where id in (5, 6) and country = 'DE' and total > 9 limit 7"
    ).activity
    told = as_travelled(activity, "postgres", INTERESTS).meanings
    assert told == {
        0: Hashed(frozenset(subject_hash(KEY, value) for value in "56")),
        1: Known(("DE",), is_neutral=True, is_certain=False),
        3: Known((7,), is_neutral=True),
    }


def test_an_activity_tells_where_a_range_begins_and_ends():
    activity = exposure_of("select email from customers where id > 10 and id <= 20").activity
    told = as_travelled(activity, "postgres", INTERESTS).meanings
    assert told == {0: Edge(place_hash(KEY, 11), 1), 1: Edge(place_hash(KEY, 21), 1)}


def test_too_many_people_are_not_taken_for_all_of_them():
    activity = exposure_of(f"select email from customers where id in ({', '.join(map(str, range(1_001)))})").activity
    assert as_travelled(activity, "postgres", INTERESTS).meanings == {}


def session(*statements, session="s"):
    for number, (verb, text, more) in enumerate(statements):
        yield Activity(
            origin=Origin("t", 0, 0, number, 0), time_ms=number, source="x", user="a", statement_key="", verb=verb,
            statement=text, session=session, **more,
        )  # fmt: skip


DECLARED = ("DECLARE CURSOR", 'declare "cur" no scroll cursor for select email from customers', {})


def fetch(text, rows=None, **more):
    return ("FETCH", text, {"rows_at_most": rows, **more})


@pytest.mark.parametrize(
    ("fetches", "expected"),
    [
        ([fetch("fetch ? from cur", 50), fetch('fetch forward ? from "cur"', 10), fetch("fetch next from cur", 1)], 61),
        ([fetch("fetch ? from cur", 50), fetch("fetch all from cur")], EVERYTHING),
        ([fetch("fetch forward all in cur")], EVERYTHING),
        # Nothing was fetched, or no log tells of it.
        ([], None),
        ([fetch("fetch ? from other", 50)], None),
        ([fetch("fetch ? from cur", 50), ("MOVE", "move ? from cur", {})], None),
        ([fetch("fetch ? from cur", 50), fetch("fetch backward ? from cur", 5)], None),
        ([fetch("fetch absolute ? from cur", 1)], None),
        ([fetch("fetch ? from cur", 50, error="57014")], None),
    ],
)
def test_a_cursor_gave_what_was_fetched(fetches, expected):
    origin = Origin("t", 0, 0, 0, 0)
    assert fetched_rows(session(DECLARED, *fetches)) == ({} if expected is None else {origin: expected})


def test_a_cursor_is_of_its_session_and_may_be_declared_again():
    first = list(session(DECLARED, fetch("fetch ? from cur", 5), DECLARED, fetch("fetch ? from cur", 7)))
    other = list(session(fetch("fetch ? from cur", 9), session="other"))
    assert list(fetched_rows([*first, *other]).values()) == [5, 7]
