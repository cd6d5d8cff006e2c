"""The form of a query: what its rows come from, what they meet, what one of them stands for."""

from __future__ import annotations

import pytest

from streamguard.scope.shaping import shape_of


def told(sql: str, dialect: str = "postgres") -> str:
    """Write a form in short: sources (? optional), conditions, then what is special."""
    shape = shape_of(sql, dialect)
    if shape is None:
        return "none"
    sources = " ".join(source.table + "?" * source.optional for source in shape.sources)
    conditions = " ".join(f"{c.source}.{c.kind}:{c.text}" for c in shape.conditions)
    equal = " ".join(f"{a[0]}.{a[1]}={b[0]}.{b[1]}" for a, b in shape.equal)
    flags = [
        *("untold" * (not shape.is_told), "mixed" * shape.is_mixed, "repeats" * shape.repeats),
        *("grouped" * shape.is_grouped, " ".join(f"by:{n}.{c}" for n, c in sorted(shape.by)), "more" * shape.by_more),
        *(" ".join(f"order:{n}.{c}" for n, c in shape.order), "limit" * shape.has_limit, "offset" * shape.has_offset),
    ]
    return " | ".join(part for part in (sources, conditions, equal, " ".join(flag for flag in flags if flag)) if part)


@pytest.mark.parametrize(
    ("sql", "form"),
    [
        ("select email from customers", "customers"),
        ("copy customers to stdout", "customers"),
        ("copy (select email from s.customers where country = ?) to stdout", "s.customers | 0.values:country"),
        ("declare c cursor for select * from customers order by id", "customers | order:0.id"),
        ("insert into leak select * from customers", "customers"),
        ("delete from customers where id = ? returning email", "customers | 0.values:id"),
        ("select email from customers c where c.id in (?) and c.country = ?", "customers | 0.values:id 0.values:country"),
        ("select email from customers where id = any(?)", "customers | 0.values:id"),
        ("select email from customers where id = any(array[?, ?])", "customers | 0.values:id"),
        ("select email from customers where id between ? and ?", "customers | 0.range:id"),
        ("select email from customers where id >= ? and id < ?", "customers | 0.range:id"),
        ("select email from customers where id > ? order by id limit ?", "customers | 0.from:id | order:0.id limit"),
        ("select email from customers where phone is not null and active", "customers | 0.fixed:phone IS NOT NULL 0.fixed:active"),
        ("select email from customers order by id limit ? offset ?", "customers | order:0.id limit offset"),
        ("select distinct email from customers", "customers | grouped by:0.email"),
        ("select distinct on (country) email from customers", "customers | untold"),
        ("select id, max(email) from customers group by id", "customers | grouped by:0.id"),
        ("select upper(name), max(id) from customers group by upper(name)", "customers | grouped more"),
        ("select c.email from customers c join orders o on o.customer_id = c.id where o.total > ?",
         "customers orders | 1.from:total | 1.customer_id=0.id"),
        ("select c.email from customers c join orders o using (id)", "customers orders | 0.id=1.id"),
        ("select c.email from orders o left join customers c on c.id = o.customer_id",
         "orders customers? | 1.id=0.customer_id"),
        ("select c.email from orders o right join customers c on c.id = o.customer_id",
         "orders? customers | 1.id=0.customer_id"),
        ("select * from (select id, email from customers where country = ?) t where t.id = ?",
         "customers | 0.values:country 0.values:id"),
        ("with x as (select * from customers) select email from x where id = ?", "customers | 0.values:id"),
        ("select unnest(array[email]) from customers", "customers | repeats"),
    ],
)  # fmt: skip
def test_what_can_be_told(sql: str, form: str) -> None:
    assert told(sql) == form


@pytest.mark.parametrize(
    ("sql", "form"),
    [
        # What decides besides, and cannot be told.
        ("select email from customers where id = ? or country = ?", "customers | untold"),
        ("select email from customers where id = ? and id = ?", "customers | untold"),
        ("select email from customers where id in (select customer_id from orders)", "customers | untold"),
        ("select email from customers where name like ?", "customers | untold"),
        ("select email from customers where random() < ?", "customers | untold"),
        ("select email from customers where id > ? and created_at > ?", "customers | untold"),
        ("select email from customers tablesample system (10)", "customers | untold"),
        ("select * from (select * from customers limit ?) t", "customers | untold"),
        ("select email from a left join b on b.k = a.k and b.id = ?", "a b? | 1.k=0.k | untold"),
        # Rows that stand for many people, or for none.
        ("select max(email) from customers", "customers? | mixed"),
        ("select lag(email) over (order by id) from customers", "customers | mixed"),
        ("select email from customers union all select email from newsletter", "customers? newsletter? | untold mixed"),
        ("select email from customers where id = ? union select email from customers", "customers | untold mixed"),
        ("select email from customers except select email from old", "customers? old? | untold mixed"),
        ("select * from (select country, max(email) from customers group by country) t", "customers | mixed"),
        ("select country, max(email) from customers group by rollup (country)", "customers? | mixed grouped more"),
        # Of these nothing is said at all.
        ("select (select max(email) from customers), id from orders where id = ?", "none"),
        ("with recursive x as (select 1) select * from x, customers", "none"),
        ("select * from f(?), customers", "none"),
        ("select email from customers; select phone from customers", "none"),
        ("select email from customers where ...", "none"),
        ("update customers c set a = ? from orders o returning c.email", "none"),
        ("this is no sql", "none"),
    ],
)  # fmt: skip
def test_what_cannot_is_said_to_be_so(sql: str, form: str) -> None:
    assert told(sql) == form


def test_each_dialect_in_its_own_words() -> None:
    assert told("select top ? email from customers order by id", "tsql") == "customers | order:0.id limit"
    assert told("select `email` from `customers` limit ?, ?", "mysql") == "customers | limit offset"
