"""Which categories of a person's data left by a statement, and of which table."""

from __future__ import annotations

import msgspec
from unit.resolve.planning import exposure_of

from streamguard.activity import Verdict
from streamguard.exposure import Column, Table
from streamguard.resolve.left import left_of, with_memberships

A = Table(
    "public.customers",
    {"email": Column("email_address", 2), "mobile": Column("phone_number", 2), "phone": Column("phone_number", 2)},
)
B = Table("public.invoices", {"name": Column("name", 1), "phone": Column("phone_number", 2)})


def left(sql: str, table: Table, **categories: Verdict):
    exposure = msgspec.structs.replace(exposure_of(sql), categories=categories)
    return left_of(exposure, table, (A, B))


def test_a_category_left_of_the_table_whose_column_did():
    sql = "select a.email, b.phone from customers a join invoices b on true"
    seen = {"email_address": Verdict.SEEN, "phone_number": Verdict.SEEN, "name": Verdict.NOT_SEEN}
    assert left(sql, A, **seen).seen == {"email_address"}
    assert left(sql, B, **seen).columns == {"phone_number": ("phone",)}
    everything = left("select a.* from customers a", A, **seen)
    assert everything.columns == {"email_address": ("email",), "phone_number": ("mobile", "phone")}
    # Of a column without its table nobody knows whose it is.
    assert left("select phone from customers join invoices on true", B, **seen).seen == {"phone_number"}


def test_what_nobody_can_tell_is_of_every_table_that_has_it():
    doubt = {"phone_number": Verdict.CANNOT_TELL, "name": Verdict.CANNOT_TELL, "email_address": Verdict.SEEN}
    assert left("select email from customers", A, **doubt) == (
        {"email_address": ("email",)},
        {"email_address"},
        {"phone_number"},
    )
    assert left("select email from customers", B, **doubt).doubtful == {"name", "phone_number"}


def test_whoever_is_in_a_list_of_the_sick_shares_the_sickness():
    exposure = exposure_of("select email from customers")
    told = {"email_address": Verdict.SEEN, "health": Verdict.NOT_SEEN, "name": Verdict.NOT_SEEN}
    listed = msgspec.structs.replace(exposure, categories=told, membership=("health", "name"))
    assert with_memberships(listed).categories == told | {"health": Verdict.SEEN}
    nobody = msgspec.structs.replace(listed, categories=dict.fromkeys(told, Verdict.NOT_SEEN))
    assert with_memberships(nobody) is nobody
