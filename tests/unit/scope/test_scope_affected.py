"""Yes means yes and no means no: answers against the truth of the small shop; lists against chance."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_shop import KEY, Log, Run, Shop, runs, shops

from streamguard.ledger import Span
from streamguard.scope import Affected, Subject, UnclearKeysError, affected, attribute
from streamguard.scope.chance import chance_of
from streamguard.sources.statement import subject_hash

ALWAYS = Span(0, 10**6)


def hashed(person: int) -> str:
    return subject_hash(KEY, str(person))


@given(shops(), runs(), st.booleans())
@settings(max_examples=80)
def test_yes_means_yes_and_no_means_no(shop: Shop, ran: list[Run], knows_region: bool) -> None:
    log = Log(shop)
    done = [log.run(*run) for run in ran]
    people = [int(str(row["id"])) for row in shop.rows["customers"]]
    asking = [Subject(hashed(one), shop.country_of(one) if knows_region else None) for one in people]
    answers = affected([one.exposure for one in done], shop.catalogue, ALWAYS, asking, table="public.customers")
    for person, answer in zip(people, answers, strict=True):
        left = {category for one in done for category, whose in one.people.items() if person in whose}
        for category, said in answer.categories.items():
            assert said is not Affected.YES or category in left
            assert said is not Affected.NO or category not in left
        assert left <= answer.categories.keys()
        assert (answer.answer is Affected.YES) <= bool(left)
        assert (answer.answer is Affected.NO) <= (not left)
        assert (answer.answer is Affected.NO) == (not answer.because)


@given(shops(), runs(), st.data())
@settings(max_examples=40)
def test_who_covers_somebody_had_them(shop: Shop, ran: list[Run], data: st.DataObject) -> None:
    log = Log(shop)
    done = [log.run(*run, employee=data.draw(st.sampled_from(["ann", "bob"]))) for run in ran]
    people = [int(str(row["id"])) for row in shop.rows["customers"]]
    leaked = data.draw(st.lists(st.sampled_from(people), min_size=1, unique=True))
    wanted = [Subject(hashed(one), shop.country_of(one)) for one in leaked]
    found = attribute([one.exposure for one in done], shop.catalogue, ALWAYS, wanted, table="public.customers")
    for suspect in found.suspects:
        mine = [one for one in done if one.exposure.employee == suspect.employee]
        had = {person for one in mine for whose in one.people.values() for person in whose}
        assert suspect.selected <= suspect.covered <= len(had.intersection(leaked))
        assert suspect.covered < found.listed or suspect.could_have_all_ms is not None
        if suspect.could_have_all_ms is None:
            assert not had.issuperset(leaked)


@given(st.integers(1, 30), st.data())
def test_chance_is_the_tail_of_the_hypergeometric_distribution(population: int, data: st.DataObject) -> None:
    drawn, reached = (data.draw(st.integers(0, population)) for _ in range(2))
    hits = data.draw(st.integers(0, min(drawn, reached)))
    ways = sum(
        comb(reached, k) * comb(population - reached, drawn - k)
        for k in range(hits, min(drawn, reached) + 1)
        if drawn - k <= population - reached
    )
    assert chance_of(hits, drawn, reached, population) == pytest.approx(float(Fraction(ways, comb(population, drawn))))


def test_whose_keys_must_be_clear(recorded_incident) -> None:
    asked = recorded_incident.everybody, recorded_incident.catalogue, recorded_incident.span, [Subject("x")]
    with pytest.raises(UnclearKeysError, match=r"no table public\.orders with personal data"):
        affected(*asked, table="public.orders")
    with pytest.raises(UnclearKeysError, match="no statement concerns"):
        affected([], *asked[1:])
