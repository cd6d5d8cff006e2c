"""A shop of a dozen customers in memory: random queries over it, what the log would say of them, and what is true.

A query is built as parts that can be written as SQL and carried out on the rows. Its log goes the product's own way:
analysed, hashed, judged. The truth is by provenance: a person is exposed in a category if a row of his with such a
column is among those that a row of the result is made of.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple, TypeAlias

from hypothesis import strategies as st

from streamguard.activity import Activity, Exposure, Origin, RowsQuality
from streamguard.exposure import Catalogue, Column, Directory, Exposer, Table
from streamguard.sources.statement import Analyser, Interests

KEY = b"k"
COUNTRIES = ("DE", "FR", "PL")
SHOP = "#shop"
""""Alias" under which a joined row carries all tables, for conditions that ask others."""

Row: TypeAlias = dict[str, object]
Env: TypeAlias = dict[str, "Row | None"]

_CATEGORIES = {
    ("customers", "id"): "customer_number",
    ("customers", "email"): "email_address",
    ("customers", "phone"): "phone_number",
    ("customers", "country"): "location",
    ("tickets", "customer_id"): "customer_number",
    ("tickets", "body"): "communication_content",
    ("members", "customer_id"): "customer_number",
    ("members", "phone"): "phone_number",
}
COLUMNS = {
    "customers": ("id", "email", "phone", "country", "tier"),
    "tickets": ("id", "customer_id", "body"),
    "members": ("customer_id", "phone", "points"),
    "orders": ("id", "customer_id", "total"),
}
_KEYS = {"customers": "id", "tickets": "customer_id", "members": "customer_id"}


class Shop(NamedTuple):
    """Rows by table."""

    rows: dict[str, list[Row]]
    catalogue: Catalogue

    def country_of(self, person: int) -> str:
        return next(str(row["country"]) for row in self.rows["customers"] if row["id"] == person)


class Condition(NamedTuple):
    sql: str
    holds: Callable[[Env], bool]


class Query(NamedTuple):
    """One query. ``joins``: (kind, alias, table, own column, other alias, its column)."""

    alias: str
    table: str
    joins: tuple[tuple[str, str, str, str, str, str], ...]
    conditions: tuple[Condition, ...]
    columns: tuple[tuple[str, str], ...]
    is_distinct: bool
    group: tuple[tuple[str, str], ...]
    order: tuple[tuple[str, str], ...]
    limit: int | None
    offset: int | None
    wrap: str

    def sql(self) -> str:
        columns = [f"{alias}.{column}" for alias, column in self.columns]
        if self.group:
            columns = [c if c in {f"{a}.{n}" for a, n in self.group} else f"max({c})" for c in columns]
        text = f"select {'distinct ' if self.is_distinct else ''}{', '.join(columns)} from {self.table} {self.alias}"
        for kind, alias, table, own, other, column in self.joins:
            text += f" {kind}join {table} {alias} on {alias}.{own} = {other}.{column}"
        if self.conditions:
            text += " where " + " and ".join(condition.sql for condition in self.conditions)
        if self.group:
            text += " group by " + ", ".join(f"{a}.{c}" for a, c in self.group)
        if self.order:
            text += " order by " + ", ".join(f"{a}.{c}" for a, c in self.order)
        if self.limit is not None:
            text += f" limit {self.limit}"
        if self.offset is not None:
            text += f" offset {self.offset}"
        return {
            "": text,
            "sub": f"select * from ({text}) q",
            "cte": f"with q as ({text}) select * from q",
            "copy": f"copy ({text}) to stdout",
            "cursor": f"declare cur cursor for {text}",
        }[self.wrap]

    def results(self, shop: Shop, shuffle: random.Random) -> list[list[Env]]:
        """Return, for each row of the result, the joined rows that it is made of."""
        envs: list[Env] = [{self.alias: row, SHOP: dict(shop.rows)} for row in shop.rows[self.table]]
        for kind, alias, table, own, other, column in self.joins:
            envs = list(_joined(envs, kind, alias, shop.rows[table], own, other, column))
        envs = [env for env in envs if all(condition.holds(env) for condition in self.conditions)]
        # Nothing but the order that is asked for can be relied upon.
        shuffle.shuffle(envs)
        envs.sort(key=lambda env: [str(_value(env, ref)).rjust(9) for ref in self.order])
        rows = [[env] for env in envs]
        by = self.group or (self.columns if self.is_distinct else ())
        if by:
            groups: dict[tuple[object, ...], list[Env]] = {}
            for env in envs:
                groups.setdefault(tuple(_value(env, ref) for ref in by), []).append(env)
            rows = list(groups.values())
        first = self.offset or 0
        return rows[first:] if self.limit is None else rows[first : first + self.limit]


def _value(env: Env, ref: tuple[str, str]) -> object:
    row = env[ref[0]]
    return None if row is None else row[ref[1]]


def _joined(
    envs: Iterable[Env], kind: str, alias: str, rows: list[Row], own: str, other: str, column: str
) -> Iterator[Env]:
    for env in envs:
        value = _value(env, (other, column))
        found = [row for row in rows if value is not None and row[own] == value]
        if not found and kind == "left ":
            yield {**env, alias: None}
        for row in found:
            yield {**env, alias: row}


@cache
def _analyser() -> Analyser:
    """Return the analyser of all shops, whose catalogues name the same columns."""
    return Analyser(interests=Interests.of({"id", "email", "phone", "customer_id"}, {"country"}, KEY))


class Taken(NamedTuple):
    """One statement that ran: what the log says, and whom it exposed, by category."""

    exposure: Exposure
    people: dict[str, set[int]]


class Log:
    """Writes what a database would log of queries."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._exposer = Exposer(Directory.empty(), shop.catalogue)
        self._offset = 0

    def run(self, query: Query, counts: str, fetched: float, seed: int, employee: str = "ann") -> Taken:
        """Run a query; ``counts``: how the log counts, ``fetched``: how much of a result that it does not count left."""
        rows = query.results(self._shop, random.Random(seed))
        quality, number = RowsQuality.EXACT, len(rows)
        if query.wrap == "cursor" or counts == "unknown":
            # A COPY that did not fail took everything.
            rows = rows if query.wrap == "copy" else rows[: round(len(rows) * fetched)]
            quality = RowsQuality.UNKNOWN
        elif counts == "at least":
            quality, number = RowsQuality.LOWER_BOUND, round(number * fetched)
        told = _analyser().analyse(query.sql(), "postgres")
        self._offset += 1
        activity = Activity(
            origin=Origin("log", 0, 0, self._offset, 0),
            time_ms=self._offset,
            source="postgresql.jsonlog",
            user=employee,
            statement_key=str(self._offset),
            database="crm",
            verb=told.verb,
            export=told.export,
            statement=told.text,
            fingerprint=told.fingerprint,
            tables=told.tables,
            columns=told.columns,
            columns_known=told.columns_known,
            filters=told.filters,
            subjects=told.subjects,
            scope=told.scope,
            rows_at_most=told.rows_at_most,
            slice=told.slice,
            rows=None if quality is RowsQuality.UNKNOWN else number,
            rows_quality=quality,
        )
        return Taken(self._exposer.expose(activity), self._people(query, rows))

    def _people(self, query: Query, rows: list[list[Env]]) -> dict[str, set[int]]:
        tables = {query.alias: query.table} | {join[1]: join[2] for join in query.joins}
        people: dict[str, set[int]] = {}
        for env in (env for made in rows for env in made):
            for alias, column in query.columns:
                category = _CATEGORIES.get((tables[alias], column))
                row = env[alias]
                if category is not None and row is not None:
                    people.setdefault(category, set()).add(int(str(row[_KEYS[tables[alias]]])))
        return people


@st.composite
def shops(draw: st.DrawFn) -> Shop:
    """Draw a shop: some customers share an e-mail address, some have several tickets, some none."""
    count = draw(st.integers(3, 14))
    people = [
        {"id": n, "email": f"e{n % 5}", "phone": f"p{n}", "country": draw(st.sampled_from(COUNTRIES)), "tier": n % 2}
        for n in range(1, count + 1)
    ]
    someone = st.integers(1, count)
    tickets = [{"id": n, "customer_id": draw(someone), "body": f"b{n % 3}"} for n in range(draw(st.integers(0, 10)))]
    members = [{"customer_id": n, "phone": f"m{n}", "points": n} for n in range(1, count, 2)]
    orders = [{"id": n, "customer_id": draw(someone), "total": n % 4} for n in range(draw(st.integers(0, 12)))]
    rows: dict[str, list[Row]] = {"customers": people, "tickets": tickets, "members": members, "orders": orders}
    return Shop(rows, _catalogue(rows, knows=draw(st.booleans())))


def _catalogue(rows: dict[str, list[Row]], *, knows: bool) -> Catalogue:
    tables = []
    for name in ("customers", "tickets", "members"):
        columns = {
            column: Column(_CATEGORIES.get((name, column)), int((name, column) in _CATEGORIES))
            for column in COLUMNS[name]
        }
        people = {row[_KEYS[name]] for row in rows[name]}
        tables.append(
            Table(
                f"public.{name}",
                columns,
                subject_type="customer",
                subject_key=_KEYS[name],
                region_column="country" if name == "customers" else None,
                subjects=len(people) if knows and people else None,
            )
        )
    orders = Table("public.orders", {}, harmless=True)
    return Catalogue([("crm", table) for table in (*tables, orders)])


def _equal(alias: str, column: str, value: object) -> Condition:
    return Condition(f"{alias}.{column} = {_literal(value)}", lambda env: _value(env, (alias, column)) == value)


def _literal(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value)


def _within(alias: str, column: str, values: Sequence[object]) -> Condition:
    told = ", ".join(map(_literal, values))
    return Condition(f"{alias}.{column} in ({told})", lambda env: _value(env, (alias, column)) in values)


def _between(alias: str, column: str, low: int, high: int) -> Condition:
    def holds(env: Env) -> bool:
        value = _value(env, (alias, column))
        return value is not None and low <= int(str(value)) <= high

    return Condition(f"{alias}.{column} between {low} and {high}", holds)


def _either(first: Condition, second: Condition) -> Condition:
    return Condition(f"({first.sql} or {second.sql})", lambda env: first.holds(env) or second.holds(env))


def _not(alias: str, column: str, value: object) -> Condition:
    def holds(env: Env) -> bool:
        found = _value(env, (alias, column))
        return found is not None and found != value

    return Condition(f"{alias}.{column} <> {_literal(value)}", holds)


def _there(alias: str, column: str) -> Condition:
    return Condition(f"{alias}.{column} is not null", lambda env: _value(env, (alias, column)) is not None)


def _asked(alias: str, column: str, table: str) -> Condition:
    sql = f"{alias}.{column} in (select customer_id from {table})"
    return Condition(sql, lambda env: _value(env, (alias, column)) in [row["customer_id"] for row in _rows(env, table)])


def _rows(env: Env, table: str) -> list[Row]:
    """Return the rows of another table: every joined row carries the shop's."""
    shop = env[SHOP]
    return [] if shop is None else shop[table]  # type: ignore[return-value]


@st.composite
def conditions(draw: st.DrawFn, alias: str, table: str) -> Condition:
    """Draw a condition on one table."""
    key = _KEYS.get(table, "customer_id")
    people = st.integers(1, 16)
    kinds = ["key", "keys", "between", "there", "either", "not", "asked"]
    kinds += ["country", "countries", "tier", "email"] if table == "customers" else []
    kind = draw(st.sampled_from(kinds))
    if kind == "keys":
        return _within(alias, key, draw(st.lists(people, min_size=1, max_size=6)))
    if kind == "between":
        low = draw(people)
        return _between(alias, key, low, low + draw(st.integers(0, 6)))
    if kind == "countries":
        return _within(alias, "country", draw(st.lists(st.sampled_from(COUNTRIES), min_size=1, max_size=2)))
    if kind == "either":
        return _either(_equal(alias, key, draw(people)), _equal(alias, key, draw(people)))
    if kind == "there":
        return _there(alias, key)
    if kind == "asked":
        return _asked(alias, key, draw(st.sampled_from(["tickets", "members", "orders"])))
    if kind == "not":
        return _not(alias, key, draw(people))
    column, value = {
        "key": (key, draw(people)),
        "country": ("country", draw(st.sampled_from(COUNTRIES))),
        "tier": ("tier", draw(st.integers(0, 1))),
        "email": ("email", f"e{draw(st.integers(0, 5))}"),
    }[kind]
    return _equal(alias, column, value)


@st.composite
def queries(draw: st.DrawFn) -> Query:
    """Draw a query over the shop."""
    table = draw(st.sampled_from(["customers", "customers", "customers", "tickets", "members", "orders"]))
    tables = {"a": table}
    joins = []
    for alias in ("b", "c")[: draw(st.sampled_from([0, 0, 0, 1, 1, 2]))]:
        joined = draw(st.sampled_from(["customers", "customers", "tickets", "members", "orders"]))
        other = draw(st.sampled_from(sorted(tables)))
        own, column = (_KEYS.get(name, "customer_id") for name in (joined, tables[other]))
        if joined == tables[other] == "customers" and draw(st.sampled_from([True, True, False])):
            own = column = "country"
        joins.append((draw(st.sampled_from(["", "left "])), alias, joined, own, other, column))
        tables[alias] = joined
    asked = draw(st.lists(st.sampled_from(sorted(tables)), max_size=2))
    chosen = [draw(conditions(alias, tables[alias])) for alias in asked]
    refs = [(alias, column) for alias, name in tables.items() for column in COLUMNS[name]]
    columns = tuple(draw(st.lists(st.sampled_from(refs), min_size=1, max_size=4, unique=True)))
    wrap = draw(st.sampled_from(["", "", "", "sub", "cte", "copy", "cursor"]))
    kind = draw(st.sampled_from(["", "", "", "", "distinct", "group"]))
    group = (
        tuple(draw(st.lists(st.sampled_from(columns), min_size=1, max_size=2, unique=True))) if kind == "group" else ()
    )
    order: tuple[tuple[str, str], ...] = ()
    if kind == "" and draw(st.booleans()):
        order = (draw(st.sampled_from([ref for ref in refs if ref[0] == "a"])),)
    limit = draw(st.none() | st.integers(1, 6))
    offset = draw(st.none() | st.integers(0, 8)) if limit is not None else None
    return Query(
        "a", table, tuple(joins), tuple(chosen), columns, kind == "distinct", group, order, limit, offset, wrap
    )


class Run(NamedTuple):
    """How a query ran: see `Log.run`."""

    query: Query
    counts: str
    fetched: float
    seed: int


_COUNTS = st.sampled_from(["exact", "exact", "exact", "unknown", "at least"])
_FETCHED = st.sampled_from([0.0, 0.5, 1.0])


@st.composite
def pieces(draw: st.DrawFn) -> list[Query]:
    """Draw a whole that is taken piece by piece: pages, ranges of keys, lists of keys; and sometimes at once."""
    columns = draw(st.sampled_from([("id", "email"), ("email", "phone"), ("country",)]))
    chosen = tuple(draw(st.lists(conditions("a", "customers"), max_size=1)))
    whole = Query("a", "customers", (), chosen, tuple(("a", c) for c in columns), False, (), (), None, None, "")
    some = [whole] if draw(st.booleans()) else []
    kind = draw(st.sampled_from(["pages", "pages", "loose pages", "ranges", "keys"]))
    size = draw(st.integers(1, 5))
    for _ in range(draw(st.integers(1, 6))):
        first = draw(st.integers(0, 3)) * size + draw(st.sampled_from([0, 0, 0, 1]))
        if kind == "keys":
            extra = _within("a", "id", draw(st.lists(st.integers(1, 16), min_size=1, max_size=6)))
            some.append(whole._replace(conditions=(*chosen, extra)))
        elif kind == "ranges":
            some.append(whole._replace(conditions=(*chosen, _between("a", "id", first + 1, first + size))))
        else:
            order = (("a", "id" if kind == "pages" else "email"),)
            some.append(whole._replace(order=order, limit=size, offset=first))
    return some


def runs() -> st.SearchStrategy[list[Run]]:
    """Draw some queries that run, some of them several times."""
    one = st.builds(Run, queries(), _COUNTS, _FETCHED, st.integers(0, 3))
    any_of = st.lists(one, min_size=1, max_size=5).flatmap(
        lambda some: st.lists(st.sampled_from(some), min_size=1, max_size=7)
    )
    counted = st.sampled_from(["exact", "exact", "unknown"])
    parts = st.builds(
        lambda some, counts, fetched, rest: [Run(query, counts, fetched, n) for n, query in enumerate(some)] + rest,
        pieces(),
        counted,
        _FETCHED,
        st.lists(one, max_size=2),
    )
    return any_of | parts
