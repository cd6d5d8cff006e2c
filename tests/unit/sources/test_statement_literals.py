"""What is told beside the columns: who decided, how many rows at most, of whom, how far, and the comment."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamguard.sources.statement import Analyser, Interests, subject_hash
from streamguard.sources.statement.literals import MAX_SCOPE, MAX_SUBJECTS

KEY = b"a key of the tests"
INTERESTS = Interests.of({"Email", "id"}, {"country"}, KEY)
MAIL = "customers.email"
ID = "customers.id"


@pytest.fixture(scope="module")
def analyser():
    return Analyser(interests=INTERESTS)


def hashed(*values):
    return tuple(sorted(subject_hash(KEY, value) for value in values))


@pytest.mark.parametrize(
    ("sql", "columns", "filters"),
    [
        ("select name from customers where email = 'x'", ("customers.name",), (MAIL,)),
        ("select email from customers where email like 'x%'", (MAIL,), (MAIL,)),
        ("select c.name from customers c join orders o on o.customer = c.id", ("customers.name",), (ID, "orders.customer")),
        ("select o.total from customers c join orders o using (id)", ("orders.total",), ("id",)),
        ("select (a.b) from (customers a join orders o on o.x = a.y) where a.z > 1", ("customers.b",), ("customers.y", "customers.z", "orders.x")),
        ("select country from customers group by country having max(phone) > '1'", ("customers.country",), ("customers.phone",)),
        ("select case when phone is null then name end from customers", ("customers.name",), ("customers.phone",)),
        ("select email is null, count(*) filter (where phone = '1') from customers", (), (MAIL, "customers.phone")),
        ("select total from orders where customer in (select id from customers where email = 'x')", ("orders.total",), ("email", "id", "orders.customer")),
        ("select o.total from orders o where exists (select name from customers c where c.id = o.customer)", ("orders.total",), (ID, "orders.customer")),
        ("select m from (select email as m, phone from customers where id = 1) x where x.phone = '2'", (MAIL,), (ID, "customers.phone")),
        ("with x as (select email, country from customers) select email from x where country = 'DE'", (MAIL,), ("customers.country",)),
        ("update customers set name = 'x' where email = 'y'", (), (MAIL,)),
        ("delete from customers using orders o where o.customer = customers.id", (), (ID, "orders.customer")),
        ("merge into t using customers s on t.id = s.id when matched and s.phone = '1' then update set x = 1", (), (ID, "customers.phone", "t.id")),
        ("insert into leak select name from customers where email = 'x'", ("customers.name",), (MAIL,)),
        ("copy (select name from customers where email = 'x') to stdout", ("customers.name",), (MAIL,)),
        ("select name from customers order by email limit 3", ("customers.name",), ()),
        ("select name from customers where where email = 'x'", (), ()),
        # Whatever a condition calls does not make the result unknown.
        ("select name from customers where my_function(email)", ("customers.name",), (MAIL,)),
    ],
)  # fmt: skip
def test_columns_that_only_decide_are_told_apart(analyser, sql, columns, filters):
    found = analyser.analyse(sql, "postgres")
    assert (found.columns, found.filters) == (columns, filters)
    assert found.columns_known or not found.parsed


@pytest.mark.parametrize(
    ("sql", "dialect", "rows"),
    [
        ("select a from t limit 50", "postgres", 50),
        ("SELECT a FROM t\nLIMIT 50 ;\n", "postgres", 50),
        ("select a from t limit 50 offset 1000", "postgres", 50),
        ("select a from t where b = 'x 7' limit 50 -- 9", "postgres", 50),
        ("select a from t fetch first 5 rows only", "postgres", 5),
        ("select a from t fetch first row only", "postgres", 1),
        ("select a from t fetch first 5 rows with ties", "postgres", None),
        ("select a from (select a from t limit 5) x", "postgres", None),
        ("select a from t where b in (select c from u limit 3)", "postgres", None),
        ("(select a from t limit 4)", "postgres", 4),
        ("select a from t limit 3 union all select b from u", "postgres", None),
        ("select a from t union all select b from u limit 3", "postgres", 3),
        ("with x as (select 1 limit 2) select a from x limit 9", "postgres", 9),
        ("insert into u select a from t limit 7", "postgres", 7),
        ("copy (select a from t limit 6) to stdout", "postgres", 6),
        ("declare c cursor for select a from t limit 8", "postgres", 8),
        ("begin; select a from t limit 5; commit", "postgres", 5),
        ("select a from t limit 5; select a from t limit 6", "postgres", None),
        ("select a from t limit all", "postgres", None),
        ("select a from t limit $1", "postgres", None),
        ("select a from t limit 5e3", "postgres", None),
        ("select a from t limit 99999999999999999999", "postgres", None),
        ("select count(*), max(b) + 1 from t", "postgres", 1),
        ("select count(*) from t group by a", "postgres", None),
        ("select count(*) over () from t", "postgres", None),
        ("select a, count(*) from t", "mysql", None),
        ("select string_agg(email, ',') from customers", "postgres", None),
        ("select unnest(array_agg(email)) from customers", "postgres", None),
        ("select a from t", "postgres", None),
        ("fetch 100 from cur", "postgres", 100),
        ("fetch forward 100 in cur", "postgres", 100),
        ("fetch next from cur", "postgres", 1),
        ("fetch cur", "postgres", 1),
        ("fetch all from cur", "postgres", None),
        ("fetch forward all in cur", "postgres", None),
        ("move 5 in cur", "postgres", None),
        ("select top 10 a from t", "tsql", 10),
        ("select top (10) a from t", "tsql", 10),
        ("select top 10 percent a from t", "tsql", None),
        ("select top 10 with ties a from t order by a", "tsql", None),
        ("select a from t order by a offset 30 rows fetch next 10 rows only", "tsql", 10),
        ("select a from t limit 30, 10", "mysql", 10),
        ("select a from t where rownum <= 10 and b = 3", "oracle", 10),
        ("select a from t where b = 3 or rownum <= 10", "oracle", None),
        ("select a from t limit 10", "bigquery", 10),
        ("unload ('select a from t limit 12') to 's3://x'", "redshift", 12),
    ],
)  # fmt: skip
def test_rows_at_most(analyser, sql, dialect, rows):
    assert analyser.analyse(sql, dialect).rows_at_most == rows
    # Texts of one shape have their own number.
    other = sql.replace("5", "4").replace("10", "20")
    assert analyser.analyse(other, dialect).rows_at_most == Analyser().analyse(other, dialect).rows_at_most


def test_the_number_of_a_limit_is_each_text_s_own(analyser):
    assert [analyser.analyse(f"select a from t limit {n}", "postgres").rows_at_most for n in range(5)] == [
        0,
        1,
        2,
        3,
        4,
    ]


@pytest.mark.parametrize(
    ("sql", "dialect", "column", "values"),
    [
        ("select name from customers where email = 'A@x.com '", "postgres", MAIL, ["a@x.com"]),
        ("select name from customers where 'a@x.com' = lower(email)", "postgres", MAIL, ["a@x.com"]),
        ("select name from customers where email in ('a', 'b', lower('c'))", "postgres", MAIL, ["a", "b", "c"]),
        ("select name from customers where id in (1, 02, 3)", "postgres", ID, ["1", "2", "3"]),
        ("select name from customers where id = any(array[1, 2])", "postgres", ID, ["1", "2"]),
        ("select name from customers where id = any('{1,\"2\"}'::int[])", "postgres", ID, ["1", "2"]),
        ("select name from customers where email like 'j_doe'", "postgres", MAIL, ["j_doe"]),
        ("select name from customers where email = 'o''neil'", "postgres", MAIL, ["o'neil"]),
        ("select name from customers where email = E'o\\'neil'", "postgres", MAIL, ["o'neil"]),
        ("select name from customers where email = $$o'neil$$", "postgres", MAIL, ["o'neil"]),
        ("select name from customers where email = 'a'\n 'b' /* c */", "postgres", MAIL, ["ab"]),
        ("select name from customers where email = ''''''", "postgres", MAIL, ["''"]),
        ("select name from customers where email = '''a'''", "mysql", MAIL, ["'a'"]),
        ("select name from (select email as mail, name from customers) x where mail = 'a'", "postgres", MAIL, ["a"]),
        ("update customers set name = 'x' where id = 42", "postgres", ID, ["42"]),
        ("select 1 from t; delete from customers where id = 42", "postgres", ID, ["42"]),
        ('select name from customers where email = "o\\"neil"', "mysql", MAIL, ['o"neil']),
        ("select [name] from [customers] where [email] = N'a@x.com'", "tsql", MAIL, ["a@x.com"]),
        ("select name from customers where email = q'[o'neil]'", "oracle", MAIL, ["o'neil"]),
        ("select name from customers where email = '''a'b'''", "bigquery", MAIL, ["a'b"]),
        ('select name from customers where email = """a\\"b"""', "bigquery", MAIL, ['a"b']),
        ("unload ('select name from customers where email = ''a@x.com''') to 's3://x'", "redshift", MAIL, ["a@x.com"]),
        ("export data options(uri='x') as select name from customers where id = 5", "bigquery", ID, ["5"]),
    ],
)  # fmt: skip
def test_people_leave_as_hashes(analyser, sql, dialect, column, values):
    assert analyser.analyse(sql, dialect).subjects == ((column, hashed(*values)),)


@pytest.mark.parametrize(
    "sql",
    [
        "select name from customers where id between 1 and 5",
        "select name from customers where email like '%@x.com'",
        "select name from customers where not email = 'a'",
        "select name from customers where email not in ('a', 'b')",
        "select name from customers where email <> 'a'",
        "select name from customers where (id, phone) in ((1, '2'), (3, '4'))",
        "select name from customers where phone = 'a'",
        "insert into customers (email) values ('a@x.com')",
        "select name from customers where where email = 'a@x.com'",
        "create user email password 'a'",
    ],
)
def test_nobody_is_named_where_nobody_is_asked_for(analyser, sql):
    assert analyser.analyse(sql, "postgres").subjects == ()


@pytest.mark.parametrize(
    ("condition", "scope"),
    [
        ("country = 'DE'", ("DE",)),
        ("country in ('DE', 'FR', 'DE')", ("DE", "FR")),
        ("country in ('DE', 'Anna Weber')", ()),
        ("country in ('a@x.com', '4711', 'Anna Weber', 'é', '" + "x" * 33 + "')", ()),
        ("phone = 'DE'", ()),
    ],
)
def test_neutral_words_stay_and_nothing_else(analyser, condition, scope):
    found = analyser.analyse(f"select name from customers where {condition}", "postgres")
    assert found.scope == ((("customers.country", scope),) if scope else ())
    assert found.subjects == ()


def test_parameters_stand_for_literals(analyser):
    sql = "select name from customers where id = $2 and email in ($1, $3) and country = $4 limit $2"
    found = analyser.analyse(sql, "postgres", ("a", "42", None, "DE"))
    assert found.subjects == ((MAIL, hashed("a")), (ID, hashed("42")))
    assert found.scope == (("customers.country", ("DE",)),)
    assert found.rows_at_most == 42
    assert analyser.analyse(sql, "postgres").subjects == ()
    marks = analyser.analyse("select name from customers where id = ? and email = ?", "mysql", ("1", "a"))
    assert marks.subjects == ((MAIL, hashed("a")), (ID, hashed("1")))
    assert analyser.analyse("select name from customers where id = %s", "mysql", ("1",)).subjects == (
        (ID, hashed("1")),
    )


def test_what_is_read_is_bounded(analyser):
    ids = ", ".join(map(str, range(3 * MAX_SUBJECTS)))
    found = analyser.analyse(f"select name from customers where id in ({ids})", "postgres")
    assert found.subjects == ((ID, hashed(*map(str, range(MAX_SUBJECTS)))),)
    words = ", ".join(f"'c{n}'" for n in range(3 * MAX_SCOPE))
    assert len(analyser.analyse(f"select 1 from t where country in ({words})", "postgres").scope[0][1]) == MAX_SCOPE


def test_without_a_key_or_an_interest_nothing_is_read():
    sql = "select name from customers where id = 42 and country = 'DE'"
    assert Analyser(interests=Interests.of({"id"}, (), None)).analyse(sql, "postgres").subjects == ()
    assert Analyser().analyse(sql, "postgres").scope == ()
    # A name on both lists identifies people.
    both = Analyser(interests=Interests.of({"country"}, {"country"}, None))
    assert both.analyse(sql, "postgres").scope == ()
    with pytest.raises(ValueError, match="empty"):
        Interests.of({"id"}, (), b"")


@pytest.mark.parametrize(
    ("sql", "dialect", "comment"),
    [
        ("/* user:Jane.Doe */ select 1", "postgres", "user:Jane.Doe"),
        ("select 1 /*app='crm',user='jane'*/", "postgres", "app='crm',user='jane'"),
        ("-- Metabase:: userID: 7\nselect 1", "postgres", "Metabase:: userID: 7"),
        ("select 1 -- x\n, 2 -- y", "postgres", "x"),
        ("select '/* no */' from t", "postgres", None),
        ("select '/* no */' from t /* yes */", "postgres", "yes"),
        ("select /* a /* b */ c */ 1", "postgres", "a /* b */ c"),
        ("select 1 # x", "mysql", "x"),
        ("/*!50000 select */ 1 /* x */", "mysql", "x"),
        ("select /*+ full(t) */ a from t -- x", "oracle", "x"),
        ("select 1 // x", "snowflake", "x"),
        ("/**/ select 1", "postgres", None),
        ("/* " + "x " * 500 + "*/ select 1", "postgres", ("x " * 100).rstrip()),
        ("select from where /* x */", "postgres", "x"),
    ],
)
def test_first_comment(analyser, sql, dialect, comment):
    assert analyser.analyse(sql, dialect).comment == comment


def test_comments_are_no_part_of_the_fingerprint(analyser):
    plain, commented = (analyser.analyse(sql, "postgres") for sql in ("select 1", "/* user:x */ select 1"))
    assert (plain.fingerprint, plain.text, plain.comment) == (commented.fingerprint, commented.text, None)


@given(
    st.lists(
        st.text(max_size=12).filter(lambda value: "\\" not in value and "\0" not in value), min_size=1, max_size=4
    ),
    st.booleans(),
)
@settings(max_examples=200, deadline=None)
def test_every_value_is_found_on_every_way(values, slowly):
    literals = ", ".join("'{}'".format(value.replace("'", "''")) for value in values)
    comment = "/* a *//* b */" if slowly else ""
    analyser = Analyser(interests=INTERESTS)
    for _ in range(2):
        sql = f'select "name", 7 from customers where a = 5 {comment} and email in ({literals}) and b = 6'
        found = analyser.analyse(sql, "postgres")
        expected = tuple(sorted({subject_hash(KEY, value) for value in values}))
        assert found.subjects == ((MAIL, expected),)
        analyser._by_text.cache_clear()


def test_truncated_texts_tell_none_of_it():
    analyser = Analyser(max_statement_bytes=90, interests=INTERESTS)
    found = analyser.analyse("select name from customers where email = 'a@x.com' limit 5" + " " * 100, "postgres")
    assert (found.filters, found.subjects, found.rows_at_most) == ((), (), None)
