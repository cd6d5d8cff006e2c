"""Several statements in a row, and commands that look as if they returned nothing."""

from __future__ import annotations

import pytest

from streamguard.sources.statement import Analyser
from streamguard.sources.statement.batches import is_alone, split_batch

ANALYSER = Analyser()
ALL = ("customers.*",)


@pytest.mark.parametrize(
    "before",
    [
        "use crm", "begin transaction", "drop table if exists #t", "update orders set total=1 where id=1",
        "truncate table t", "alter table t add a int", "create index i on t (a)", "kill 53", "grant select on t to bob",
        "commit", "rollback", "delete from t where a=1", "begin try", "create table #t (a int)", "set @x = 1",
        "insert into t values (1)",
    ],
)  # fmt: skip
def test_query_behind_another_statement_of_a_batch_is_seen(before):
    found = ANALYSER.analyse(f"{before}\nselect * from customers", "tsql")
    assert found.columns == ALL
    assert "customers" in found.tables
    assert found.verb in {"SELECT", "UPDATE", "DELETE", "INSERT"}
    # Without the dialect nothing is split; then nothing is certain.
    found = ANALYSER.analyse(f"{before}\nselect * from customers", "postgres")
    assert found.columns == ALL or not found.columns_known


@pytest.mark.parametrize(
    "sql",
    [
        "insert into t (a) select a from b union all select c from d",
        "with x as (select a from t) update x set a = ?",
        "merge into t using s on t.a = s.a when matched then update set a = ? when not matched then insert (a) values (?)",
        "select case when a = ? then ? else ? end b from t where c between ? and ? option (recompile)",
        "create procedure p as begin select a from t update t set a = ? end",
        "grant select, update, execute on t to bob",
        "alter table t alter column a int",
        "drop table if exists t",
        "declare c cursor for select a from t for update of a",
        "insert into t exec p",
        "select a from t with (nolock) union select b from c",
    ],
)
def test_one_statement_is_not_split(sql):
    assert split_batch(sql) == [sql]


def test_pieces_of_a_batch_are_the_batch():
    sql = (
        "use crm if exists (select ? from t) begin select a from t end else exec p with x as (select ?) select * from x"
    )
    pieces = split_batch(sql)
    assert "".join(pieces) == sql
    assert [piece.strip() for piece in pieces][-2:] == ["exec p", "with x as (select ?) select * from x"]


def test_mariadb_block_is_looked_into():
    found = ANALYSER.analyse("begin not atomic select * from customers; end", "mysql")
    assert (found.verb, found.columns) == ("SELECT", ALL)


@pytest.mark.parametrize("text", ["use a select b", "drop t (", "alter t exec p", "a with x as (b) c", "t output a"])
def test_what_may_hold_another_statement_is_not_silent(text):
    assert not is_alone(text)


@pytest.mark.parametrize("text", ["grant select on t to bob", "create view v as select a from t", "set a = (select b)"])
def test_what_has_a_query_by_its_own_grammar_is_alone(text):
    assert is_alone(text)


@pytest.mark.parametrize(
    ("dialect", "sql", "verb", "export", "columns"),
    [
        ("mysql", "replace into t select * from customers", "REPLACE", None, ALL),
        ("mysql", "replace low_priority t select * from customers", "REPLACE", None, ALL),
        ("mysql", "replace into t (a) values (1) returning b", "REPLACE", None, ("t.b",)),
        ("mysql", "replace into t (a) values (1)", "REPLACE", None, ()),
        ("mysql", "create table t select * from customers", "CREATE TABLE AS", "create_table_as", ALL),
        ("mysql", "create table t (a int) ignore select * from customers", "CREATE TABLE AS", "create_table_as", ALL),
        ("mysql", "create table t (select * from customers)", "CREATE TABLE AS", "create_table_as", ALL),
        ("snowflake", "copy into @a/b.csv file_format=(type=csv) from customers", "COPY", "unload", ALL),
        ("redshift", "alter table x append from customers", "ALTER", "create_table_as", ALL),
        ("tsql", "select * from srv.crm.dbo.customers", "SELECT", None, ("dbo.customers.*",)),
    ],
)
def test_commands_that_move_data(dialect, sql, verb, export, columns):
    found = ANALYSER.analyse(sql, dialect)
    assert (found.verb, found.export, found.columns, found.columns_known) == (verb, export, columns, True)


def test_insert_of_what_a_procedure_returns_is_not_known():
    assert not ANALYSER.analyse("insert into t exec p", "tsql").columns_known


def test_export_that_is_not_understood_is_never_silent():
    found = ANALYSER.analyse("copy into @a/b.csv something else from customers", "snowflake")
    assert (found.export, found.columns_known) == ("unload", False)


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("postgres", "select string_agg(email,',') from (select email from customers group by email) x"),
        ("postgres", "select string_agg(email,',') from customers group by true"),
        ("postgres", "select string_agg(email,',') from customers group by ()"),
        ("oracle", "select cast(multiset(select email from customers) as mails) from dual"),
        ("oracle", "select cursor(select email from customers) from dual"),
    ],
)
def test_gathering_is_seen_whatever_the_grouping(dialect, sql):
    found = ANALYSER.analyse(f"{sql} fetch first 1 rows only", dialect)
    assert (found.export, found.rows_at_most) == ("aggregate_into_one_row", None)


@pytest.mark.parametrize(
    ("dialect", "sql", "tables"),
    [
        ("postgres", "/*" + "x" * 40_000 + "*/ select * from customers", ("customers",)),
        ("postgres", "/*a*/ /*" + "x" * 40_000 + "*/ select * from customers", ("customers",)),
        ("postgres", "select 1; " * 4_000 + "select * from customers", ("customers",)),
        ("tsql", "select where from orders o with (nolock), customers c", ("customers", "orders")),
        ("postgres", "select where from (customers c join b on f(1) = 1) j, d", ("b", "customers", "d")),
        ("tsql", "select where where from srv.crm.dbo.customers, crm..orders", ("crm.orders", "dbo.customers")),
        ("postgres", "select table_to_xml('crm.customers', true, true, '')", ("crm.customers",)),
    ],
    ids=lambda value: value[-40:] if isinstance(value, str) else "",
)
def test_no_table_is_lost(dialect, sql, tables):
    found = ANALYSER.analyse(sql, dialect)
    assert found.tables == tables
    assert found.verb == "SELECT"


def test_query_behind_a_long_comment_is_understood():
    found = ANALYSER.analyse("/*" + "x" * 40_000 + "*/ select * from customers", "postgres")
    assert (found.columns, found.columns_known, found.comment) == (ALL, True, "x" * 200)


def test_tables_of_long_texts_are_those_of_each():
    texts = [f"select '{'x' * 40_000}' from {table}" for table in ("a", "b")]
    assert [ANALYSER.analyse(text, "postgres").tables for text in texts] == [("a",), ("b",)]
