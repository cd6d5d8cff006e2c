"""The heart of the room: whatever ran, the truth lies within the bounds, for every category and every region."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st
from small_shop import COUNTRIES, Log, Run, Shop, Taken, runs, shops

from streamguard.activity import Verdict
from streamguard.ledger import Span
from streamguard.scope import Bounds, ScopeReport, scope

ALWAYS = Span(0, 10**6)


def taken(shop: Shop, ran: list[Run]) -> list[Taken]:
    log = Log(shop)
    return [log.run(*run) for run in ran]


def report_of(shop: Shop, taken: list[Taken]) -> ScopeReport:
    return scope([one.exposure for one in taken], shop.catalogue, ALWAYS)


def check(bounds: Bounds, regions: dict[str, Bounds], region: object, people: set[int], shop: Shop) -> None:
    assert bounds.holds(len(people))
    for country in COUNTRIES:
        there = sum(shop.country_of(person) == country for person in people)
        assert region(country).holds(there), (country, there, regions)  # type: ignore[operator]


@given(shops(), runs())
@settings(max_examples=200)
def test_the_truth_lies_within_for_every_category_and_region(shop: Shop, ran: list[Run]) -> None:
    done = taken(shop, ran)
    report = report_of(shop, done)
    everybody: set[int] = set()
    for found in report.categories:
        people = {person for one in done for person in one.people.get(found.category, ())}
        everybody |= people
        check(found.people, found.regions, found.region, people, shop)
        assert found.verdict is found.people.verdict
        assert (found.verdict is Verdict.NOT_SEEN) <= (not people)
    check(report.people, report.regions, report.region, everybody, shop)


@given(shops(), runs(), st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_order_and_repeated_delivery_change_nothing(shop: Shop, ran: list[Run], chance: random.Random) -> None:
    exposures = [one.exposure for one in taken(shop, ran)]
    again = [*exposures, *exposures[:2]]
    chance.shuffle(again)
    assert scope(again, shop.catalogue, ALWAYS) == scope(exposures, shop.catalogue, ALWAYS)


@given(shops(), runs())
@settings(max_examples=40)
def test_more_statements_never_lower_what_is_certain(shop: Shop, ran: list[Run]) -> None:
    done = taken(shop, ran)
    fewer, more = report_of(shop, done[:-1]), report_of(shop, done)
    for less, now in zip(fewer.categories, more.categories, strict=True):
        assert now.people.lower >= less.people.lower
