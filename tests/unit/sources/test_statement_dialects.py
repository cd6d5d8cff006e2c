"""Every dialect's quotes and comments: no literal survives in any, and only literals are told apart by none."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamguard.sources.statement import Analyser
from streamguard.sources.statement.normalise import normalise

ANALYSER = Analyser()
UNCACHED = Analyser(cache_size=0)
MARK = "zq7secret"

DASHES = ("-- ' {} \n1", "/* ' \" {} */ 1")
NESTED = ("/* /* {} */ ' {} */ 2",)
PLAIN = ("'{}'", "'it''s {}'", "'\\'", "'/* {}'", "'-- {}'", "N'{}'", "x'{}'")
ESCAPED = ("'{}'", "'it\\'s {}'", "'\\\\'", "'it''s {}'", "'/* {}'", "'\\\n{}'")
DOUBLE = ('"{}"', '"it\\"s {}"', '"it\'s {}"')
# How a dialect writes literals and comments; the mark inside must never come out again.
LITERALS = {
    "postgres": (*PLAIN, *DASHES, *NESTED, "E'\\'{}'", "$${}$$", "$t$' {} $t$", "'a'\n '{}'", "U&'{}'"),
    "redshift": (*ESCAPED, *DASHES, *NESTED, "$${}$$"),
    "mysql": (*ESCAPED, *DOUBLE, *DASHES, "# ' {}\n1", "_utf8mb4'{}'", "/*! '{}' */"),
    "tsql": (*PLAIN, *DASHES, *NESTED),
    "oracle": (*PLAIN, *DASHES, "q'[it's {}]'", "Q'{{' {}}}'", "nq'!' {}!'", "q'('{})'", "q'<'{}>'", "/*+ {} */ 1"),
    "snowflake": (*ESCAPED, *DASHES, "$$it's {}$$", "// ' {}\n1"),
    "bigquery": (
        *ESCAPED, *DOUBLE, *DASHES, "# ' {}\n1", "r'{}'", "b'{}'", "rb'\\'{}'", "'''it's {}'''", '"""a"b {}"""',
        "'''\\''' {}'''",
    ),
    "trino": (*PLAIN, *DASHES, "U&'{}'"),
    "presto": (*PLAIN, *DASHES),
    "databricks": (*ESCAPED, *DOUBLE, *DASHES, *NESTED, "r'{}\\'", 'r"{}\\"', "$$it's {}$$"),
}  # fmt: skip
SHAPES = (
    "select a from t where b = {0} and c in ({0}, {1})",
    "insert into t (a) values ({0}), ({1})",
    "select f({0}), cast({1} as int) from t",
    "select a from t where b = {0} {1}",
    "update t set a = {0} where b = {1} or c like {0}",
    "select {0}{1} from t where 1{0} and a1 {1}",
)


def told(statement):
    """All of a statement but its comment, which ends in the exposure room."""
    return repr(msgspec.structs.replace(statement, comment=None))


@pytest.mark.parametrize("dialect", LITERALS)
@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_no_literal_survives_in_any_dialect(dialect, data):
    quotes = data.draw(st.lists(st.sampled_from(LITERALS[dialect]), min_size=2, max_size=2))
    sql = data.draw(st.sampled_from(SHAPES)).format(*(quote.replace("{}", MARK) for quote in quotes))
    assert MARK not in told(ANALYSER.analyse(sql, dialect))
    cut = data.draw(st.integers(1, 40))
    assert MARK not in told(ANALYSER.analyse(sql[:-cut], dialect))


@pytest.mark.parametrize("dialect", [*LITERALS, "klingon"])
@given(
    st.integers(0, 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.from_regex(r"[0-9]+\.[0-9]*", fullmatch=True)
)
@settings(max_examples=30, deadline=None)
def test_no_number_survives_in_any_dialect(dialect, number):
    number = str(number).removeprefix("-")
    found = ANALYSER.analyse(
        f"select a{number}-{number} from t where b={number} and c in (-{number},{number})", dialect
    )
    assert found.text.partition(" from ")[2] == "t where b=? and c in (?)"


@pytest.mark.parametrize("dialect", LITERALS)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_normalising_twice_changes_nothing(dialect, data):
    quotes = data.draw(st.lists(st.sampled_from(LITERALS[dialect]), min_size=2, max_size=2))
    sql = data.draw(st.sampled_from(SHAPES)).format(*quotes)
    once = normalise(sql, dialect)
    assert normalise(once, dialect) == once


@pytest.mark.parametrize("dialect", LITERALS)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_literals_case_space_and_comments_make_no_difference(dialect, data):
    values = st.integers(0, 10**6).map(str) | st.text("abcäß %_", max_size=6).map("'{}'".format)
    shape = "select name, lower(mail) from crm.customers where id = {0}{s}and mail in ({1}) limit {2}"
    first = shape.format("1", "'x'", "2", s=" ")
    several = data.draw(st.lists(values, min_size=1, max_size=4))
    space = data.draw(st.sampled_from([" ", "\n\t", " /* x */ ", " -- 'x\n"]))
    other = shape.format(data.draw(values), ", ".join(several), "50", s=space)
    other = data.draw(st.sampled_from([str, str.upper, str.title]))(other)
    left, right = (ANALYSER.analyse(sql, dialect) for sql in (first, other))
    assert left.fingerprint == right.fingerprint
    assert (left.tables, left.columns, left.filters) == (right.tables, right.columns, right.filters)
    assert left.parsed


PIECES = (
    "select a from t where b = ", "'x'", "''", "'it''s'", "\\'", "'", '"n"', '"n 5"', "`n`", "[n]", "12", "1e5", "0xF", ".5", "t.5",
    "a1", "$1", "$$", "?", "%s", "--", "-- c\n", "/*", "*/", "#", "//", ":1", "e'", "q'[", "r'", "'''", "(", ")", ",", "\n", " ",
    "my-p-1.d.t", "limit 5", "é",
)  # fmt: skip


@given(st.sampled_from([*LITERALS, "clickhouse"]), st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
@settings(max_examples=1500, deadline=None)
def test_the_fast_way_and_the_caches_change_nothing(dialect, sql):
    assert ANALYSER.analyse(sql, dialect) == UNCACHED.analyse(sql, dialect)


COMMON = (
    "select a from t where b = ",
    "'x'",
    "''",
    "'it''s'",
    "12",
    "1e5",
    "0xF",
    ".5",
    "t.5",
    "a1",
    "(",
    ")",
    ",",
    "\n",
    " ",
    "é",
)


@given(st.sampled_from([*LITERALS, "clickhouse"]), st.lists(st.sampled_from(COMMON), max_size=12).map("".join))
@settings(max_examples=500, deadline=None)
def test_the_fast_and_the_thorough_way_tell_the_same(dialect, sql):
    # Two comments send a text the thorough way; in PostgreSQL they also part strings that would be one.
    assert told(UNCACHED.analyse(f"{sql}/* a *//* b */", dialect)) == told(UNCACHED.analyse(sql, dialect))


@pytest.mark.parametrize(
    ("dialect", "sql", "normalised"),
    [
        ("tsql", "SELECT [E Mail], [it's] FROM [dbo].[T] WHERE a=N'x' OR b=$12.5", 'select "e mail", "?" from "dbo"."t" where a=? or b=?'),
        ("mysql", 'select `a b`, `x@y` from t where a = "x" -- y\n and b=5--4', "select `a b`, `?` from t where a = ? and b=?--?"),
        ("mysql", "select /*!50000 a */ from t", "select a from t"),
        ("bigquery", "select * from `p-1.d.events_*`, my-p-42.d.t where a-1 > 2", "select * from `p-1.d.events_*`, my-p-42.d.t where a-? > ?"),
        ("snowflake", "select $1, a:b.c::string from @st/x // c", "select $1, a:b.c::string from @st/?"),
        ("snowflake", "get @st file:///tmp/x", "get @st file://?"),
        ("oracle", 'select :1, :name, :"SYS_B_01" from t', "select ?, :name, ? from t"),
        ("postgres", "select a from t where b = %s and c in (%s, %s) and d %s", "select a from t where b = ? and c in (?) and d %s"),
        ("tsql", "select a from t where b in (1,2,3,", "select a from t where b in (?"),
        ("databricks", "select r'\\', `a` from t", "select ?, `a` from t"),
    ],
)  # fmt: skip
def test_normalised_in_its_dialect(dialect, sql, normalised):
    assert normalise(sql, dialect) == normalised


@pytest.mark.timeout(30)
@pytest.mark.parametrize("dialect", [*LITERALS, "clickhouse"])
@pytest.mark.parametrize(
    "piece", ["'", '"', "`", "[", "$a", "$$", "/*", "q'[", "'''", "0x", "1.", "a-1.", "'a'\n", "://", ":1", "%s", "?,"]
)
def test_repeated_tokens_take_linear_time(dialect, piece):
    normalise("select " + piece * (60_000 // len(piece)), dialect)
    normalise("select 'x" + piece * (60_000 // len(piece)), dialect)
