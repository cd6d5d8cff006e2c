"""Where the columns of views come from."""

from __future__ import annotations

import pytest

from streamguard.discovery.views import MAX_DEFINITION_BYTES, by_name, trace

TABLES = {
    "public": {
        "customers": ["id", "email", "name", "country"],
        "orders": ["id", "customer_id", "total"],
        "Kunden Stamm": ["Name"],
    }
}
EMAIL, NAME = ("public.customers", "email"), ("public.customers", "name")


def origins(sql, *columns, dialect="postgres"):
    return trace(sql, columns, "public", TABLES, dialect)


def test_functions_aliases_and_counts():
    sql = "select upper(c.email) as mail, count(*) as n, 1 as one from customers c join orders o on o.customer_id = c.id group by 1"
    assert origins(sql, "mail", "n", "one") == {"mail": (EMAIL,), "n": (), "one": ()}


def test_how_mariadb_writes_views():
    sql = (
        "CREATE ALGORITHM=UNDEFINED DEFINER=`root`@`localhost` SQL SECURITY DEFINER VIEW `v` AS "
        "select ucase(`c`.`email`) AS `mail`,count(0) AS `n` from (`customers` `c` join `orders` `o` "
        "on(`o`.`customer_id` = `c`.`id`)) group by 1"
    )
    assert origins(sql, "mail", "n", dialect="mysql") == {"mail": (EMAIL,), "n": ()}


def test_subqueries_unions_and_ctes():
    sql = """
        with x as (select name || country as who from customers)
        select who from x union all select k."Name" from "Kunden Stamm" k
    """
    assert origins(sql, "who")["who"] == (("public.Kunden Stamm", "Name"), ("public.customers", "country"), NAME)


def test_the_columns_of_the_view_have_names_of_their_own():
    assert origins("select email, name from customers", "a", "b") == {"a": (EMAIL,), "b": (NAME,)}


def test_a_whole_row_is_every_column():
    found = origins("select row_to_json(c.*) as j from customers c", "j")["j"]
    assert {column for _, column in found} == {"id", "email", "name", "country"}


def test_values_that_cannot_be_traced_are_not_called_traced():
    assert "j" not in origins("select row_to_json(c) as j from customers c", "j")
    assert "j" not in origins("select exists (select 1 from customers where email = 'x') as j", "j")


@pytest.mark.parametrize(
    "sql",
    [
        "this is no query",
        "",
        "select email from customers",
        "select * from nowhere",
        "drop table customers",
        "select " + "(" * 3_000 + "1" + ")" * 3_000,
        "select '" + "x" * MAX_DEFINITION_BYTES + "' as a, 1 as b",
    ],
)
def test_what_cannot_be_understood_gives_nothing(sql):
    assert origins(sql, "a", "b") == {}


def test_by_name_believes_only_what_is_unique():
    used = [EMAIL, ("public.orders", "id"), ("public.customers", "id")]
    assert by_name(("email", "id", "other"), used) == {"email": (EMAIL,)}
