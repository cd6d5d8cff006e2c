"""Normalised texts: no literal survives, statements that differ in literals only are one."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamguard.sources.statement import Analyser

ANALYSER = Analyser()


def text(sql, dialect="postgres"):
    return ANALYSER.analyse(sql, dialect).text


@pytest.mark.parametrize(
    ("sql", "normalised"),
    [
        ("SELECT  a\n FROM t WHERE b = 'x' AND c=12", "select a from t where b = ? and c=?"),
        ("select 'it''s', E'it\\'s', N'x', U&'\\0061', B'01', X'ff'", "select ?, ?, ?, ?, ?, ?"),
        ("select $$x$$, $tag$ $$ $tag$, $1", "select ?, ?, ?"),
        ("select 1.5e-3, .5, 0xff, 1_000, a1, t2.c3", "select ?, ?, ?, ?, a1, t2.c3"),
        ("select 'a'\n  'b', E'c'\n'\\'d'", "select ?, ?"),
        ("select a -- secret\nfrom t", "select a from t"),
        ("select a /* x /* 'y */ z' */ from t", "select a from t"),
        ("select '--', '/*' from t", "select ?, ? from t"),
        ('select "a -- b", "a""b" from t', 'select "a -- b", "?" from t'),
        ('select "alice@example.com", "4711", alice@example.com', 'select "?", "?", ?'),
        ("select a from t where b in (1, 2,3 , -4)", "select a from t where b in (?)"),
        ("select a from t where (a, b) in ((1, 2), (3, 4))", "select a from t where (a, b) in ((?))"),
        ("insert into t values (1, 'a', null), (2, 'b', true)", "insert into t values (?)"),
        ("insert into t values (1, now()), (2, now())", "insert into t values (?, now())"),
        ("select f(1, 2), any(array[1, 2])", "select f(?, ?), any(array[?])"),
        ("select a ? 'k', a ?| array['k'] from t", "select a ?? ?, a ??| array[?] from t"),
        ("create user bob with password 'x'", "create user bob with password ?"),
        ("alter role bob password plain", "alter role bob password ?"),
        ('create user bob identified by "my secret"', "create user bob identified by ?"),
        ("select password from users", "select password from users"),
        ("select $$a$$E'\\'b', $$a$$$$b$$, $$a$$5, 1$$a$$, $1E'\\'b'", "select ?, ?, ?, ?, ?"),
        ("select 1from t where a=$$x$$or b=0x1F and c", "select ?from t where a=?or b=? and c"),
        ("select 'unfinished", "select ?"),
        ("select $a$unfinished", "select ?"),
        ('select "unfinished', 'select "unfinished"'),
        ("select a /* unfinished", "select a"),
    ],
)
def test_normalised(sql, normalised):
    assert text(sql) == normalised


def test_fingerprint_tells_statements_apart_and_literals_not():
    first, same, other = (
        ANALYSER.analyse(sql, "postgres").fingerprint
        for sql in (
            "SELECT a FROM t WHERE b IN ('x', 'y')",
            "select a\tfrom t /* c */ where b in ($1, $2, $3)",
            "select a from u where b in (?)",
        )
    )
    assert first == same != other
    assert len(first) == 16
    assert int(first, 16) >= 0


MARK = "zq7secret"


def told(statement):
    """All of a statement but its comment, which ends in the exposure room."""
    return repr(msgspec.structs.replace(statement, comment=None))


# What surrounds a literal: the mark inside must never come out again.
QUOTED = (
    "'{}'", "'it''s {}'", "E'\\'{}'", "E'\\\\{}'", "$${}$$", "$t$' {} $t$", "U&'{}'", "'a'\n '{}'", "x'{}'",
    "/* ' {} */ 1", '1 -- " {}\n', "/* /* {} */ {} */ 2", "'/* {}'", "'-- {}'", '"x@{}"', "'\"{}'",
)  # fmt: skip
SHAPES = (
    "select a from t where b = {0} and c in ({0}, {1})",
    "insert into t (a) values ({0}), ({1})",
    "copy (select a from t where b = {0}) to {1}",
    "create user x password {0} valid until {1}",
    "select {0}::text, f({1}) from t",
    "declare c cursor for select a from t where b = {1}{0}",
    "select a from t where b = {0} {1}",
    "select {0}{1}from t where 1{0}and a1 {1}$1{0}",
)


@given(
    shape=st.sampled_from(SHAPES),
    quotes=st.lists(st.sampled_from(QUOTED), min_size=2, max_size=2),
    noise=st.text(alphabet='abc 1/*-$\n"', max_size=6),
    cut=st.integers(0, 60),
)
@settings(max_examples=600, deadline=None)
def test_no_literal_survives(shape, quotes, noise, cut):
    literals = [quote.replace("{}", MARK) for quote in quotes]
    sql = shape.format(*literals)
    whole = ANALYSER.analyse(sql, "postgres")
    assert MARK not in told(whole)
    # Also of a text that was cut anywhere, and of one with something before the literals.
    assert MARK not in told(ANALYSER.analyse(sql[: len(sql) - cut], "postgres")) or '"x@' in sql
    quiet = noise.replace('"', "").replace("$", "").replace("/*", "").replace("--", "").replace("-", " ")
    assert MARK not in told(ANALYSER.analyse(f"{quiet} {sql}", "postgres"))


@given(
    st.text(max_size=300) | st.binary(max_size=300).map(lambda raw: raw.decode("utf-8", "surrogateescape")),
    st.sampled_from(
        [
            "postgres",
            "mysql",
            "tsql",
            "oracle",
            "snowflake",
            "bigquery",
            "redshift",
            "trino",
            "databricks",
            "clickhouse",
        ]
    ),
)
@settings(max_examples=500, deadline=None)
def test_any_text_is_analysed_and_can_be_written(sql, dialect):
    found = ANALYSER.analyse(sql, dialect)
    repr(found).encode("utf-8")
    assert found.verb.isascii()


WORDS = (
    "select from where ( ) , * . ; ' \" $$ -- /* */ as with union all insert into values update set returning copy "
    "to declare cursor for case when then else end not in [ ] array over join on lateral a b t1 count( 1 ? :: e' "
    "create table group by recursive"
)


@given(st.lists(st.sampled_from(WORDS.split()), max_size=40).map(" ".join))
@settings(max_examples=800, deadline=None)
def test_any_heap_of_sql_words_gives_the_same_with_and_without_caches(sql):
    assert Analyser(cache_size=0).analyse(sql, "postgres") == ANALYSER.analyse(sql, "postgres")
