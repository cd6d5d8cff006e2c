"""From what a database says of itself to a catalogue file that loads."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamguard.discovery import ColumnFacts, DatabaseFacts, ForeignKey, TableFacts, catalogue_yaml
from streamguard.exposure import Catalogue
from streamguard.exposure.catalogue import COLUMN_TYPES


def table(name, *columns, **more):
    """Make a table; columns are ``name type`` or ``name`` of text."""
    parts = [column.partition(" ") for column in columns]
    return TableFacts(name, tuple(ColumnFacts(column, type_ or "text") for column, _, type_ in parts), **more)


def draft(drafter, *tables):
    return {one.name: one for one in drafter.draft(DatabaseFacts("crm", "Test 1", tables)).tables}


def categories(drafted):
    return {column.name: column.guess.category for column in drafted.columns}


CUSTOMERS = table("customers", "id integer", "email", "country", primary_key=("id",), rows=48_213)
ORDERS = table(
    "orders",
    "id integer",
    "customer_id integer",
    "shop_id integer",
    "total number",
    primary_key=("id",),
    foreign_keys=(ForeignKey("customer_id", "customers"), ForeignKey("shop_id", "shops")),
    rows=1_234_567,
)
SHOPS = table("shops", "id integer", "name", primary_key=("id",), rows=12)


def test_keys_regions_and_sizes(drafter):
    drafted = draft(drafter, CUSTOMERS, ORDERS, SHOPS)
    customers, orders, shops = drafted["customers"], drafted["orders"], drafted["shops"]
    assert categories(customers) == {"id": "customer_number", "email": "email_address", "country": "location"}
    assert (customers.subject_type, customers.subject_key, customers.region_column, customers.subjects) == (
        "customer",
        "id",
        "country",
        48_000,
    )
    assert categories(orders) == {"id": "none", "customer_id": "customer_number", "shop_id": "none", "total": "none"}
    # Not more people than there are.
    assert (orders.subject_type, orders.subject_key, orders.subjects) == ("customer", "customer_id", 48_000)
    assert categories(shops) == {"id": "none", "name": "none"}
    assert (shops.subject_type, shops.subject_key, shops.subjects) == (None, None, None)


def test_a_foreign_key_to_a_table_that_was_not_seen_is_not_harmless(drafter):
    drafted = draft(drafter, table("a", "b_id integer", foreign_keys=(ForeignKey("b_id", "elsewhere.b"),)))
    assert categories(drafted["a"]) == {"b_id": "unknown"}


def test_columns_make_a_table_of_people(drafter):
    accounts = draft(drafter, table("accts", "name", "email", "born_on date"))["accts"]
    assert categories(accounts)["name"] == "name"
    assert accounts.subject_type == "person"


def test_a_view_has_what_its_columns_hold(drafter):
    view = table(
        "v",
        "who",
        "n integer",
        "mixed",
        "untold integer",
        is_view=True,
        bases={
            "who": (("customers", "email"),),
            "n": (),
            "mixed": (("shops", "id"), ("customers", "country")),
        },
    )
    drafted = draft(drafter, CUSTOMERS, SHOPS, view)["v"]
    assert categories(drafted) == {
        "who": "email_address",
        "n": "none",
        "mixed": "location",
        # Nobody says where it comes from: whatever its type, it is not harmless.
        "untold": "unknown",
    }


def test_views_over_views_and_in_circles(drafter):
    first = table("a", "x", is_view=True, bases={"x": (("customers", "email"),)})
    second = table("b", "y", is_view=True, bases={"y": (("a", "x"),)})
    assert categories(draft(drafter, CUSTOMERS, second, first)["b"]) == {"y": "email_address"}
    round_about = [
        table("c", "x", is_view=True, bases={"x": (("d", "y"),)}),
        table("d", "y", is_view=True, bases={"y": (("c", "x"),)}),
    ]
    assert categories(draft(drafter, *round_about)["c"]) == {"x": "unknown"}


def test_the_file_loads_and_says_the_same(drafter, tmp_path):
    path = tmp_path / "catalogue.yaml"
    drafted = drafter.draft(DatabaseFacts("crm", "Test 1", (CUSTOMERS, ORDERS, SHOPS)))
    path.write_text(catalogue_yaml([drafted]), encoding="utf-8")
    catalogue = Catalogue.load(path)
    (customers,) = catalogue.find("crm", "customers", ())
    assert customers.columns["country"].sensitivity == 1
    assert customers.columns["email"].type == "text"
    assert (customers.subject_key, customers.region_column, customers.subjects) == ("id", "country", 48_000)
    (orders,) = catalogue.find("crm", "orders", ())
    assert {name: column.category for name, column in orders.columns.items()} == {
        "id": None,
        "customer_id": "customer_number",
        "shop_id": None,
        "total": None,
    }
    assert "  customers:  # about 48213 rows\n" in path.read_text()
    assert catalogue_yaml([drafted]) == path.read_text()


@pytest.mark.parametrize(
    "name", ["yes", "null", "123", "a: b", "#x", "with \"quotes'", "naïve", "таблица", "n", "x\ny"]
)
def test_every_name_is_read_back(drafter, tmp_path, name):
    path = tmp_path / "catalogue.yaml"
    drafted = drafter.draft(DatabaseFacts(name, "Test 1", (TableFacts(name, (ColumnFacts(name, "text"),)),)))
    path.write_text(catalogue_yaml([drafted]), encoding="utf-8")
    (read,) = Catalogue.load(path).tables(name)
    assert read.name == name.lower()
    assert {*read.columns, *read.unknown} == {name.lower()}


NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).filter(str.strip)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(columns=st.lists(st.tuples(NAMES, st.sampled_from(COLUMN_TYPES)), min_size=1, max_size=6), names=NAMES)
def test_any_database_gives_a_file_that_loads(drafter, tmp_path, columns, names):
    facts = TableFacts(names, tuple(ColumnFacts(*column) for column in columns))
    path = tmp_path / "catalogue.yaml"
    path.write_text(
        catalogue_yaml([drafter.draft(DatabaseFacts("db", "Test", (facts,)))]), encoding="utf-8", newline=""
    )
    (read,) = Catalogue.load(path).tables("db")
    assert {*read.columns, *read.unknown} == {name.lower() for name, _ in columns}
