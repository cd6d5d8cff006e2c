"""Texts that would keep the parser busy for ever are not parsed; those that people write are."""

from __future__ import annotations

import pytest

from streamguard.sources.statement import Analyser

BUSY = [
    pytest.param("select * from a " + "join b " * 40, "mysql", id="joins without conditions"),
    pytest.param(
        "select * from a " + "left join (select x from b) c " * 40, "tsql", id="left joins without conditions"
    ),
    pytest.param("select " + "row(" * 30 + "a" + ")" * 30, "trino", id="types that are functions"),
    pytest.param("select " + "binary(" * 30 + "a" + ")" * 30, "mysql", id="binary"),
    pytest.param("select " + "user-defined(" * 30 + "a" + ")" * 30, "postgres", id="a type of two words"),
    pytest.param("select " + "case when date(" * 19 + "a" + ") then 1 end" * 19, "databricks", id="types in between"),
    pytest.param("select a " + "limit (select a " * 30 + ")" * 30, "postgres", id="a limit in a limit"),
    pytest.param("select date(date(date(date(date(" + "a + " * 5_000 + "a)))))", "oracle", id="a long text read often"),
    pytest.param("select a from " + "t" * 300, "postgres", id="a name that no database has"),
    pytest.param("select * from " + "unnest(a), " * 2_000 + "t", "bigquery", id="thousands of functions"),
]
USUAL = [
    pytest.param("select a from t " + "join u on t.x = u.y " * 100, "postgres", id="joins with conditions"),
    pytest.param("select a from t " + "left join u using (x) " * 100, "redshift", id="joins with columns"),
    pytest.param("select a from t " + "cross join u " * 100, "trino", id="cross joins"),
    pytest.param("select a from t join u join v join w where t.x = u.x", "mysql", id="some joins without conditions"),
    pytest.param("select a from t join u join v on u.x = v.x on t.x = u.x", "postgres", id="conditions behind"),
    pytest.param("select " + "coalesce(" * 30 + "a" + ")" * 30 + " from t", "postgres", id="functions in functions"),
    pytest.param("select struct(array(struct(date(a)))) from t", "bigquery", id="types in types"),
    pytest.param(
        " union all ".join(["select a from t join u"] * 40), "mysql", id="a join without condition in each of many"
    ),
]


@pytest.mark.parametrize(("text", "dialect"), BUSY)
def test_a_text_that_keeps_the_parser_busy_is_read_by_patterns(text, dialect):
    found = Analyser().analyse(text, dialect)
    assert (found.verb, found.parsed, found.columns_known) == ("SELECT", False, False)


@pytest.mark.parametrize(("text", "dialect"), USUAL)
def test_a_text_that_people_write_is_parsed(text, dialect):
    found = Analyser().analyse(text, dialect)
    assert (found.verb, found.parsed) == ("SELECT", True)


def test_of_queries_in_a_list_the_first_are_read_and_the_rest_is_unknown():
    queries = ", ".join(f"(dblink('select c from t{number}'))" for number in range(100))
    found = Analyser().analyse(f"insert into x values {queries}", "postgres")
    assert sum(table.startswith("t") for table in found.tables) == 8
    assert not found.columns_known
