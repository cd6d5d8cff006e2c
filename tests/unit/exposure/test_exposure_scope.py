"""What the literals of a statement say of an exposure's reach: its regions, and how many people at most."""

from __future__ import annotations

import pytest

from streamguard.activity import Activity, Origin, Verdict
from streamguard.exposure import Catalogue, Column, Directory, Exposer, Table

CUSTOMERS = Table("public.customers", {"email": Column("email_address", 2)}, region_column="country", subjects=5_000)
PATIENTS = Table("public.patients", {"finding": Column("health", 3)}, region="EU")
EXPOSER = Exposer(Directory.empty(), Catalogue([("crm", CUSTOMERS), ("crm", PATIENTS)]))


def exposed(**changes):
    fields = {
        "origin": Origin("t", 0, 0, 1, 0),
        "time_ms": 1_782_000_000_000,
        "source": "postgresql.jsonlog",
        "statement": "select email from customers",
        "user": "alice",
        "statement_key": "1",
        "database": "crm",
        "tables": ("public.customers",),
        "columns": ("customers.email",),
        "columns_known": True,
    }
    return EXPOSER.expose(Activity(**(fields | changes)))


@pytest.mark.parametrize(
    ("tables", "scope", "regions"),
    [
        (("public.customers",), (), ()),
        (("public.customers",), (("customers.country", ("FR", "DE")),), ("DE", "FR")),
        (("public.customers",), (("country", ("DE",)), ("status", ("open",))), ("DE",)),
        (("public.customers", "public.patients"), (("country", ("DE",)),), ("DE", "EU")),
        (("public.patients",), (("country", ("DE",)),), ("EU",)),
        (("public.orders",), (("country", ("DE",)),), ()),
    ],
)
def test_regions_are_those_that_a_region_column_is_compared_with_and_the_constant_ones(tables, scope, regions):
    assert exposed(tables=tables, columns=(), scope=scope).regions == regions


@pytest.mark.parametrize(
    ("tables", "rows_at_most", "subjects_at_most"),
    [
        (("public.customers",), None, 5_000),
        (("public.customers",), 100, 100),
        (("public.customers",), 9_999, 5_000),
        (("public.patients",), 7, 7),
        (("public.patients",), None, None),
        (("public.orders",), 7, None),
    ],
)
def test_no_more_people_than_the_table_has_or_the_text_allows(tables, rows_at_most, subjects_at_most):
    assert exposed(tables=tables, columns=(), rows_at_most=rows_at_most).subjects_at_most == subjects_at_most


def test_a_special_category_that_decides_who_is_listed_makes_the_list_personal():
    found = exposed(tables=("public.patients",), columns=("patients.id",), filters=("patients.finding",))
    assert found.membership == ("health",)
    assert found.is_personal
    refused = exposed(tables=("public.patients",), filters=("patients.finding",), error="42501")
    assert (refused.membership, refused.is_personal) == ((), False)


def test_rows_that_were_counted_left_whatever_failed_afterwards():
    assert exposed(error="42501").categories == {"email_address": Verdict.NOT_SEEN}
    assert exposed(error="42501", rows=0).categories == {"email_address": Verdict.NOT_SEEN}
    assert exposed(error="42501", rows=17).categories == {"email_address": Verdict.SEEN}
