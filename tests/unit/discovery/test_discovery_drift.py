"""What was added, removed or changed since."""

from __future__ import annotations

import pytest

from streamguard.discovery import Change, ColumnFacts, DatabaseFacts, TableFacts, drift
from streamguard.exposure import Catalogue, Column, Table


@pytest.fixture
def differences(drafter):
    def of(known, *tables, schemas=None):
        facts = [TableFacts(name, tuple(ColumnFacts(*one.split()) for one in columns)) for name, columns in tables]
        catalogue = Catalogue([("CRM", table) for table in known])
        return drift(catalogue, drafter.draft(DatabaseFacts("crm", "Test", tuple(facts))), schemas)

    return of


CUSTOMERS = Table(
    "public.customers",
    {"id": Column(None, type="integer"), "email": Column("email_address")},
    unknown={"notes": "text"},
)
SAME = ("public.Customers", ["ID integer", "email boolean", "notes text"])


def test_nothing_is_different(differences):
    # A type that the catalogue does not name cannot have changed.
    assert differences([CUSTOMERS], SAME) == ()


def test_columns(differences):
    found = differences([CUSTOMERS], ("public.customers", ["id text", "email text", "mobile text"]))
    assert [(one.change, one.column, one.was, one.now, one.categories) for one in found] == [
        (Change.TYPE_CHANGED, "id", "integer", "text", ()),
        (Change.COLUMN_ADDED, "mobile", None, None, ("phone_number",)),
        (Change.COLUMN_REMOVED, "notes", None, None, ()),
    ]
    assert [str(one) for one in found] == [
        "crm: public.customers.id was integer and is text now",
        "crm: public.customers.mobile is not in the catalogue; it may hold phone_number",
        "crm: public.customers.notes is in the catalogue, but not in the database",
    ]


def test_tables(differences):
    found = differences([CUSTOMERS], ("public.leads", ["vorname text", "iban text"]))
    assert [(one.change, one.table, one.categories) for one in found] == [
        (Change.TABLE_REMOVED, "public.customers", ()),
        (Change.TABLE_ADDED, "public.leads", ("bank_account", "name")),
    ]


def test_only_what_was_looked_at_can_be_gone(differences):
    other = Table("hr.people", {"name": Column("name")})
    assert differences([CUSTOMERS, other], SAME, schemas=["public"]) == ()
    assert [one.table for one in differences([CUSTOMERS, other], SAME)] == ["hr.people"]


def test_a_catalogue_may_leave_out_the_schema(differences):
    assert differences([Table("customers", CUSTOMERS.columns, unknown={"notes": None})], SAME) == ()


def test_in_a_table_that_is_harmless_as_a_whole_only_personal_data_is_news(differences):
    found = differences([Table("products", {}, harmless=True)], ("products", ["size text", "owner_email text"]))
    assert [(one.column, one.categories) for one in found] == [("owner_email", ("email_address",))]
