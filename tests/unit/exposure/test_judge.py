"""Verdicts: seen, not seen, cannot tell. In doubt never "not seen"."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamguard.activity import Verdict
from streamguard.exposure.catalogue import Catalogue, Column, Table
from streamguard.exposure.judge import Judge

CUSTOMERS = Table(
    "public.customers",
    {
        "id": Column(None),
        "email": Column("email_address", 2),
        "phone": Column("phone_number", 2),
        "iban": Column("bank_account", 3),
    },
    region="EU",
    subjects=5_000,
)
TICKETS = Table("public.tickets", {"id": Column(None), "body": Column("health", 3)}, region="US", subjects=700)
ORDERS = Table("public.orders", {"id": Column(None), "total": Column(None)})
PRODUCTS = Table("public.products", {}, harmless=True)
OTHER = Table("sales.customers", {"email": Column("email_address", 1)})
JUDGE = Judge(Catalogue([("crm", table) for table in (CUSTOMERS, TICKETS, ORDERS, PRODUCTS, OTHER)]), ("public",))

C = "public.customers"
SEEN, NOT, DOUBT = "seen", "not_seen", "cannot_tell"


def verdicts(tables, columns, *, known=True, database="crm"):
    found = JUDGE.judge(database, tuple(tables), tuple(columns), columns_known=known)
    return {name: verdict.value for name, verdict in found.categories.items()}


def customers(email=NOT, phone=NOT, iban=NOT):
    return {"bank_account": iban, "email_address": email, "phone_number": phone}


@pytest.mark.parametrize(
    ("tables", "columns", "expected"),
    [
        # everything that left is known
        ([C], ["customers.email"], customers(email=SEEN)),
        ([C], ["public.customers.email", "customers.id"], customers(email=SEEN)),
        ([C], ["email"], customers(email=SEEN)),
        ([C], ["Customers.EMAIL"], customers(email=SEEN)),
        ([C], ["customers.*"], customers(SEEN, SEEN, SEEN)),
        ([C], ["*"], customers(SEEN, SEEN, SEEN)),
        ([C], ["customers.id"], customers()),
        ([C], [], customers()),
        (["customers"], ["customers.email"], customers(email=SEEN)),
        (["customers"], ["public.customers.email"], customers(email=SEEN)),
        # the log listed no table, the statement did
        ([], ["customers.phone"], customers(phone=SEEN)),
        # other tables
        ([C, "public.orders"], ["orders.total", "customers.email"], customers(email=SEEN)),
        ([C, "public.orders"], ["orders.*"], customers()),
        ([C, "public.orders"], ["total"], customers()),
        ([C, "public.products"], ["products.anything"], customers()),
        ([C, "public.tickets"], ["email"], {**customers(email=SEEN), "health": NOT}),
        # a column that the catalogue does not list, of a table with personal data: its other categories are in doubt
        ([C], ["customers.notes", "customers.email"], customers(SEEN, DOUBT, DOUBT)),
        ([C, "public.tickets"], ["tickets.notes"], {**customers(), "health": DOUBT}),
        ([C, "public.tickets"], ["notes"], {**customers(DOUBT, DOUBT, DOUBT), "health": DOUBT}),
        # a table that is not in the catalogue may be a view over one that is
        ([C, "public.v_contact"], ["v_contact.*"], customers(DOUBT, DOUBT, DOUBT)),
        ([C], ["v_contact.email"], customers(DOUBT, DOUBT, DOUBT)),
        # a table in another schema is found by the statement's short name
        (["sales.customers"], ["customers.email"], {"email_address": SEEN}),
        (["sales.customers", C], ["customers.phone"], customers(email=DOUBT, phone=SEEN)),
        (["hr.customers"], ["customers.email"], {}),
        # nothing personal in reach
        (["public.orders"], ["orders.*"], {}),
        (["public.nowhere"], ["nowhere.*"], {}),
        ([], [], {}),
    ],
)
def test_verdicts(tables, columns, expected):
    assert verdicts(tables, columns) == expected


def test_columns_that_could_not_be_traced_leave_everything_in_doubt():
    assert verdicts([C], [], known=False) == customers(DOUBT, DOUBT, DOUBT)
    assert verdicts([C], ["customers.email"], known=False) == customers(SEEN, DOUBT, DOUBT)
    assert verdicts(["public.orders"], [], known=False) == {}


def test_databases_are_told_apart_and_an_unknown_one_can_be_any():
    assert verdicts([C], ["email"], database="CRM") == customers(email=SEEN)
    assert verdicts([C], ["email"], database="elsewhere") == {}
    assert verdicts([C], ["email"], database=None) == customers(email=SEEN)


def test_what_goes_with_the_verdicts():
    def judge(tables, *columns, known=True):
        return JUDGE.judge("crm", tables, columns, columns_known=known)

    both = (C, "public.tickets")
    assert judge(both, "email").sensitivity == 2
    assert judge(both, "email", "customers.iban").sensitivity == 3
    assert judge((C,), "customers.id").sensitivity == 0
    assert judge((C,), known=False).sensitivity == 3
    assert judge(both).regions == ("EU", "US")
    assert judge(both).subjects_at_most == 5_000
    # One table of unknown size: no bound can be given.
    assert judge((C, "sales.customers")).subjects_at_most is None


NAMES = st.sampled_from(
    ["customers", "public.customers", "public.tickets", "public.orders", "public.v_contact", "sales.customers", "x", ""]
)
COLUMNS = st.builds(
    lambda table, column: f"{table}.{column}" if table else column,
    NAMES,
    st.sampled_from(["id", "email", "phone", "body", "notes", "*"]),
)


@given(st.lists(NAMES, max_size=4), st.lists(COLUMNS, max_size=4), st.booleans(), COLUMNS)
def test_more_columns_never_clear_a_category(tables, columns, known, more):
    order = [Verdict.NOT_SEEN, Verdict.CANNOT_TELL, Verdict.SEEN]
    before = JUDGE.judge("crm", tuple(tables), tuple(columns), columns_known=known)
    after = JUDGE.judge("crm", tuple(tables), (*columns, more), columns_known=known)
    for category, verdict in before.categories.items():
        assert order.index(after.categories[category]) >= order.index(verdict)
    assert after.sensitivity >= before.sensitivity
    assert list(after.categories) == sorted(after.categories)


@pytest.mark.parametrize(
    ("filters", "membership", "sensitivity"),
    [
        ((), (), 0),
        (("customers.iban",), ("bank_account",), 0),
        (("customers.email", "customers.iban"), ("bank_account", "email_address"), 0),
        (("body",), ("health",), 3),
        (("id", "nowhere.email"), (), 0),
    ],
)
def test_what_only_filters_is_membership_and_no_exposure_of_its_column(filters, membership, sensitivity):
    found = JUDGE.judge("crm", (C, "public.tickets"), ("tickets.id",), columns_known=True, filters=filters)
    assert found.membership == membership
    assert set(found.categories.values()) == {Verdict.NOT_SEEN}
    assert found.sensitivity == sensitivity
