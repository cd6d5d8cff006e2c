"""Statement text is the attacker's: size, nesting and repetition cost bounded time and never an exception."""

from __future__ import annotations

import sys

import pytest

from streamguard.sources.statement import Analyser

NESTED = {
    "parentheses": ("(", "1", ")"),
    "subqueries": ("(select ", "1", ")"),
    "functions": ("f(", "1", ")"),
    "cases": ("case when a then 1 else ", "1", " end"),
    "not": ("not ", "a", ""),
    "minus": ("- ", "a", ""),
    # 40 nested arrays take the parser for ever.
    "arrays": ("array[", "1", "]"),
    "subscripts": ("", "a", "[1]"),
    "in": ("a in (select 1 where ", "1=1", ")"),
    "casts": ("cast(", "1", " as int)"),
}


@pytest.mark.parametrize("kind", NESTED)
@pytest.mark.parametrize("depth", [10, 60, 2_000])
@pytest.mark.timeout(20)
def test_nesting_is_bounded_and_loses_no_table(kind, depth):
    before, core, after = NESTED[kind]
    sql = f"select {before * depth}{core}{after * depth} from customers"
    found = Analyser(max_statement_bytes=200_000).analyse(sql, "postgres")
    assert found.tables == ("customers",)
    assert found.parsed is (depth == 10) or kind in {"arrays", "minus", "not", "subscripts"}


@pytest.mark.parametrize("spare", [120, 400])
def test_what_is_told_does_not_depend_on_the_depth_of_the_caller(spare):
    sql = "select " + "(select " * 38 + "email" + ")" * 38 + " from customers"
    expected = Analyser().analyse(sql, "postgres")

    def deeper(levels):
        return deeper(levels - 1) if levels else Analyser().analyse(sql, "postgres")

    depth = 0
    frame = sys._getframe()
    while frame is not None:
        depth, frame = depth + 1, frame.f_back
    assert expected.parsed
    assert deeper(max(0, spare - depth)) == expected


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "sql",
    [
        "select a" + "a" * 30_000 + " @",
        "select 'a'" + "\n" * 32_000,
        "select from a" + ", a" * 10_000,
        "select " + '"a' * 10_000,
        "select " + "$a" * 16_000,
        "/*" * 16_000,
        "select 1;" * 3_000,
        "select " + ",".join(f"a{n}" for n in range(3_000)) + " from " + ",".join(f"t{n}" for n in range(900)),
        "with " + ",".join(f"a{n + 1} as (select * from a{n} x, a{n} y)" for n in range(600)) + " select * from a600",
        "insert into t values " + ",".join(f"(f{n}(), 1)" for n in range(2_000)),
        "select " + ",".join("a[1][2]" for _ in range(3_000)),
    ],
    ids=lambda sql: sql[:24],
)
def test_repetition_is_bounded(sql):
    Analyser().analyse(sql, "postgres")


@pytest.mark.timeout(20)
def test_nested_recursive_expressions_are_traced_once_each():
    sql = "select email from customers"
    for level in range(38):
        sql = f"with recursive a{level} as ({sql} union select 'x') select * from a{level}"
    found = Analyser().analyse(sql, "postgres")
    assert found.columns == ("customers.email",)


def test_ten_thousand_ids_are_one_mark():
    sql = f"select email from customers where id in ({', '.join(map(str, range(10_000)))})"
    found = Analyser(max_statement_bytes=100_000).analyse(sql, "postgres")
    assert found.text == "select email from customers where id in (?)"
    assert found.columns_known


def test_cut_text_is_told_as_cut():
    found = Analyser(max_statement_bytes=64).analyse(
        "select email from customers where name = '" + "é" * 100, "postgres"
    )
    assert found.text == "select email from customers where name = ? ..."
    assert found.tables == ("customers",)
    assert not found.columns_known
    assert not found.parsed


@pytest.mark.parametrize("length", range(58, 70))
def test_cut_counts_bytes_and_never_halves_a_character(length):
    found = Analyser(max_statement_bytes=64).analyse(("select " + "é" * 60)[:length], "postgres")
    found.text.encode("utf-8")
    assert len(found.text.removesuffix(" ...").encode()) <= 64


def test_more_statements_than_are_read_are_not_known():
    assert not Analyser().analyse("select 1;" * 51, "postgres").columns_known
    assert Analyser().analyse("select 1;" * 50, "postgres").columns_known


def test_caches_are_bounded_and_long_texts_stay_out_of_the_first():
    analyser = Analyser(cache_size=3)
    for number in range(10):
        analyser.analyse(f"select a{number} from t", "postgres")
    analyser.analyse("select b from t where c = '" + "x" * 5_000 + "'", "postgres")
    assert analyser._by_text.cache_info().currsize == 3
    assert analyser._by_text.cache_info().misses == 10
    assert analyser._by_normalised.cache_info().currsize == 3


def test_texts_that_differ_in_literals_are_parsed_once():
    analyser = Analyser()
    for number in range(20):
        analyser.analyse(f"select a from t where b = {number} and c in ({'1,' * number}1)", "postgres")
    assert analyser._by_normalised.cache_info().misses == 1
