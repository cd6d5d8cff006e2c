"""What is asked for a statement, and that nothing is asked that a statement's author could have wished for."""

from __future__ import annotations

import pytest
import sqlglot
from unit.resolve.planning import asked, plan_of

from streamguard.resolve.plan import Outcome
from streamguard.resolve.whitelist import is_plain_read

EXACT, BOUNDED = Outcome.EXACT, Outcome.BOUNDED


@pytest.mark.parametrize(
    "sql",
    [
        "select pg_sleep(9), email from customers",
        "select email from customers where pg_sleep(9) is null",
        "select email from customers where id in (select nextval('s'))",
        "select email, lo_export(1, '/tmp/x') from customers order by 2 limit 5",
        "select email from customers where email ~ 'x' or dblink('host=evil', 'drop table x') is not null",
        "select email from customers c join dblink('host=evil', 'select 1') as t(id int) on t.id = c.id",
        "select c.email from customers c, lateral evil(c.id) e",
        "select email from evil(), customers",
        "select email from customers order by evil(id) limit 5",
        "select email into leak from customers",
        "select email from customers for update",
        "select email from customers tablesample system (10)",
        "with x as (delete from orders returning customer_id) select email from customers where id in (select customer_id from x)",
        "with x as (select evil(id), email from customers) select email from x",
        "select email::evil from customers where id::evil is null",
        "select email from customers group by email, evil(email) having evil(email) is null",
        "select email from customers where exists (select evil(id) from orders)",
        "select email from customers limit evil()",
        "insert into leak select evil(email) from customers",
        "update customers set email = evil(email) where evil(id) is null returning email",
        "declare c cursor for select evil(email) from customers",
        "copy (select email from customers where evil(id)) to program 'sh'",
        "select email from customers c where c.id operator(public.=) 5",
        "select email, (select pg_read_file('/etc/passwd')) from customers",
    ],
)
def test_whatever_a_statement_does_the_question_only_reads(sql):
    for question in plan_of(sql).questions:
        assert is_plain_read(question.carried.query)
    text = asked(sql).lower()
    for word in (
        "evil",
        "pg_sleep",
        "nextval",
        "lo_export",
        "dblink",
        "pg_read",
        "delete",
        "into",
        "for update",
        "copy",
    ):
        assert word not in text, text
    assert not text or text.startswith(("select", "with")), text
    for statement in sqlglot.parse(text, read="postgres"):
        assert statement is None or isinstance(statement, sqlglot.exp.Select)


@pytest.mark.parametrize(
    ("sql", "outcome", "words"),
    [
        ("select email from customers order by id limit 5 offset 10", EXACT, "ORDER BY id LIMIT 5 OFFSET 10"),
        ("select c.email from customers c order by c.id desc limit 5", EXACT, "ORDER BY c.id DESC LIMIT 5"),
        ("select email from customers order by id, email limit 5", EXACT, "LIMIT 5"),
        ("select email from customers order by id fetch first 5 rows only", EXACT, "LIMIT 5"),
        ("select email from customers order by id fetch first 5 rows with ties", BOUNDED, "AS customers )"),
        ("select email from customers limit all", EXACT, "AS customers )"),
        ("select email from customers order by id limit total", BOUNDED, "AS customers )"),
        ("select id as n, email from customers order by n limit 5", EXACT, "ORDER BY id LIMIT 5"),
        ("select email from customers order by email limit 5", BOUNDED, "AS customers )"),
        ("select email from customers order by lower(email) limit 5", BOUNDED, "AS customers )"),
        # Of a join the key of one table orders the people of that table only.
        ("select a.email, b.phone from customers a join customers b on b.id = a.id order by a.id limit 5", BOUNDED, "b.id = a.id )"),
        ("select email from customers where total > 5 and country = 'DE'", BOUNDED, "TRUE AND country = 'DE'"),
        ("select email from customers where total > 5 and country = 'DE' order by id limit 3", BOUNDED, "country = 'DE' )"),
        ("select email from customers where not (total > 5 and country = 'DE')", BOUNDED, "WHERE TRUE )"),
        ("select email from customers where country = 'DE' or total > 5", BOUNDED, "country = 'DE' OR TRUE"),
        ("select email from customers where case when total > 5 then true end", BOUNDED, "WHERE TRUE )"),
        ("select c.email from customers c join orders o on o.customer_id = c.id and o.total > 5", BOUNDED, "o.customer_id = c.id AND TRUE"),
        ("select email from customers where id in (1, 2) and id in (2, 3)", BOUNDED, "<3 values known by hash"),
        ("select max(email) from customers", BOUNDED, "AS customers )"),
        ("select email, count(*) from customers group by email having count(*) > 1", BOUNDED, "AS customers )"),
        ("select distinct email from customers limit 5", BOUNDED, "AS customers )"),
        ("select email from customers where id = 3 except select email from customers where id = 4", BOUNDED, "public.customers AS customers )"),
        ("with recursive x as (select email from customers union select email from x) select email from x", BOUNDED, "public.customers AS customers )"),
    ],
)  # fmt: skip
def test_what_is_not_certain_is_bounded_from_above(sql, outcome, words):
    plan = plan_of(sql)
    assert (plan.outcome, plan.why != "") == (outcome, True), plan.why
    assert words in asked(sql)


def test_the_schema_of_every_table_is_written():
    text = asked(
        "with customers as (select id from orders) select c.email from public.customers c join orders o on true"
    )
    assert "FROM public.customers AS c JOIN public.orders AS o" in text


def test_where_nothing_can_be_asked_it_says_why():
    plan = plan_of("select email from leads")
    assert (plan.outcome, plan.questions) == (Outcome.NOT_RESOLVABLE, ())
    assert "subject_key of public.leads" in plan.why


def test_a_cursor_is_read_as_far_as_it_was_fetched():
    declared = "declare c cursor for select email from customers where country = 'DE' order by id"
    assert plan_of(declared).outcome is BOUNDED
    plan = plan_of(declared, fetched=20)
    assert plan.outcome is EXACT
    assert "LIMIT 20" in plan.questions[0].carried.query.sql("postgres")
    assert plan_of(declared.removesuffix(" order by id"), fetched=20).people_at_most == 20
    assert plan_of(f"{declared} limit 10", fetched=20).questions[0].carried.query.sql("postgres").count("LIMIT 10") == 1
    assert "LIMIT" not in plan_of(declared, fetched=1 << 62).questions[0].carried.query.sql("postgres")


def test_no_value_of_anybody_is_shown():
    text = asked("select email from customers where id in (4711, 4712) and country = 'DE' and email = 'a@b.c'")
    assert "4711" not in text
    assert "a@b.c" not in text
    assert "<2 values known by hash, looked up in public.customers.id>" in text
    assert "country = 'DE'" in text
