"""How many people: each way in which a log tells it, and what it does not tell."""

from __future__ import annotations

import pytest
from told_statements import ALWAYS, catalogue, emails, ran, report

from streamguard.activity import RowsQuality, Verdict
from streamguard.exposure import Catalogue, Column, Table
from streamguard.scope import NOBODY, Bounds, scope
from streamguard.scope.people import People
from streamguard.scope.wholes import length, longest_chain

ALL = 200_000
WHOLE = "select id, email from customers"
PAGE = "select email from customers where country = 'FR' order by id limit 100 offset {}"
RANGE = "select email from customers where id between {} and {}"


@pytest.mark.parametrize(
    ("statements", "people"),
    [
        ([(WHOLE, ALL)], (ALL, ALL)),
        ([("copy customers to stdout", None)], (1, ALL)),
        ([("declare c cursor for select email from customers", None)], (0, ALL)),
        ([("select email from customers limit 70", None)], (0, 70)),
        ([("select email from customers where segment = 'x'", 40)], (40, 40)),
        ([("select email from customers where segment = 'x'", 0)], (0, 0)),
        # Other literals may be other people, or the same.
        ([("select email from customers where segment = 'x'", 40)] * 2, (40, 80)),
        # The same text is the same people; who came since counts.
        ([("select email from customers where phone is null", 40)] * 3, (40, 40)),
        ([("select email from customers where phone is null", n) for n in (40, 45, 43, 44)], (45, 46)),
        # Everything else lies within the whole table, and within the whole of a condition that it meets too.
        ([(WHOLE, ALL), ("select email from customers where segment = 'x'", 40), (RANGE.format(1, 9), 9)], (ALL, ALL)),
        ([("select email from customers where country = 'FR'", 900), (PAGE.format(100), 100)], (900, 900)),
        # A read of everything that saw a tenth of the table did not see everything.
        ([(WHOLE, ALL // 10), ("select email from customers where segment = 'x'", 40)], (ALL // 10, ALL // 10 + 40)),
        # Pages of one order add up, however often they are loaded.
        ([(PAGE.format(n), 100) for n in (0, 100, 100, 150, 300)], (350, 350)),
        ([(PAGE.format(0), 100), (PAGE.format(100), None)], (100, 200)),
        ([(PAGE.format(0), 100), (PAGE.format(100), 30), (PAGE.format(200), 0)], (130, 130)),
        ([(PAGE.replace("order by id", "order by email").format(n), 100) for n in (0, 100)], (100, 200)),
        # Lists of keys: who is in several counts once, and only so many as there were rows.
        ([("select email from customers where id in (1, 2, 3)", 3), ("select email from customers where id = 3", 1)], (3, 3)),
        ([("select email from customers where id in (1, 2, 3)", 2), ("select email from customers where id = 3", 1)], (2, 3)),
        ([("select email from customers where id in (1, 2, 3) and segment = 'x'", 2)] * 2, (2, 3)),
        # Ranges of which one begins where the other ends share nobody; the same one is the same people.
        ([(RANGE.format(1, 100), 80), (RANGE.format(101, 200), 90), (RANGE.format(1, 100), 80)], (170, 170)),
        ([(RANGE.format(1, 100), 80), (RANGE.format(51, 200), 90)], (90, 170)),
        # A join may repeat people; by the key of the other table it does not.
        ([("select c.email from customers c join orders o on o.customer_id = c.id", 500)], (1, 500)),
        ([("select c.email from customers c join orders o on o.customer_id = c.id where c.id = 7", 500)], (1, 1)),
        ([("select c.email from customers c left join loyalty_members m on m.customer_id = c.id", 500)], (1, 500)),
        ([("select c.email from orders o left join customers c on c.id = o.customer_id", 500)], (0, 500)),
        ([("select a.email, b.email from customers a join customers b on a.city = b.city", 50)], (0, 100)),
        # Rows that stand for several people.
        ([("select distinct email from customers", 500)], (500, ALL)),
        ([("select c.id, max(c.email) from customers c join orders o on o.customer_id = c.id group by c.id", 500)], (500, 500)),
        ([("select max(email) from customers", 1)], (0, ALL)),
        ([("select string_agg(email, ',') from customers", None)], (0, ALL)),
        # Tables that only conditions ask for show nobody.
        ([("select email from customers where id in (select customer_id from loyalty_members)", 60)], (60, 60)),
        ([("select email from customers where id = 7 union select email from customers", 5)], (1, ALL)),
        # Nothing has run yet.
        ([("prepare p as select email from customers", None)], (0, 0)),
    ],
)  # fmt: skip
def test_people_of_a_category(statements: list[tuple[str, int | None]], people: tuple[int, int]) -> None:
    found = emails(*(ran(sql, rows) for sql, rows in statements))
    assert found.people == Bounds(*people)
    assert found.verdict is found.people.verdict


def test_regions_of_whom_statements_name_them() -> None:
    found = emails(
        ran("select email from customers where country = 'FR'", 900),
        ran("copy (select email from customers where country in ('PL', 'de')) to stdout", 300),
        ran("select email from customers where segment = 'x'", 50),
        ran("select email from customers where country = 'DE' or id = 7", 20),
    )
    assert found.people == Bounds(900, 1_270)
    assert found.regions == {
        "FR": Bounds(900, 900),  # whoever else lives there was in that whole
        "PL": Bounds(0, 300),
        "de": Bounds(0, 300),
        "unknown": Bounds(0, 370),
    }
    assert found.region("DK") == Bounds(0, 370)


def test_people_of_two_regions_are_two_people() -> None:
    found = report(
        *(ran(f"select email from customers where country = '{c}' and segment = 'x'", 40) for c in ("DE", "FR"))
    )
    assert found.people == Bounds(80, 80)
    assert found.regions["unknown"] == NOBODY


def test_the_log_goes_before_a_catalogue_that_says_too_few() -> None:
    whole = ran(WHOLE, ALL + 50)
    assert emails(whole).people == Bounds(ALL + 50, ALL + 50)
    # Its number bounds nothing any more.
    shown = ran("select email from customers where segment = 'x'", ALL + 50)
    assert emails(shown, ran("declare c cursor for select email from customers", None)).people == Bounds(ALL + 50, None)


def test_tables_that_refer_to_the_same_people() -> None:
    cursor = ran(
        "select c.email, a.street from customers c join addresses a on a.customer_id = c.id where c.country = 'FR'", 70
    )
    found = report(cursor, ran(WHOLE, ALL))
    assert found.category("postal_address").people == Bounds(1, 70)
    assert found.category("postal_address").region("DE") == NOBODY
    assert found.people == Bounds(ALL, ALL)
    loose = report(ran("select street from addresses", 300), ran("select phone from loyalty_members", 20))
    assert loose.people == Bounds(1, 320)


def test_a_view_shows_the_people_of_the_tables_it_reads() -> None:
    view = Table("public.v_contact", {"email": Column("email_address", 2)})
    known = Catalogue([*(("crm", table) for table in catalogue().tables("crm")), ("crm", view)])
    tables = ("public.v_contact", "public.customers")
    read = ran("select email from v_contact", 500, known=known, tables=tables)
    found = scope([read, read], known, ALWAYS).category("email_address")
    assert found.people == Bounds(1, 500)
    assert scope([read, ran(WHOLE, ALL)], known, ALWAYS).people == Bounds(ALL, ALL)
    unlogged = ran("select email from v_contact", 500, known=known)
    assert scope([unlogged, ran(WHOLE, ALL)], known, ALWAYS).people == Bounds(ALL, ALL + 500)


def test_tables_of_one_name_in_two_schemas_are_not_taken_for_each_other() -> None:
    columns = {"id": Column("customer_number", 1), "email": Column("email_address", 2)}
    tables = [Table(f"{schema}.people", columns, "customer", "id", subjects=50) for schema in ("a", "b")]
    known = Catalogue([("crm", table) for table in tables])
    one = ran("select p.email from a.people p join b.people q on q.id = p.id", 20, known=known)
    assert scope([one], known, ALWAYS).category("email_address").people == Bounds(20, 20)
    unclear = ran("select email from a.people p, b.people q where q.id = p.id", 20, known=known)
    assert scope([unclear], known, ALWAYS).category("email_address").people == Bounds(0, 40)


def test_what_the_catalogue_knew_when_it_ran_is_not_forgotten() -> None:
    read = ran("select email from customers where segment = 'x'", 40)
    found = scope([read], Catalogue.empty(), ALWAYS).category("email_address")
    assert (found.verdict, found.people) == (Verdict.CANNOT_TELL, Bounds(0, 40))


def test_a_cursor_that_was_counted_when_it_was_closed() -> None:
    text = "declare c cursor for select email from customers where segment = 'x'"
    declared, closed = ran(text, None, session="s1"), ran(text, 40, session="s1")
    assert emails(declared, closed).people == Bounds(40, 40)
    assert emails(ran(text, None, session="s2"), closed).people == Bounds(40, ALL)


@pytest.mark.parametrize(
    ("changes", "people", "why"),
    [
        ({"error": "57014"}, Bounds(0, ALL), "it failed (57014), and rows may have left before"),
        ({"error": "42501"}, NOBODY, "it was refused before the first row (42501)"),
        ({"columns_known": False}, Bounds(0, ALL), "email left, but"),
        ({"rows": 30, "rows_quality": RowsQuality.LOWER_BOUND}, Bounds(30, ALL), "email left"),
        ({"rows": 30, "rows_quality": RowsQuality.ESTIMATE}, Bounds(0, ALL), "email would leave, but"),
    ],
)
def test_what_failed_and_what_is_badly_counted(changes: dict[str, object], people: Bounds, why: str) -> None:
    found = emails(ran("select email from customers where segment = 'x'", **changes))
    assert found.people == people
    assert found.evidence[0].why.startswith(why) or changes == {"columns_known": False}


def test_negative_evidence_names_the_statements() -> None:
    found = report(ran("select id, email from customers", ALL), ran("select phone from customers where id = 7", 0))
    phone = found.category("phone_number")
    assert (phone.verdict, phone.people) == (Verdict.NOT_SEEN, NOBODY)
    assert [(one.uid, one.why) for one in phone.evidence] == [
        ("S1", "only email and id left"),
        ("S2", "it returned no row"),
    ]
    assert found.category("national_id").evidence[0].uid == "S1"
    untouched = report(ran("select street from addresses", 5)).category("phone_number")
    assert (untouched.verdict, untouched.evidence) == (Verdict.NOT_SEEN, ())


def test_too_many_people_for_a_set_are_sketched_within_bounds() -> None:
    people = People(most=1_000)
    for start in range(0, 50_000, 500):
        people.add(f"{n:032x}" for n in range(start, start + 700))
    found = people.count()
    assert people.exact is None
    assert found.holds(50_200)
    assert found.upper is not None
    assert found.upper - found.lower < 50_200 * 0.05


def test_pieces() -> None:
    assert length([(5, 9), (0, 3), (2, 4)]) == 8
    assert longest_chain([("a", "b", 3), ("b", "c", 4), ("a", "c", 6), ("c", "a", 9)]) == 9  # no order at all
