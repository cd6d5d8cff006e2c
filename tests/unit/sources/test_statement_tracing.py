"""Columns that are easily lost on their way through a syntax tree: not seen must never be wrong."""

from __future__ import annotations

import pytest
import sqlglot

from streamguard.sources.statement import Analyser
from streamguard.sources.statement.bounds import NO_BOUND, bound_of
from streamguard.sources.statement.reveal import Tracer

MAIL = "customers.email"
ALL = "customers.*"


@pytest.fixture(scope="module")
def analyser():
    return Analyser()


# dialect, statement, columns, which are complete.
KNOWN = [
    # words that some dialects reserve are columns in others, and everywhere with a table or in quotes
    ("mysql", "select user from accounts", ("accounts.user",)),
    ("bigquery", "select user from accounts", ("accounts.user",)),
    ("trino", "select user from accounts", ("accounts.user",)),
    ("databricks", "select user, rownum from accounts", ("accounts.rownum", "accounts.user")),
    ("postgres", 'select "user" from accounts', ("accounts.user",)),
    ("postgres", "select a.user from accounts a", ("accounts.user",)),
    ("tsql", "select [user] from accounts", ("accounts.user",)),
    # what is written into another table can be read there
    ("postgres", "update orders o set total = c.email from customers c returning o.total", (MAIL, "orders.total")),
    ("postgres", "update orders o set total = (select c.email from customers c limit 1)", (MAIL,)),
    ("postgres", "update orders set (a, b) = (select c.email, c.phone from customers c)", (MAIL, "customers.phone")),
    ("mysql", "update orders o join customers c on o.id = c.id set o.total = c.email", (MAIL,)),
    ("postgres", "update customers set note = lower(email)", (MAIL,)),
    ("postgres", "insert into o (id) values (1) on conflict (id) do update set a = (select c.email from customers c)",
     (MAIL,)),
    ("postgres", "insert into o values (1) on conflict (id) do update set a = (table customers) returning o.a",
     (ALL, "o.a")),
    ("mysql", "insert into orders (id) select id from customers on duplicate key update total = customers.email",
     (MAIL, "customers.id")),
    ("postgres", "merge into x using customers c on x.id = c.id when not matched then insert (a) values (c.email)",
     (MAIL,)),
    ("tsql", "merge into orders t using customers s on t.id = s.id when matched then update set total = s.email;",
     (MAIL,)),
    ("databricks", "merge into x using customers c on x.id = c.id when not matched then insert *", (ALL,)),
    ("databricks", "merge into x using customers c on x.id = c.id when matched then update set *", (ALL,)),
    ("bigquery", "merge into x using customers c on x.id = c.id when not matched then insert row", (ALL,)),
    ("databricks", "merge into x using (select email from customers) c on true when not matched then insert *",
     (MAIL,)),
    ("postgres", "merge into x using customers c on x.id = c.id when matched then delete", ()),
    ("databricks", "insert into x table customers", (ALL,)),
    # a column that is made of itself, of a default, or of the row that is inserted goes nowhere
    ("postgres", "update customers set visits = visits + 1, name = default where id = 3", ()),
    ("postgres", "insert into c (id) values (1) on conflict (id) do update set n = excluded.n, m = c.m + 1", ()),
    ("mysql", "insert into c (n) values (1) on duplicate key update n = values(n)", ()),
    ("mysql", "insert into c (n) values (1) as new on duplicate key update n = new.n", ()),
    # ClickHouse
    ("clickhouse", "select * from customers final", (ALL,)),
    ("clickhouse", "select c.email from customers as c final, orders", (MAIL,)),
    ("clickhouse", "select email from customers final, orders", ("email",)),
    ("clickhouse", "select columns('em') from customers", (ALL,)),
    ("clickhouse", "select max(columns('em')) from customers", (ALL,)),
    # functions of a FROM are looked into
    ("snowflake", "select f.value from customers c, table(flatten(input => c.email)) f", (MAIL,)),
]  # fmt: skip


@pytest.mark.parametrize(("dialect", "sql", "columns"), KNOWN, ids=[f"{row[0]}: {row[1]}"[:90] for row in KNOWN])
def test_columns_are_traced(analyser, dialect, sql, columns):
    found = analyser.analyse(sql, dialect)
    assert (found.columns, found.columns_known, found.parsed) == (columns, True, True)


UNKNOWN = [
    ("snowflake", "select * from identifier('customers')"),
    ("snowflake", "select email from identifier('customers')"),
    ("snowflake", "select identifier('email') from customers"),
    ("snowflake", "select * from table('customers')"),
    ("snowflake", "select * from table(identifier('customers'))"),
    ("snowflake", "select $2 from customers"),
    ("snowflake", "select t.$2 from customers t"),
    ("snowflake", "select upper($2) as x from customers"),
    ("snowflake", "select * from @stage"),
    ("tsql", "select * from @t"),
    ("clickhouse", "select c.columns('em') from customers c"),
    ("postgres", "update t set a = my_function(1) returning a"),
]


@pytest.mark.parametrize(("dialect", "sql"), UNKNOWN, ids=[f"{row[0]}: {row[1]}"[:90] for row in UNKNOWN])
def test_what_no_name_tells_is_unknown(analyser, dialect, sql):
    found = analyser.analyse(sql, dialect)
    assert found.parsed
    assert not found.columns_known


@pytest.mark.parametrize(
    ("dialect", "sql", "columns"),
    [
        ("postgres", "select user, ctid from a", set()),
        ("postgres", 'select "user" from a', {"a.user"}),
        ("postgres", "select ctid from (select email as ctid from customers) x", {MAIL}),
        ("oracle", "select rownum, user from a", set()),
        ("tsql", "select user from a", set()),
        ("tsql", "select @1, b from a", {"a.b"}),
        ("mysql", "select user from a", {"a.user"}),
        (None, "select user from a", {"a.user"}),
    ],
)  # fmt: skip
def test_words_of_the_session_are_no_columns_where_they_are_reserved(dialect, sql, columns):
    assert Tracer(dialect).trace(sqlglot.parse_one(sql, dialect=dialect)) == columns


@pytest.mark.parametrize(
    ("dialect", "column", "mark"),
    [("oracle", "rownum", 0), ("postgres", "rownum", None), ("oracle", "t.rownum", None), ("oracle", '"rownum"', None)],
)
def test_rownum_counts_rows_only_in_oracle(dialect, column, mark):
    tree = sqlglot.parse_one(f"select a from t where {column} <= 'm0'", dialect=dialect)
    assert bound_of(tree, dialect) == NO_BOUND._replace(mark=mark)


@pytest.mark.parametrize(
    ("dialect", "sql", "rows"),
    [
        ("postgres", "select string_agg(email, ',') from (select email from customers group by email) x", None),
        ("postgres", "select max(e) from (select json_agg(email) as e from customers group by a) x", None),
        ("mysql", "select group_concat(email) from (select email from customers group by email) x", None),
        ("clickhouse", "select groupArray(email) from (select email from customers group by email)", None),
        ("postgres", "select count(*), max(email), sum(a) / count(b) from customers", 1),
    ],
)
def test_one_row_of_everybody_is_not_one_row(analyser, dialect, sql, rows):
    assert analyser.analyse(sql, dialect).rows_at_most == rows


@pytest.mark.parametrize(("dialect", "known"), [("tsql", True), ("snowflake", False)])
def test_a_numbered_parameter_is_no_column(dialect, known):
    tracer = Tracer(dialect)
    tracer.trace(sqlglot.parse_one("update t set a = @1" if known else "update t set a = $1", dialect=dialect))
    assert tracer.known == known
