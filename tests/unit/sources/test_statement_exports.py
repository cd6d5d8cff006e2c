"""Ways out of every dialect, recognised with or without a grammar for them."""

from __future__ import annotations

import pytest

from streamguard.sources.statement import Analyser

C = ("customers",)
MAIL = ("customers.email",)
ALL = ("customers.*",)


@pytest.fixture(scope="module")
def analyser():
    return Analyser()


# dialect, statement, verb, export, tables, columns (None: they cannot be told)
WAYS_OUT = [
    ("redshift", "UNLOAD ('select email from customers where region = ''eu''') TO 's3://b' IAM_ROLE 'r'", "UNLOAD", "unload", C, MAIL),
    ("redshift", "unload ($$select email from customers$$) to 's3://b'", "UNLOAD", "unload", C, MAIL),
    ("trino", "unload (select email from customers) to 's3://b' with (format = 'CSV')", "UNLOAD", "unload", C, MAIL),
    ("mysql", "select email into outfile '/tmp/x' fields terminated by ',' from customers", "SELECT", "outfile", C, MAIL),
    ("mysql", "select email from customers into dumpfile '/tmp/x'", "SELECT", "outfile", C, MAIL),
    ("mysql", "table customers into outfile '/tmp/x'", "SELECT", "outfile", C, ALL),
    ("mysql", "select email into @a from customers", "SELECT", "into_variable", C, MAIL),
    ("mysql", "handler customers read next limit 100", "HANDLER", "cursor", (), None),
    ("mysql", "prepare s from 'select email from customers'", "PREPARE", None, C, MAIL),
    ("mysql", "select group_concat(email) from customers", "SELECT", "aggregate_into_one_row", C, MAIL),
    ("mysql", "select json_arrayagg(email) from customers", "SELECT", "aggregate_into_one_row", C, MAIL),
    ("bigquery", "export data options (uri='gs://x/*') as select email from d.customers", "EXPORT DATA", "unload", ("d.customers",), ("d.customers.email",)),
    ("bigquery", "create snapshot table d.s clone p.d.customers", "CREATE TABLE AS", "create_table_as", ("d.customers", "d.s"), ("d.customers.*",)),
    ("bigquery", "create table d.s copy d.customers", "CREATE TABLE AS", "create_table_as", ("d.customers", "d.s"), ("d.customers.*",)),
    ("bigquery", "select * from external_query('p.eu.c', 'select email from customers')", "SELECT", "server_function", C, None),
    ("bigquery", "execute immediate 'select email from customers'", "EXECUTE", None, C, MAIL),
    ("bigquery", "from customers |> select email", "SELECT", None, C, MAIL),
    ("snowflake", "copy into @st/x from (select email from customers) file_format = (type = csv)", "COPY", "unload", C, MAIL),
    ("snowflake", "copy into 's3://b/x' from customers credentials = (aws_key_id = 'a')", "COPY", "unload", C, ALL),
    ("snowflake", "copy into @~/x from customers", "COPY", "unload", C, ALL),
    ("snowflake", "get @st/x file:///tmp/x", "GET", "unload", (), None),
    ("snowflake", "create table t clone customers", "CREATE TABLE AS", "create_table_as", ("customers", "t"), ALL),
    ("snowflake", "create or replace transient schema s clone crm", "CLONE", "create_table_as", ("crm",), None),
    ("snowflake", "create or replace share s", "SHARE", "share", (), None),
    ("snowflake", "grant select on table crm.customers to share s", "SHARE", "share", ("crm.customers",), None),
    ("snowflake", "select object_agg(id, email) from customers", "SELECT", "aggregate_into_one_row", C, ("customers.email", "customers.id")),
    ("tsql", "select email into #t from customers", "SELECT INTO", "create_table_as", ("customers", "t"), MAIL),
    ("tsql", "select email from customers for json path", "SELECT", "aggregate_into_one_row", C, MAIL),
    ("tsql", "select (select email + ',' from customers for xml path('')) x", "SELECT", "aggregate_into_one_row", C, MAIL),
    ("tsql", "declare c cursor fast_forward for select email from customers", "DECLARE CURSOR", "cursor", C, MAIL),
    ("tsql", "fetch next from c into @x", "FETCH", "cursor", (), None),
    ("tsql", "backup database crm to disk = 'x'", "BACKUP", "unload", (), None),
    ("tsql", "exec sp_executesql N'select email from customers where id = @p', N'@p int', 5", "EXECUTE", None, C, MAIL),
    ("tsql", "exec ('select email from customers')", "EXECUTE", None, C, MAIL),
    ("tsql", "exec master..xp_cmdshell 'bcp \"select email from crm..customers\" queryout x.txt -c'", "EXECUTE", "server_function", C, None),
    ("tsql", "exec xp_cmdshell 'bcp dbo.customers out x.txt'", "EXECUTE", "server_function", ("dbo.customers",), None),
    ("tsql", "select * from openrowset('SQLNCLI', 'x', 'select email from customers')", "SELECT", "server_function", C, None),
    ("tsql", "insert into openrowset('Microsoft.ACE', 'x', 'select a from b') select email from customers", "INSERT", "unload", ("b", "customers"), None),
    ("tsql", "declare @x int = 5 select email from customers", "DECLARE", None, C, None),
    ("oracle", "begin utl_file.put_line(f, 'x'); end;", "UNKNOWN", "server_function", (), None),
    ("oracle", "begin dbms_datapump.start_job(h); end;", "UNKNOWN", "server_function", (), None),
    ("oracle", "begin for r in (select email from customers) loop null; end loop; end;", "DO", None, C, None),
    ("oracle", "execute immediate q'[select email from customers]'", "EXECUTE", None, C, MAIL),
    ("oracle", "select listagg(email, ',') within group (order by id) from customers", "SELECT", "aggregate_into_one_row", C, MAIL),
    ("oracle", "open c for select email from customers", "DECLARE CURSOR", "cursor", C, MAIL),
    ("databricks", "insert overwrite local directory '/x' using csv options (a 'b') select email from customers", "INSERT", "unload", C, MAIL),
    ("databricks", "select collect_list(email) from customers", "SELECT", "aggregate_into_one_row", C, MAIL),
    ("databricks", "alter share s add table crm.customers", "SHARE", "share", ("crm.customers",), None),
    ("hive", "export table customers to '/x'", "EXPORT", "unload", C, ALL),
    ("trino", "create table s3.x with (format = 'CSV') as select email from customers", "CREATE TABLE AS", "create_table_as", ("customers", "s3.x"), MAIL),
    ("trino", "call system.runtime.kill_query('x')", "CALL", None, (), None),
    ("trino", "select * from table(pg.system.query(query => 'select email from customers'))", "SELECT", "server_function", C, None),
    ("clickhouse", "insert into function s3('x') select email from customers", "INSERT", "unload", C, MAIL),
    ("postgres", "copy customers to program 'curl x'", "COPY", "copy_to", C, ALL),
    ("postgres", "select * from dblink('host=x', 'select email from customers') as t(a text)", "SELECT", "server_function", C, None),
    ("postgres", "select * from dblink('select email from customers') as t(a text)", "SELECT", "server_function", C, None),
    ("postgres", "do $$ begin for r in select * from customers loop null; end loop; end $$", "DO", None, C, None),
    ("postgres", "begin select email from customers", "SELECT", None, C, MAIL),
    ("bigquery", "create snapshot table d.s clone `p-1.d.customers` options(x = )", "CREATE TABLE AS", "create_table_as", ("d.customers", "d.s"), ("d.customers.*",)),
    ("bigquery", "select email from `p-1.d.customers` where where", "SELECT", None, ("d.customers",), None),
    # no way out
    ("snowflake", "copy into customers from @st", "COPY", None, None, ()),
    ("snowflake", "put 'file:///x' @st", "PUT", None, None, ()),
    ("databricks", "copy into customers from 's3://x' fileformat = csv", "COPY", None, C, ()),
    ("mysql", "set @x = 5", "SET", None, (), ()),
    ("mysql", "set @x = (select email from customers)", "SET", None, C, None),
    ("tsql", "begin transaction", "BEGIN", None, (), ()),
    ("postgres", "grant select on customers to bob", "GRANT", None, (), ()),
]  # fmt: skip


@pytest.mark.parametrize(("dialect", "sql", "verb", "export", "tables", "columns"), WAYS_OUT, ids=[row[1][:60] for row in WAYS_OUT])  # fmt: skip
def test_way_out(analyser, dialect, sql, verb, export, tables, columns):
    found = analyser.analyse(sql, dialect)
    assert (found.verb, found.export) == (verb, export)
    assert tables is None or found.tables == tables
    assert found.columns_known is (columns is not None)
    assert columns is None or found.columns == columns


def test_statements_with_other_queries_inside_are_other_statements(analyser):
    first, same, other = (
        analyser.analyse(f"unload ('select {column} from customers where id = {id}') to 's3://x'", "redshift")
        for column, id in (("email", 1), ("email", 2), ("phone", 1))  # noqa: A001
    )
    assert first.fingerprint == same.fingerprint != other.fingerprint
    assert "1" not in first.text
    assert first.text == "unload (?) to ? -- select email from customers where id = ?"


def test_queries_in_queries_are_read_one_level_deep(analyser):
    inner = "select a from dblink(''select b from c'')"
    found = analyser.analyse(f"unload ('{inner}') to 's3://x'", "redshift")
    assert found.tables == ()
    assert not found.columns_known


@pytest.mark.timeout(20)
def test_many_queries_in_literals_are_bounded(analyser):
    found = analyser.analyse("select " + ", ".join(f"dblink('select a from t{n}')" for n in range(500)), "postgres")
    assert len(found.tables) == 8
    assert not found.columns_known
