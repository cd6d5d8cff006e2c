"""Values that are no literals of SQL: passwords as bare words, keys, arguments, paths, pasted rows."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from streamguard.sources.statement import Analyser
from streamguard.sources.statement.normalise import normalise

ANALYSER = Analyser()
SECRET = "zq7secret"
TEXTS = [
    ("tsql", "exec xp_cmdshell 'sqlcmd -U sa -P {}'"),
    ("tsql", "exec xp_cmdshell 'copy c:\\{} d:'"),
    ("postgres", 'do language plpython3u $$ pw="{}" $$'),
    ("postgres", 'do $$ select="{}" $$ language plpython3u'),
    ("postgres", 'do $$ pw="{}" $$'),
    ("postgres", "select dblink_connect('host=x password={}')"),
    ("postgres", "select table_to_xml('{} x', true, true, '')"),
    ("oracle", "alter user alice identified by newpw replace {}"),
    ("oracle", "begin execute immediate 'alter user a identified by b replace {}'; end;"),
    ("oracle", "begin execute immediate 'begin null; end; alter user a identified by {}'; end;"),
    ("oracle", "grant connect to a, b identified by p1, {}"),
    ("oracle", "administer key management set keystore open identified by {}"),
    ("oracle", "begin null; end; alter user u identified by {}"),
    ("oracle", "connect u/{}@db"),
    ("oracle", "conn u/{}@db.example.com"),
    ("postgres", "select 1; alter role bob password {}"),
    ("tsql", "exec sp_addlogin @loginame=l, @passwd={}"),
    ("tsql", "sp_addlogin l, {}"),
    ("tsql", "exec p {}"),
    ("tsql", "use crm exec dbo.p @x, null, {} select a from t"),
    ("snowflake", "get @stage/{}.csv file:///home/x/"),
    ("snowflake", "get @stage/x file:///home/{} x/y"),
    ("snowflake", "put file:///home/{}/x @stage/{}"),
    ("snowflake", "copy into @stage/{}.csv from t"),
    ("snowflake", "list @~/{}"),
    ("snowflake", "rm @stage/{}"),
    ("redshift", "copy t from 's3://x' access_key_id {} secret_access_key {}/a+b session_token {}"),
    ("postgres", "copy t from stdin;\n1\t{}\n\\.\n"),
    ("postgres", "copy t from stdin with (format csv);\n1,a;{}\n"),
]


@pytest.mark.parametrize(("dialect", "sql"), TEXTS, ids=[row[1] for row in TEXTS])
def test_no_secret_survives(dialect, sql):
    sql = sql.replace("{}", SECRET)
    assert SECRET not in repr(ANALYSER.analyse(sql, dialect))
    # Nor in a text that is cut, nor in a long one.
    assert SECRET not in repr(Analyser(max_statement_bytes=48).analyse(sql, dialect))


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("postgres", "select exec from customers exec cross join orders"),
        ("postgres", "create trigger a before insert on t for each row execute function f()"),
        ("postgres", "copy t from stdin; select a from customers"),
        ("mysql", "execute s using @a"),
        ("tsql", "exec p select a from customers"),
        ("tsql", "grant execute on p to bob"),
        ("tsql", "select @a/salary from customers"),
        ("oracle", "select a from t connect by prior a = b"),
        ("redshift", "copy t (access_key_id, b) from ?"),
        ("redshift", "copy (select session_token from t) to ?"),
    ],
)
def test_what_is_no_secret_stays(dialect, sql):
    assert normalise(sql, dialect) == sql


PIECES = (
    "identified by ", "replace ", "password ", "alter user ", "connect ", "exec ", "exec p ", "sp_a ", "copy t from stdin",
    "; ", ", ", "@a = ", "@s/", "put ", "get ", "file://", "access_key_id ", "copy ", "a ", "b", "? ", "'x' ", '"n" ', "null ",
    "values ", "output ", "select ", " ", "/", "=",
)  # fmt: skip


@given(st.sampled_from(["postgres", "tsql", "oracle", "snowflake"]), st.lists(st.sampled_from(PIECES), max_size=10))
@example("oracle", ["identified by ", "file://", ", "])
@settings(max_examples=800, deadline=None)
def test_doing_it_twice_changes_nothing(dialect, pieces):
    once = normalise("".join(pieces), dialect)
    assert normalise(once, dialect) == once


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", [*PIECES, "copy a from stdin ", "exec p a, ", ";put a", "identified by a, "])
def test_repetition_takes_linear_time(piece):
    for start in ("", "copy t ", "put ", "alter user ", "exec p a"):
        for dialect in ("tsql", "oracle"):
            normalise(start + piece * (60_000 // len(piece)), dialect)
