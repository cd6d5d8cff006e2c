"""Whatever is exact, bounded or cannot be asked: the bounds hold the truth, and are the truth where all is exact."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.resolve.planning import CATALOGUE, exposure_of, plan_of

from streamguard.activity import Verdict
from streamguard.resolve.carriers import Carrier
from streamguard.resolve.left import Left
from streamguard.resolve.people import People
from streamguard.resolve.plan import Outcome
from streamguard.resolve.settle import Settled, settle
from streamguard.resolve.tally import Tally
from streamguard.scope import Bounds

TABLE = CATALOGUE.find("crm", "public.customers", ())[0]
REGIONS = ("DE", "FR", None)
CATEGORIES = ("email_address", "phone_number")
EXPOSURE = exposure_of("select email, phone from customers")
PLAN = plan_of("select email from customers")


class Told(NamedTuple):
    """One statement: whose rows left, whose the query gives, and of which categories."""

    left: frozenset[int]
    given: frozenset[int]
    """Those that left and are still there, and others where it is bounded."""
    outcome: Outcome
    verdicts: dict[str, Verdict]
    is_counted: bool


people = st.frozensets(st.integers(0, 12), max_size=8)


@st.composite
def statements(draw: st.DrawFn, *outcomes: Outcome) -> Told:
    outcome = draw(st.sampled_from(outcomes or tuple(Outcome)))
    left, more, gone = draw(people), draw(people), draw(people)
    given = left if outcome is Outcome.EXACT else (left | more) - gone
    verdicts = draw(st.fixed_dictionaries(dict.fromkeys(CATEGORIES, st.sampled_from(Verdict))))
    return Told(left, given, outcome, verdicts, draw(st.booleans()) or bool(left - given))


def region_of(person: int) -> str | None:
    return REGIONS[person % 3]


def settled(told: Told, everybody: People) -> Settled:
    rows = len(told.left) if told.is_counted else None
    exposure = msgspec.structs.replace(EXPOSURE, categories=told.verdicts, subjects_at_most=13)
    seen = frozenset(c for c, verdict in told.verdicts.items() if verdict is Verdict.SEEN)
    doubtful = frozenset(c for c, verdict in told.verdicts.items() if verdict is Verdict.CANNOT_TELL)
    left = {TABLE.name: Left({}, seen, doubtful)}
    plan = PLAN._replace(exposure=exposure, outcome=told.outcome, left=left, rows=rows, people_at_most=rows)
    if told.outcome is Outcome.NOT_RESOLVABLE:
        return Settled(plan, told.outcome, "", None)
    carrier = Carrier(TABLE, "k", "r", ())
    answer = everybody.take([(person, region_of(person), 1) for person in sorted(told.given)], [carrier], left)
    if told.outcome is Outcome.EXACT:
        return Settled(plan, told.outcome, "", answer)
    # Who is gone is bounded by the rows that are missing, which the log counts.
    return Settled(plan, told.outcome, "", answer, len(told.left - told.given))


def truths(told: list[Told], category: str | None, doubts: frozenset[Verdict]) -> set[int]:
    """Return whose data left, if every doubt that is not among these is resolved to "seen"."""
    return {
        person
        for one in told
        for person in one.left
        if any(one.verdicts[c] in doubts for c in (CATEGORIES if category is None else (category,)))
    }


@settings(max_examples=60)
@given(st.lists(statements(), max_size=4))
def test_bounds_hold_the_truth(told):
    everybody = People(CATEGORIES)
    tally = Tally(everybody, [settled(one, everybody) for one in told])
    for category in (None, *CATEGORIES):
        least = truths(told, category, frozenset({Verdict.SEEN}))
        most = truths(told, category, frozenset({Verdict.SEEN, Verdict.CANNOT_TELL}))
        # Whatever the doubts come to, the number lies between these.
        for truth in (least, most):
            bounds = tally.count(category)
            assert bounds.lower <= len(least), category
            assert bounds.upper is not None
            assert len(truth) <= bounds.upper, category
            for region in REGIONS:
                inside = tally.count(category, region or "unknown")
                assert inside.lower <= sum(region_of(person) == region for person in least)
                assert inside.upper is None or sum(region_of(person) == region for person in truth) <= inside.upper


@settings(max_examples=40)
@given(st.lists(statements(Outcome.EXACT), max_size=4))
def test_what_is_exact_is_the_truth_and_counts_everybody_once(told):
    told = [
        one._replace(verdicts={c: v if v is Verdict.SEEN else Verdict.NOT_SEEN for c, v in one.verdicts.items()})
        for one in told
    ]
    everybody = People(CATEGORIES)
    tally = Tally(everybody, [settled(one, everybody) for one in [*told, *told]])
    for category in (None, *CATEGORIES):
        truth = truths(told, category, frozenset({Verdict.SEEN}))
        assert tally.count(category) == Bounds(len(truth), len(truth))
        listed = {int(key) for _, key, _, _ in everybody.keys(tally.certain(category))}
        assert listed == truth


def answer(rows: int):
    everybody = People(CATEGORIES)
    left = {TABLE.name: Left({}, frozenset(CATEGORIES), frozenset())}
    return everybody.take([(n, "DE", 1) for n in range(rows)], [Carrier(TABLE, "k", "r", ())], left)


def test_the_log_decides_where_it_counts():
    exact = plan_of("select email from customers where country = 'DE'", rows=5)
    assert settle(exact, answer(5), "", 0).outcome is Outcome.EXACT
    fewer = settle(exact, answer(3), "", 0)
    assert (fewer.outcome, fewer.gone, "deleted" in fewer.why) == (Outcome.BOUNDED, 2, True)
    more = settle(exact, answer(7), "", 0)
    assert (more.outcome, more.gone, "added" in more.why) == (Outcome.BOUNDED, 0, True)
    bounded = plan_of("select email from customers where total > 5", rows=5)
    assert settle(bounded, answer(5), "", 0).outcome is Outcome.EXACT
    assert settle(bounded, answer(9), "", 0).outcome is Outcome.BOUNDED
    uncounted = plan_of("select email from customers where id in (1, 2, 3)")
    assert settle(uncounted, answer(3), "", 0).outcome is Outcome.EXACT
    missing = settle(uncounted, answer(2), "", 1)
    assert (missing.outcome, missing.gone) == (Outcome.BOUNDED, 1)
    assert settle(uncounted, answer(4), "two share a hash", 0).outcome is Outcome.BOUNDED
    page = plan_of("select email from customers limit 10")
    assert settle(page, answer(10), "", 0).outcome is Outcome.EXACT
    assert settle(page, answer(11), "", 0).outcome is Outcome.BOUNDED
    assert (
        settle(plan_of("select email from customers where total > 5 limit 10"), answer(9), "", 0).outcome
        is Outcome.BOUNDED
    )
